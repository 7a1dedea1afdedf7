package readings

import (
	"bytes"
	"strconv"
)

// A number says how a value was written.
type number uint8

const (
	integer   number = iota // an integer within an int64
	decimal                 // any other finite number
	missing                 // empty, or a word for a missing value
	infinite                // a word for an infinity
	tooLarge                // a number beyond the range of a float64
	notNumber               // anything else
)

// The powers of ten that a float64 holds exactly.
var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

const (
	maxExact  = 1 << 53 // every integer up to here is a float64
	maxDigits = 19      // that always fit into a uint64
)

// parseValue reads a number in plain or exponent notation, correctly rounded.
// The float is valid for integer and decimal only.
func parseValue(text []byte) (float64, number) {
	text = trim(text)
	i := 0
	negative := len(text) > 0 && text[0] == '-'
	if negative || len(text) > 0 && text[0] == '+' {
		i++
	}
	mantissa, start := uint64(0), i
	for ; i < len(text) && isDigit(text[i]); i++ {
		mantissa = mantissa*10 + uint64(text[i]-'0')
	}
	digits, fraction := i-start, 0
	kind := integer
	if i < len(text) && text[i] == '.' {
		kind = decimal
		i++
		start = i
		for ; i < len(text) && isDigit(text[i]); i++ {
			mantissa = mantissa*10 + uint64(text[i]-'0')
		}
		fraction = i - start
		digits += fraction
	}
	if digits == 0 {
		return 0, wordOrNot(text)
	}
	exponent := 0
	if i < len(text) && text[i]|0x20 == 'e' {
		kind = decimal
		var ok bool
		if exponent, ok = parseExponent(text[i+1:]); !ok {
			return 0, notNumber
		}
		i = len(text)
	}
	if i != len(text) {
		return 0, wordOrNot(text)
	}
	exponent -= fraction
	if digits > maxDigits || mantissa > maxExact || exponent < -22 || exponent > 22 {
		return parseLong(text, kind)
	}
	// Both operands are exact, so IEEE 754 rounds the result once, correctly.
	v := float64(mantissa)
	if exponent < 0 {
		v /= pow10[-exponent]
	} else {
		v *= pow10[exponent]
	}
	if negative {
		v = -v
	}
	return v, kind
}

// parseExponent reads what follows an e. Values beyond any float64 are clipped.
func parseExponent(text []byte) (int, bool) {
	negative := len(text) > 0 && text[0] == '-'
	if negative || len(text) > 0 && text[0] == '+' {
		text = text[1:]
	}
	if len(text) == 0 {
		return 0, false
	}
	n := 0
	for _, c := range text {
		if !isDigit(c) {
			return 0, false
		}
		n = min(n*10+int(c-'0'), 1e6)
	}
	if negative {
		n = -n
	}
	return n, true
}

// parseLong reads what the fast path cannot; text is a well-formed number.
func parseLong(text []byte, kind number) (float64, number) {
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return 0, tooLarge
	}
	if kind == integer {
		if n, err := strconv.ParseInt(string(text), 10, 64); err != nil || n > maxExact || n < -maxExact {
			kind = decimal // it would not come back as it was
		}
	}
	return v, kind
}

// wordOrNot tells the words for missing and infinite values, those of pandas in
// any case, from anything else.
func wordOrNot(text []byte) number {
	if len(text) == 0 {
		return missing
	}
	if len(text) > len("-infinity") {
		return notNumber
	}
	var lower [len("-infinity")]byte
	n := copy(lower[:], text)
	for i, c := range lower[:n] {
		if c >= 'A' && c <= 'Z' {
			lower[i] = c | 0x20
		}
	}
	switch string(lower[:n]) {
	case "na", "n/a", "#n/a", "#na", "#n/a n/a", "<na>", "null", "none",
		"nan", "-nan", "+nan", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan":
		return missing
	case "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity", "1.#inf", "-1.#inf":
		return infinite
	}
	return notNumber
}

func isDigit(c byte) bool { return c-'0' <= 9 }

// trim cuts spaces and tabs off both ends.
func trim(text []byte) []byte {
	if len(text) > 0 && text[0] > ' ' && text[len(text)-1] > ' ' {
		return text
	}
	return bytes.Trim(text, " \t")
}
