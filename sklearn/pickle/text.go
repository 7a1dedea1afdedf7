package pickle

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// line reads up to the next newline and returns what is before it, and where
// that began.
func (m *machine) line() ([]byte, int, error) {
	n := bytes.IndexByte(m.data[m.pos:], '\n')
	if n < 0 {
		return nil, 0, m.fail("a line without an end: the input is cut short or damaged")
	}
	off := m.pos
	m.pos += n + 1
	return m.data[off : off+n], off, nil
}

func (m *machine) memoIndex() (uint64, error) {
	b, _, err := m.line()
	if err != nil {
		return 0, err
	}
	i, perr := strconv.ParseUint(view(b), 10, 64)
	if perr != nil {
		return 0, m.fail("memo index \"%s\" is no number", printable(view(b)))
	}
	return i, nil
}

func (m *machine) putText() error {
	i, err := m.memoIndex()
	if err != nil {
		return err
	}
	return m.put(i)
}

func (m *machine) getText() error {
	i, err := m.memoIndex()
	if err != nil {
		return err
	}
	return m.get(i)
}

// intText is INT, where 00 and 01 are the booleans.
func (m *machine) intText() error {
	b, off, err := m.line()
	if err != nil {
		return err
	}
	switch view(b) {
	case "00":
		return m.pushNumber(Bool, 0)
	case "01":
		return m.pushNumber(Bool, 1)
	}
	return m.decimal(b, off)
}

func (m *machine) longText() error {
	b, off, err := m.line()
	if err != nil {
		return err
	}
	return m.decimal(bytes.TrimSuffix(b, []byte{'L'}), off)
}

// decimal pushes an integer. One of more than 64 bits stays text: converting it
// would take the square of its length.
func (m *machine) decimal(b []byte, off int) error {
	if v, err := strconv.ParseInt(view(b), 10, 64); err == nil {
		return m.pushNumber(Int, uint64(v))
	}
	digits := bytes.TrimLeft(b, "+-")
	if len(digits) == 0 || len(b)-len(digits) > 1 {
		return m.fail("\"%s\" is no integer", printable(view(b)))
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return m.fail("\"%s\" is no integer", printable(view(b)))
		}
	}
	return m.push(cell{kind: Int, flag: long, aux: uint32(len(b)), bits: uint64(off)})
}

func (m *machine) floatText() error {
	b, _, err := m.line()
	if err != nil {
		return err
	}
	if bytes.ContainsAny(b, "xXpP_") { // Go reads more notations than Python
		return m.fail("\"%s\" is no float", printable(view(b)))
	}
	v, perr := strconv.ParseFloat(view(b), 64)
	if perr != nil && !math.IsInf(v, 0) {
		return m.fail("\"%s\" is no float", printable(view(b)))
	}
	return m.pushNumber(Float, math.Float64bits(v))
}

// stringText is STRING: a Python 2 byte string as its repr shows it.
func (m *machine) stringText() error {
	b, off, err := m.line()
	if err != nil {
		return err
	}
	if len(b) < 2 || b[0] != b[len(b)-1] || b[0] != '\'' && b[0] != '"' {
		return m.fail("a string without its quotes")
	}
	b, off = b[1:len(b)-1], off+1
	if bytes.IndexByte(b, '\\') < 0 {
		return m.push(cell{kind: String, flag: python2, aux: uint32(len(b)), bits: uint64(off)})
	}
	return m.pushDecoded(python2, b, appendUnescaped)
}

// unicodeText is UNICODE: text in Python's raw-unicode-escape encoding, which is
// latin1 with \uXXXX and \UXXXXXXXX for the rest.
func (m *machine) unicodeText() error {
	b, off, err := m.line()
	if err != nil {
		return err
	}
	if bytes.IndexByte(b, '\\') < 0 && ascii(b) {
		return m.push(cell{kind: String, aux: uint32(len(b)), bits: uint64(off)})
	}
	return m.pushDecoded(0, b, appendRawUnicode)
}

// A decoder appends what b means to dst, at most 2 bytes for each of b, and
// reports whether b is well formed.
type decoder func(dst, b []byte) ([]byte, bool)

func (m *machine) pushDecoded(f flag, b []byte, decode decoder) error {
	c, err := m.decoded(String, f, b, decode)
	if err != nil {
		return err
	}
	return m.push(c)
}

// decoded makes a value of what decode makes of b, in the side buffer.
func (m *machine) decoded(kind Kind, f flag, b []byte, decode decoder) (cell, error) {
	if err := m.decode(len(b)); err != nil {
		return cell{}, err
	}
	d := m.doc
	var err error
	if d.side, err = grown(m, d.side, &m.spare.side, 2*len(b), math.MaxUint32, "bytes of converted text", "Decoded"); err != nil {
		return cell{}, err
	}
	off := len(d.side)
	side, ok := decode(d.side, b)
	if !ok {
		return cell{}, m.fail("text that is not in the encoding it should be in")
	}
	d.side = side
	return cell{kind: kind, flag: f | inSide, aux: uint32(len(side) - off), bits: uint64(off)}, nil
}

// appendRawUnicode appends b, in raw-unicode-escape, as UTF-8. A backslash that
// begins no escape stands for itself together with what follows it, and a lone
// surrogate becomes U+FFFD.
func appendRawUnicode(dst, b []byte) ([]byte, bool) {
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' || i+1 == len(b) {
			dst = utf8.AppendRune(dst, rune(b[i]))
			continue
		}
		i++
		digits := 0
		switch b[i] {
		case 'u':
			digits = 4
		case 'U':
			digits = 8
		default:
			dst = utf8.AppendRune(append(dst, '\\'), rune(b[i]))
			continue
		}
		if i+digits >= len(b) {
			return dst, false
		}
		r, err := strconv.ParseUint(view(b[i+1:i+1+digits]), 16, 32)
		if err != nil || r > utf8.MaxRune {
			return dst, false
		}
		dst = utf8.AppendRune(dst, rune(r))
		i += digits
	}
	return dst, true
}

// appendUnescaped appends b with Python's escapes in byte strings resolved. As
// in Python, a backslash before anything else stays.
func appendUnescaped(dst, b []byte) ([]byte, bool) {
	const letters, meanings = `\'"abfnrtv`, "\\'\"\a\b\f\n\r\t\v"
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			dst = append(dst, b[i])
			continue
		}
		i++
		if i == len(b) {
			return dst, false
		}
		digits, base := 0, 16
		switch c := b[i]; {
		case c == 'x':
			i++
			digits = 2
		case c >= '0' && c <= '7':
			base = 8
			for digits < 3 && i+digits < len(b) && b[i+digits] >= '0' && b[i+digits] <= '7' {
				digits++
			}
		default:
			if k := strings.IndexByte(letters, c); k >= 0 {
				dst = append(dst, meanings[k])
			} else {
				dst = append(dst, '\\', c)
			}
			continue
		}
		if i+digits > len(b) {
			return dst, false
		}
		v, err := strconv.ParseUint(view(b[i:i+digits]), base, 16)
		if err != nil {
			return dst, false
		}
		dst = append(dst, byte(v))
		i += digits - 1
	}
	return dst, true
}

// appendLatin1 appends UTF-8 text as latin1, one byte a character.
func appendLatin1(dst, b []byte) ([]byte, bool) {
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c >= utf8.RuneSelf {
			i++
			if c&^1 != 0xc2 || i == len(b) || b[i]&0xc0 != 0x80 {
				return dst, false
			}
			c = c<<6 | b[i]&0x3f
		}
		dst = append(dst, c)
	}
	return dst, true
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
