package pickle

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"
)

// A dtype is what a numpy.dtype says of each element.
type dtype struct {
	letter byte   // the kind: b i u f c O U S V M m
	big    bool   // big-endian
	boxed  bool   // elements are, or contain, Python objects
	built  bool   // has its state
	size   uint32 // bytes of an element
}

// newDType is dtype(code, align, copy).
func (m *machine) newDType(in []cell) (cell, error) {
	if len(in) < 1 || len(in) > 4 || in[0].kind != String {
		return cell{}, m.fail("a dtype without its code")
	}
	code := view(m.doc.bytes(in[0]))
	t, ok := parseDType(code)
	if !ok {
		return cell{}, m.fail("dtype %s is not known", printable(code))
	}
	d := m.doc
	var err error
	if d.dtypes, err = grown(m, d.dtypes, &m.spare.dtypes, 1, m.limits.Cells, "dtypes", "Cells"); err != nil {
		return cell{}, err
	}
	d.dtypes = append(d.dtypes, t)
	return cell{kind: DType, aux: uint32(m.op), bits: uint64(len(d.dtypes) - 1)}, nil
}

// parseDType reads a code such as f8, <i4, U3 or O8.
func parseDType(code string) (dtype, bool) {
	var t dtype
	if code != "" && (code[0] == '<' || code[0] == '>' || code[0] == '|' || code[0] == '=') {
		t.big = code[0] == '>'
		code = code[1:]
	}
	if code == "O" {
		code = "O8"
	}
	if len(code) < 2 {
		return t, false
	}
	n, err := strconv.ParseUint(code[1:], 10, 28)
	if err != nil {
		return t, false
	}
	t.letter, t.size = code[0], uint32(n)
	switch t.letter {
	case 'b':
		return t, n == 1
	case 'i', 'u':
		return t, n == 1 || n == 2 || n == 4 || n == 8
	case 'f':
		return t, n == 2 || n == 4 || n == 8 || n == 12 || n == 16
	case 'c':
		return t, n == 8 || n == 16 || n == 24 || n == 32
	case 'M', 'm':
		return t, n == 8
	case 'O':
		t.boxed = true
		return t, n == 4 || n == 8
	case 'U':
		t.size *= 4
		return t, true
	case 'a':
		t.letter = 'S'
		return t, true
	}
	return t, t.letter == 'S' || t.letter == 'V'
}

// buildDType sets the state of a dtype: (version, byte order, subarray, names,
// fields, size, alignment, flags[, metadata]).
func (m *machine) buildDType(to, state cell) error {
	const hasObject, listPickle = 1, 2 // flags of numpy
	in := m.doc.items(state)
	if state.kind != Tuple || len(in) != 8 && len(in) != 9 {
		return m.fail("the state of a dtype is a tuple of 8 or 9")
	}
	t := &m.doc.dtypes[to.bits]
	if t.built {
		return m.fail("the state of a dtype is set twice")
	}
	order, ok := m.letter(in[1])
	if !ok || order != '<' && order != '>' && order != '|' && order != '=' {
		return m.fail("the byte order of a dtype is not known")
	}
	size, flags := in[5], in[7]
	if size.kind != Int || size.flag != 0 || flags.kind != Int || flags.flag != 0 {
		return m.fail("the size or flags of a dtype are no numbers")
	}
	m.rec.pin(size)
	m.rec.pin(flags)
	switch t.letter {
	case 'U', 'S', 'V':
		if size.bits > math.MaxInt32 {
			return m.fail("a dtype of %d bytes", int64(size.bits))
		}
		t.size = uint32(size.bits)
	}
	boxed := flags.bits&(hasObject|listPickle) != 0
	if boxed && t.letter != 'O' && t.letter != 'V' {
		return m.fail("a dtype of Python objects that are %v", t)
	}
	t.built = true
	t.big = order == '>'
	t.boxed = t.boxed || boxed
	return nil
}

// String is numpy's name of the dtype, without the byte order of numbers.
func (t dtype) String() string {
	order := "<"
	if t.big {
		order = ">"
	}
	switch t.letter {
	case 'b':
		return "bool"
	case 'i':
		return fmt.Sprintf("int%d", 8*t.size)
	case 'u':
		return fmt.Sprintf("uint%d", 8*t.size)
	case 'f':
		return fmt.Sprintf("float%d", 8*t.size)
	case 'c':
		return fmt.Sprintf("complex%d", 8*t.size)
	case 'M':
		return "datetime64"
	case 'm':
		return "timedelta64"
	case 'O':
		return "object"
	case 'U':
		return fmt.Sprintf("%sU%d", order, t.size/4)
	case 'S':
		return fmt.Sprintf("|S%d", t.size)
	case 'V':
		return fmt.Sprintf("|V%d", t.size)
	}
	return "unknown"
}

// numeric reports whether elements are numbers of at most 64 bits.
func (t dtype) numeric() bool {
	switch t.letter {
	case 'b', 'i', 'u':
		return true
	case 'f':
		return t.size == 2 || t.size == 4 || t.size == 8
	}
	return false
}

// read makes a number of the bytes of an element, of a numeric dtype.
func (t dtype) read(b []byte) cell {
	switch {
	case t.letter == 'b' && b[0] != 0:
		return cell{kind: Bool, bits: 1}
	case t.letter == 'b':
		return cell{kind: Bool}
	case t.letter == 'i':
		unused := 64 - 8*t.size
		return cell{kind: Int, bits: uint64(int64(t.uint(b)) << unused >> unused)}
	case t.letter == 'u':
		c := cell{kind: Int, bits: t.uint(b)}
		if c.bits > math.MaxInt64 {
			c.flag = unsigned
		}
		return c
	case t.size == 2:
		return float(fromHalf(uint16(t.uint(b))))
	case t.size == 4:
		return float(float64(math.Float32frombits(t.uint32(b))))
	}
	return cell{kind: Float, bits: t.uint(b)}
}

func float(f float64) cell { return cell{kind: Float, bits: math.Float64bits(f)} }

func (t dtype) uint32(b []byte) uint32 {
	if t.big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

// uint reads an element of 1, 2, 4 or 8 bytes.
func (t dtype) uint(b []byte) uint64 {
	switch {
	case t.size == 1:
		return uint64(b[0])
	case t.size == 4:
		return uint64(t.uint32(b))
	case t.size == 2 && t.big:
		return uint64(binary.BigEndian.Uint16(b))
	case t.size == 2:
		return uint64(binary.LittleEndian.Uint16(b))
	case t.big:
		return binary.BigEndian.Uint64(b)
	}
	return binary.LittleEndian.Uint64(b)
}

// fromHalf is the value of an IEEE 754 half precision number.
func fromHalf(h uint16) float64 {
	sign := 1.0
	if h>>15 != 0 {
		sign = -1
	}
	exponent, fraction := int(h>>10&0x1f), float64(h&0x3ff)
	switch exponent {
	case 0:
		return sign * math.Ldexp(fraction, -24)
	case 0x1f:
		if fraction != 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

// appendText appends an element of dtype U as UTF-8.
func (t dtype) appendText(dst, b []byte) ([]byte, bool) {
	end := len(dst)
	for ; len(b) >= 4; b = b[4:] {
		r := rune(t.uint32(b))
		dst = utf8.AppendRune(dst, r)
		if r != 0 {
			end = len(dst)
		}
	}
	return dst[:end], true
}
