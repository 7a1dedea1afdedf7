package decode

import (
	"math"

	"github.com/fleetscore/fleetscore/fleet"
)

const second = 1_000_000_000

// readTime reads a time as text, and makes it the reading's.
func readTime(text []byte, r *fleet.Reading) flaw {
	if len(text) > 4 && text[4] == '-' && isDigit(text[0]) {
		return readCalendar(text, r)
	}
	d, n := scanNumber(text)
	if n != len(text) || n == 0 {
		return flaw{BadTime, "is neither a time of RFC 3339, such as 2026-11-23T13:00:05Z, nor a number", text}
	}
	return d.epoch(text, r)
}

// epoch makes a number of seconds, milliseconds, microseconds or nanoseconds since
// 1970 the time of the reading.
func (d *decimal) epoch(text []byte, r *fleet.Reading) flaw {
	far := flaw{BadTime, "is a time too far away: it does not fit into 64 bits of nanoseconds", text}
	whole, fraction := d.mantissa, uint64(0) // the fraction in units of 1e-9
	switch {
	case d.over && !d.powered:
		return far
	case d.powered || d.exponent < -18:
		f, ok := d.float(text)
		if f = math.Abs(f); !ok || f >= 1<<63 {
			return far
		}
		whole = uint64(f)
		fraction = uint64((f - math.Floor(f)) * second)
	case d.exponent < -9:
		whole, fraction = d.mantissa/tenTo(-d.exponent), d.mantissa%tenTo(-d.exponent)/tenTo(-d.exponent-9)
	case d.exponent < 0:
		whole, fraction = d.mantissa/tenTo(-d.exponent), d.mantissa%tenTo(-d.exponent)*tenTo(9+d.exponent)
	}
	scale := unitOf(whole)
	if whole > math.MaxInt64/scale {
		return far
	}
	ns := whole*scale + fraction*scale/second
	if ns > math.MaxInt64 {
		return far
	}
	r.Time, r.Received = int64(ns), false
	if d.negative {
		r.Time = -r.Time
	}
	return flaw{}
}

// unitOf tells the unit of an epoch number by its magnitude, in nanoseconds.
func unitOf(n uint64) uint64 {
	switch {
	case n < 1e11:
		return second
	case n < 1e14:
		return 1e6
	case n < 1e17:
		return 1e3
	}
	return 1
}

func tenTo(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

// readCalendar reads a time of RFC 3339. A space may stand for the T.
func readCalendar(b []byte, r *fleet.Reading) flaw {
	form := flaw{BadTime, "is no time of RFC 3339, such as 2026-11-23T13:00:05Z", b}
	if len(b) < len("2006-01-02T15:04:05Z") {
		return form
	}
	var ok [6]bool
	var year, month, day, hour, minute, sec int64
	year, ok[0] = digits(b[0:4])
	month, ok[1] = digits(b[5:7])
	day, ok[2] = digits(b[8:10])
	hour, ok[3] = digits(b[11:13])
	minute, ok[4] = digits(b[14:16])
	sec, ok[5] = digits(b[17:19])
	marks := b[4] == '-' && b[7] == '-' && (b[10]|0x20 == 't' || b[10] == ' ') && b[13] == ':' && b[16] == ':'
	if !marks || ok != [6]bool{true, true, true, true, true, true} {
		return form
	}
	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || sec > 59 {
		return flaw{BadTime, "is a time that the calendar or the clock does not have", b}
	}
	nano, rest := fractionOf(b[19:])
	var offset int64
	offset, ok[0] = offsetOf(rest)
	if !ok[0] {
		return flaw{BadTime, "does not end in Z or an offset from UTC such as +01:00", b}
	}
	s := daysSince1970(year, month, day)*86400 + hour*3600 + minute*60 + sec - offset
	const most = math.MaxInt64 / second
	if s >= most || s <= -most {
		return flaw{BadTime, "is a time too far away: it does not fit into 64 bits of nanoseconds", b}
	}
	r.Time, r.Received = s*second+nano, false
	return flaw{}
}

// digits reads a number that has digits only.
func digits(b []byte) (n int64, ok bool) {
	for _, c := range b {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// fractionOf reads a point and digits, if they are there, and returns what follows.
func fractionOf(b []byte) (nano int64, rest []byte) {
	if len(b) < 2 || b[0] != '.' || !isDigit(b[1]) {
		return 0, b
	}
	unit := int64(second)
	n := 1
	for ; n < len(b) && isDigit(b[n]); n++ {
		unit /= 10
		nano += int64(b[n]-'0') * unit
	}
	return nano, b[n:]
}

// offsetOf reads Z or ±hh:mm, in seconds.
func offsetOf(b []byte) (offset int64, ok bool) {
	if len(b) == 1 && b[0]|0x20 == 'z' {
		return 0, true
	}
	if len(b) != 6 || b[0] != '+' && b[0] != '-' || b[3] != ':' {
		return 0, false
	}
	hour, ok1 := digits(b[1:3])
	minute, ok2 := digits(b[4:6])
	offset = hour*3600 + minute*60
	if b[0] == '-' {
		offset = -offset
	}
	return offset, ok1 && ok2 && hour <= 23 && minute <= 59
}

func daysIn(year, month int64) int64 {
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

// daysSince1970 counts in the Gregorian calendar. Years begin in March here, so that
// the day that only some have is their last.
func daysSince1970(year, month, day int64) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	const before = 719468 // days from 0000-03-01 to 1970-01-01
	return year*365 + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1 - before
}
