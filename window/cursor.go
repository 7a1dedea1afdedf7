package window

import (
	"encoding/binary"
	"math"
)

// cursor reads what somebody may have made up. Once something is wrong it reads
// zeros, and err says so.
type cursor struct {
	b   []byte
	err error
}

func (c *cursor) check(ok bool) {
	if !ok {
		c.err, c.b = errDamaged, nil
	}
}

// end returns what was wrong; anything that is left is.
func (c *cursor) end() error {
	c.check(len(c.b) == 0)
	return c.err
}

func (c *cursor) bytes(n uint64) []byte {
	if n > uint64(len(c.b)) {
		c.check(false)
		return nil
	}
	b := c.b[:n]
	c.b = c.b[n:]
	return b
}

func (c *cursor) byte() byte {
	if b := c.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (c *cursor) uvarint() uint64 {
	v, n := binary.Uvarint(c.b)
	if n <= 0 {
		c.check(false)
		return 0
	}
	c.b = c.b[n:]
	return v
}

func (c *cursor) varint() int64 { return unzigzag(c.uvarint()) }

func (c *cursor) uint64() uint64 {
	if b := c.bytes(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (c *cursor) float() float64 { return math.Float64frombits(c.uint64()) }

func (c *cursor) text() string { return string(c.bytes(c.uvarint())) }

// time reads a time from unset to most.
func (c *cursor) time(most int64) int64 {
	t := c.varint()
	c.check(t >= unset && t <= most)
	return t
}

// sketch reads a sketch of at most n values.
func (c *cursor) sketch(s *sketch, n uint64) {
	s.joins = c.byte()
	c.check(s.joins <= maxJoins)
	bins, key := c.uvarint(), int64(0)
	c.check(bins <= maxBins)
	for i := uint64(0); i < bins && c.err == nil; i++ {
		step, count := c.varint(), c.uvarint()
		key += step
		c.check((i == 0 || step > 0) && key == int64(int32(key)) && count > 0 && count <= n)
		n -= count
		s.bins = append(s.bins, bin{int32(key), uint32(count)})
	}
}
