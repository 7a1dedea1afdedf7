package decode

import (
	"bytes"
	"math"
	"strconv"

	"github.com/fleetscore/fleetscore/fleet"
)

// exactPowers are the powers of ten that a float64 holds exactly.
var exactPowers = [...]float64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// decimal is a number as it is written: mantissa × 10^exponent.
type decimal struct {
	mantissa uint64
	exponent int
	negative bool
	whole    bool // there is neither point nor exponent
	powered  bool // there is an exponent
	over     bool // digits before the point did not fit into the mantissa
	exact    bool // mantissa and exponent are all there is
}

// scanNumber reads the number that b begins with, by JSON's grammar, and says how
// long it is: 0 if there is none.
func scanNumber(b []byte) (d decimal, n int) {
	d.exact, d.whole = true, true
	if n < len(b) && b[n] == '-' {
		d.negative = true
		n++
	}
	start := n
	for n < len(b) && isDigit(b[n]) {
		d.over = !d.push(b[n]) || d.over
		n++
	}
	if n == start || b[start] == '0' && n > start+1 {
		return d, 0
	}
	if n < len(b) && b[n] == '.' {
		d.whole = false
		n++
		start = n
		for n < len(b) && isDigit(b[n]) {
			if d.push(b[n]) {
				d.exponent--
			}
			n++
		}
		if n == start {
			return d, 0
		}
	}
	if n < len(b) && b[n]|0x20 == 'e' {
		return d.scanExponent(b, n+1)
	}
	return d, n
}

// push appends a digit, if there is room for it.
func (d *decimal) push(c byte) bool {
	if d.mantissa >= 1e18 {
		d.exact = false
		return false
	}
	d.mantissa = d.mantissa*10 + uint64(c-'0')
	return true
}

func (d *decimal) scanExponent(b []byte, n int) (decimal, int) {
	d.whole, d.powered = false, true
	negative := false
	if n < len(b) && (b[n] == '+' || b[n] == '-') {
		negative = b[n] == '-'
		n++
	}
	start, e := n, 0
	for n < len(b) && isDigit(b[n]) {
		e = min(e*10+int(b[n]-'0'), 1_000_000)
		n++
	}
	if n == start {
		return *d, 0
	}
	if negative {
		e = -e
	}
	d.exponent += e
	return *d, n
}

// float is the nearest float64; text is how the number is written.
func (d *decimal) float(text []byte) (float64, bool) {
	if d.exact && d.mantissa < 1<<53 && d.exponent >= -22 && d.exponent <= 22 {
		f := float64(d.mantissa)
		if d.negative {
			f = -f
		}
		if d.exponent < 0 {
			return f / exactPowers[-d.exponent], true
		}
		return f * exactPowers[d.exponent], true
	}
	f, err := strconv.ParseFloat(string(text), 64)
	return f, err == nil
}

// readValue reads a value that is written bare, as in CSV: JSON's numbers, and a
// plus sign or a missing digit beside the point besides.
func readValue(text []byte, r *fleet.Reading) flaw {
	text = trim(text)
	if len(text) == 0 {
		return flaw{BadValue, "value is missing", nil}
	}
	if d, n := scanNumber(text); n == len(text) {
		return d.value(text, r)
	}
	if bytes.ContainsAny(text, "xX_") { // Go's own ways to write a number
		return flaw{BadValue, "is not a number", text}
	}
	v, err := strconv.ParseFloat(string(text), 64)
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return flaw{BadValue, "is not finite", text}
	case err != nil:
		return flaw{BadValue, "is not a number", text}
	}
	r.Value = v
	return flaw{}
}

// value makes it the reading's.
func (d *decimal) value(text []byte, r *fleet.Reading) flaw {
	v, ok := d.float(text)
	if !ok {
		return flaw{BadValue, "is too large for a float64", text}
	}
	r.Value = v
	return flaw{}
}

// readSeq reads a seq.
func readSeq(text []byte, r *fleet.Reading) flaw {
	d, n := scanNumber(text)
	if n != len(text) || n == 0 || !d.whole || d.negative {
		return flaw{BadSeq, "is not a whole number from 0 on", text}
	}
	r.Seq, r.HasSeq = d.mantissa, true
	if !d.exact {
		var err error
		if r.Seq, err = strconv.ParseUint(string(text), 10, 64); err != nil {
			return flaw{BadSeq, "is larger than 2^64-1", text}
		}
	}
	return flaw{}
}
