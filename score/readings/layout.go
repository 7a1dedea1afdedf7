package readings

const second = 1_000_000_000 // nanoseconds

var tenTo = [...]uint32{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}

// An epoch is the unit of a time that is written as a number since 1970.
type epoch uint8

const (
	noEpoch epoch = iota // a date
	epochSeconds
	epochMillis
	epochMicros
	epochNanos
)

// epochOf tells the unit from the size of the number. With these limits, each
// unit reads from 1973 to 5138, or as far as nanoseconds in an int64 go.
func epochOf(n uint64) epoch {
	switch {
	case n < 1e11:
		return epochSeconds
	case n < 1e14:
		return epochMillis
	case n < 1e17:
		return epochMicros
	default:
		return epochNanos
	}
}

func (e epoch) perSecond() uint64 {
	switch e {
	case epochMillis:
		return 1e3
	case epochMicros:
		return 1e6
	case epochNanos:
		return 1e9
	default:
		return 1
	}
}

// A layout is how the body of a time is written: all but the zone and the white
// space.
type layout struct {
	epoch     epoch
	separator byte  // between date and time of day; 0 where there is a date only
	seconds   bool  // after hours and minutes
	point     byte  // before the fraction; 0 without one
	digits    uint8 // of the fraction, at most maxFraction
	offset    int32 // the zone, in seconds east of UTC
}

// append writes ns in the layout.
func (l layout) append(dst []byte, ns int64) []byte {
	if l.epoch != noEpoch {
		return l.appendEpoch(dst, ns)
	}
	seconds := ns / second
	fraction := ns % second
	if fraction < 0 {
		seconds, fraction = seconds-1, fraction+second
	}
	seconds += int64(l.offset)
	days := seconds / day
	ofDay := int(seconds % day)
	if ofDay < 0 {
		days, ofDay = days-1, ofDay+day
	}
	year, month, dayOfMonth := dateOf(days)
	dst = appendTwo(appendTwo(dst, year/100), year%100)
	dst = appendTwo(append(dst, '-'), month)
	dst = appendTwo(append(dst, '-'), dayOfMonth)
	if l.separator == 0 {
		return dst
	}
	dst = appendTwo(append(dst, l.separator), ofDay/3600)
	dst = appendTwo(append(dst, ':'), ofDay/60%60)
	if !l.seconds {
		return dst
	}
	dst = appendTwo(append(dst, ':'), ofDay%60)
	return l.appendFraction(dst, uint32(fraction))
}

func (l layout) appendEpoch(dst []byte, ns int64) []byte {
	n := uint64(ns)
	if ns < 0 {
		n = -n
		dst = append(dst, '-')
	}
	perSecond := l.epoch.perSecond()
	tick := second / perSecond
	dst = appendNumber(dst, n/tick)
	return l.appendFraction(dst, uint32(n%tick*perSecond))
}

// appendFraction writes the point and the digits of a fraction in 1e-9.
func (l layout) appendFraction(dst []byte, fraction uint32) []byte {
	if l.point == 0 {
		return dst
	}
	dst = append(dst, l.point)
	for i := range l.digits {
		dst = append(dst, '0'+byte(fraction/tenTo[maxFraction-1-i]%10))
	}
	return dst
}

func appendTwo(dst []byte, n int) []byte {
	return append(dst, '0'+byte(n/10), '0'+byte(n%10))
}

func appendNumber(dst []byte, n uint64) []byte {
	if n >= 10 {
		dst = appendNumber(dst, n/10)
	}
	return append(dst, '0'+byte(n%10))
}
