package readings

import "errors"

// The limits of a time's text.
const (
	maxTime     = 255 // bytes, white space included
	maxFraction = 9   // digits that count; what follows is below a nanosecond
	maxEpoch    = 19  // digits of an epoch number, which fit into a uint64
)

// A fault says why a time could not be read.
type fault uint8

const (
	noFault     fault = iota
	timeEmpty         // there is no text
	timeUnknown       // the text is not written as a time
	timeMissing       // the calendar or the clock has no such time
	timeTooFar        // nanoseconds since 1970 do not fit into an int64
)

// parsed is a time that was read: the instant, how its body was written, and
// the text before and after the body.
type parsed struct {
	ns         int64
	layout     layout
	lead, tail []byte
}

// parseTime reads a time in one of the forms that the package comment lists.
func parseTime(text []byte) (parsed, fault) {
	body := trim(text)
	switch {
	case len(body) == 0:
		return parsed{}, timeEmpty
	case len(text) > maxTime:
		return parsed{}, timeUnknown
	}
	start := 0
	for isBlank(text[start]) {
		start++
	}
	read := readEpoch
	if len(body) > 4 && body[4] == '-' && isDigit(body[0]) {
		read = readCalendar
	}
	l, ns, rest, f := read(body)
	if f != noFault {
		return parsed{}, f
	}
	end := start + len(body) - rest
	return parsed{ns: ns, layout: l, lead: text[:start], tail: text[end:]}, noFault
}

// readEpoch reads a number of seconds, milliseconds, microseconds or
// nanoseconds since 1970. Its unit follows from the size of its integer part.
func readEpoch(b []byte) (l layout, ns int64, rest int, f fault) {
	i := 0
	if b[0] == '-' {
		i++
	}
	n, start := uint64(0), i
	for ; i < len(b) && isDigit(b[i]); i++ {
		n = n*10 + uint64(b[i]-'0')
	}
	digits := i - start
	fraction, after := readFraction(b[i:], &l)
	switch {
	case digits == 0 || after != len(b[i:]):
		return l, 0, 0, timeUnknown
	case digits > maxEpoch:
		return l, 0, 0, timeTooFar
	}
	l.epoch = epochOf(n)
	perSecond := l.epoch.perSecond()
	seconds := int64(n / perSecond)
	below := int64(n%perSecond*(second/perSecond)) + fraction/int64(perSecond)
	if b[0] == '-' {
		seconds, below = -seconds, -below
	}
	ns, f = nanoseconds(seconds, below)
	return l, ns, 0, f
}

// readFraction reads a point or a comma and the digits after it, if there are
// any. It returns the fraction in units of 1e-9 and the bytes read.
func readFraction(b []byte, l *layout) (fraction int64, n int) {
	if len(b) == 0 || b[0] != '.' && b[0] != ',' {
		return 0, 0
	}
	l.point = b[0]
	for n = 1; n < len(b) && isDigit(b[n]); n++ {
		if l.digits < maxFraction {
			fraction = fraction*10 + int64(b[n]-'0')
			l.digits++
		}
	}
	return fraction * int64(tenTo[maxFraction-l.digits]), n
}

// nanoseconds puts seconds and a part of a second together, if the sum fits.
func nanoseconds(seconds, part int64) (int64, fault) {
	if seconds < 0 && part > 0 {
		seconds, part = seconds+1, part-second
	}
	const most = (1<<63 - 1) / second
	if seconds > most || seconds < -most {
		return 0, timeTooFar
	}
	ns := seconds*second + part
	if seconds > 0 && ns < 0 || seconds < 0 && ns > 0 {
		return 0, timeTooFar
	}
	return ns, noFault
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// ParseTime reads one time, as rows have it: nanoseconds since 1970.
func ParseTime(text string) (int64, error) {
	p, f := parseTime([]byte(text))
	if f != noFault {
		return 0, errors.New(f.message([]byte(text)))
	}
	return p.ns, nil
}
