package readings

const day = 86_400 // seconds

// readCalendar reads a date, perhaps with a time of day and a zone. rest is the
// length of the zone's text at the end.
func readCalendar(b []byte) (l layout, ns int64, rest int, f fault) {
	if len(b) < 10 || b[7] != '-' {
		return l, 0, 0, timeUnknown
	}
	century, ok1 := twoDigits(b[0:])
	year, ok2 := twoDigits(b[2:])
	month, ok3 := twoDigits(b[5:])
	dayOfMonth, ok4 := twoDigits(b[8:])
	year += 100 * century
	switch {
	case !(ok1 && ok2 && ok3 && ok4):
		return l, 0, 0, timeUnknown
	case month < 1 || month > 12 || dayOfMonth < 1 || dayOfMonth > daysIn(year, month):
		return l, 0, 0, timeMissing
	}
	seconds, fraction := day*daysSince1970(year, month, dayOfMonth), int64(0)
	if len(b) > 10 {
		var ofDay int64
		if ofDay, fraction, rest, f = readClock(b[10:], &l); f != noFault {
			return l, 0, 0, f
		}
		seconds += ofDay - int64(l.offset)
	}
	ns, f = nanoseconds(seconds, fraction)
	return l, ns, rest, f
}

// readClock reads a separator, a time of day and a zone. It returns the second
// of the day, the fraction of the second in 1e-9 and the length of the zone.
func readClock(b []byte, l *layout) (ofDay, fraction int64, zone int, f fault) {
	if len(b) < 6 || b[3] != ':' || b[0] != ' ' && b[0]|0x20 != 't' {
		return 0, 0, 0, timeUnknown
	}
	l.separator = b[0]
	h, ok1 := twoDigits(b[1:])
	m, ok2 := twoDigits(b[4:])
	s, ok3 := 0, true
	b = b[6:]
	if len(b) > 2 && b[0] == ':' {
		l.seconds = true
		s, ok3 = twoDigits(b[1:])
		var n int
		fraction, n = readFraction(b[3:], l)
		b = b[3+n:]
	}
	switch {
	case !(ok1 && ok2 && ok3):
		return 0, 0, 0, timeUnknown
	case h > 23 || m > 59 || s > 60: // 60 is a leap second: the next minute
		return 0, 0, 0, timeMissing
	}
	l.offset, f = readZone(b)
	return int64(h*3600 + m*60 + s), fraction, len(b), f
}

// readZone reads Z, UTC, +hh, +hhmm or +hh:mm, perhaps after spaces, or nothing,
// which means UTC. It returns the seconds east of UTC.
func readZone(b []byte) (int32, fault) {
	for len(b) > 0 && b[0] == ' ' {
		b = b[1:]
	}
	switch {
	case len(b) == 0, len(b) == 1 && b[0]|0x20 == 'z', string(b) == "UTC":
		return 0, noFault
	case len(b) < 3 || b[0] != '+' && b[0] != '-':
		return 0, timeUnknown
	}
	negative := b[0] == '-'
	h, ok := twoDigits(b[1:])
	m := 0
	b = b[3:]
	if len(b) == 3 && b[0] == ':' {
		b = b[1:]
	}
	if ok && len(b) == 2 {
		m, ok = twoDigits(b)
		b = nil
	}
	switch {
	case !ok || len(b) > 0:
		return 0, timeUnknown
	case h > 23 || m > 59:
		return 0, timeMissing
	}
	offset := int32(h*3600 + m*60)
	if negative {
		offset = -offset
	}
	return offset, noFault
}

// twoDigits reads the number in the first two bytes of b, which has them.
func twoDigits(b []byte) (int, bool) {
	tens, ones := b[0]-'0', b[1]-'0'
	return int(tens)*10 + int(ones), tens <= 9 && ones <= 9
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// In the Gregorian calendar, counted from a 1 March so that the leap day is the
// year's last, every 400 years have the same days, and the days before a month
// are a linear function of it.
const (
	daysIn400  = 146_097
	daysTo1970 = 719_468 // from 1 March of the year 0
)

// daysSince1970 is the number of days from 1970-01-01 to the given date, of a
// year from 0 on.
func daysSince1970(year, month, dayOfMonth int) int64 {
	m := (month + 9) % 12
	if month <= 2 {
		year--
	}
	year += 400 // never negative
	days := year*365 + year/4 - year/100 + year/400 + (153*m+2)/5 + dayOfMonth - 1
	return int64(days - daysIn400 - daysTo1970)
}

// dateOf is the inverse of daysSince1970, from the year 1 on.
func dateOf(days int64) (year, month, dayOfMonth int) {
	n := uint32(days + daysTo1970)
	era, ofEra := n/daysIn400, n%daysIn400
	ofYear400 := (ofEra - ofEra/1460 + ofEra/36_524 - ofEra/146_096) / 365
	ofYear := ofEra - (365*ofYear400 + ofYear400/4 - ofYear400/100)
	m := (5*ofYear + 2) / 153
	dayOfMonth = int(ofYear-(153*m+2)/5) + 1
	year, month = int(era*400+ofYear400), int(m)+3
	if month > 12 {
		year, month = year+1, month-12
	}
	return year, month, dayOfMonth
}
