package pickle

import (
	"encoding/binary"
	"math"
)

// skip steps over n bytes and returns where they began.
func (m *machine) skip(n uint64) (int, error) {
	if left := len(m.data) - m.pos; n > uint64(left) {
		return 0, m.fail("%d bytes are wanted and %d are left: the input is cut short or damaged", n, left)
	}
	off := m.pos
	m.pos += int(n)
	return off, nil
}

// number reads an unsigned little-endian number of 1, 2, 4 or 8 bytes.
func (m *machine) number(width int) (uint64, error) {
	off, err := m.skip(uint64(width))
	if err != nil {
		return 0, err
	}
	b := m.data[off:m.pos]
	switch width {
	case 1:
		return uint64(b[0]), nil
	case 2:
		return uint64(binary.LittleEndian.Uint16(b)), nil
	case 4:
		return uint64(binary.LittleEndian.Uint32(b)), nil
	}
	return binary.LittleEndian.Uint64(b), nil
}

// text pushes the bytes that follow their length of the given width.
func (m *machine) text(kind Kind, f flag, width int) error {
	n, err := m.number(width)
	if err != nil {
		return err
	}
	if f == python2 && n > math.MaxInt32 {
		return m.fail("a string of negative length")
	}
	off, err := m.skip(n)
	if err != nil {
		return err
	}
	return m.push(cell{kind: kind, flag: f, aux: uint32(n), bits: uint64(off)})
}

func (m *machine) binInt(width int) error {
	m.binary = true
	v, err := m.number(width)
	if width == 4 {
		v = uint64(int64(int32(v)))
	}
	if err != nil {
		return err
	}
	return m.pushNumber(Int, v)
}

func (m *machine) binFloat() error {
	m.binary = true
	off, err := m.skip(8)
	if err != nil {
		return err
	}
	return m.pushNumber(Float, binary.BigEndian.Uint64(m.data[off:]))
}

// long pushes a two's complement integer of any length. One that does not fit
// 64 bits stays as it is, so that its size never costs more than its bytes.
func (m *machine) long(width int) error {
	n, err := m.number(width)
	if err != nil {
		return err
	}
	if n > math.MaxInt32 {
		return m.fail("an integer of negative length")
	}
	off, err := m.skip(n)
	if err != nil {
		return err
	}
	b := m.data[off:m.pos]
	for len(b) > 8 && (b[len(b)-1] == 0 && b[len(b)-2] < 0x80 || b[len(b)-1] == 0xff && b[len(b)-2] >= 0x80) {
		b = b[:len(b)-1]
	}
	if len(b) > 8 {
		return m.push(cell{kind: Int, flag: long, aux: uint32(len(b)), bits: uint64(off)})
	}
	var v int64
	for i := len(b) - 1; i >= 0; i-- {
		v = v<<8 | int64(b[i])
	}
	if unused := 64 - 8*len(b); len(b) > 0 {
		v = v << unused >> unused
	}
	return m.pushNumber(Int, uint64(v))
}

func (m *machine) pushNumber(kind Kind, bits uint64) error {
	return m.push(cell{kind: kind, aux: uint32(m.op), bits: bits})
}
