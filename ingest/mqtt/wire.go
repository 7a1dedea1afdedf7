package mqtt

import (
	"encoding/binary"
	"errors"
	"unicode/utf8"
)

// The types of packets that matter here.
const (
	connect     = 1
	publish     = 3
	pubrel      = 6
	subscribe   = 8
	unsubscribe = 10
	pingreq     = 12
	disconnect  = 14
)

// What can be wrong with a packet.
var (
	errMalformed = errors.New("malformed packet")
	errTooLarge  = errors.New("packet too large")
	errProtocol  = errors.New("protocol error")
)

// packet is one without its header. The body is a part of the read buffer.
type packet struct {
	kind, flags byte
	body        []byte
}

// next cuts the first packet off b. n is how long it is; 0 if it is not all there.
func next(b []byte, most int) (p packet, n int, err error) {
	if len(b) < 2 {
		return p, 0, nil
	}
	length, n := varint(b[1:])
	switch {
	case n < 0:
		return p, 0, errMalformed
	case n == 0:
		return p, 0, nil
	}
	if n++; length > most-n {
		return p, 0, errTooLarge
	}
	if len(b) < n+length {
		return p, 0, nil
	}
	return packet{b[0] >> 4, b[0] & 0x0f, b[n : n+length]}, n + length, nil
}

// varint reads a variable byte integer, and says how long it is: 0 if it is not all
// there, -1 if it is none.
func varint(b []byte) (value, n int) {
	for n < len(b) && n < 4 {
		c := b[n]
		value |= int(c&0x7f) << (7 * n)
		if n++; c < 0x80 {
			return value, n
		}
	}
	if n == 4 {
		return 0, -1
	}
	return 0, 0
}

// cursor reads fields off the front of a body; after the end it has failed, and all
// it reads is empty.
type cursor struct {
	b      []byte
	failed bool
}

func (c *cursor) take(n int) []byte {
	if n > len(c.b) {
		c.failed, c.b = true, nil
		return nil
	}
	taken := c.b[:n]
	c.b = c.b[n:]
	return taken
}

func (c *cursor) byte() byte {
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (c *cursor) uint16() int {
	if b := c.take(2); b != nil {
		return int(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (c *cursor) uint32() uint32 {
	if b := c.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (c *cursor) varint() int {
	value, n := varint(c.b)
	if n <= 0 {
		c.failed, c.b = true, nil
		return 0
	}
	c.b = c.b[n:]
	return value
}

// binary reads bytes that have their length before them.
func (c *cursor) binary() []byte { return c.take(c.uint16()) }

// text reads UTF-8 that has its length before it, and no NUL.
func (c *cursor) text() []byte {
	b := c.binary()
	for _, char := range b {
		if char == 0 {
			c.failed = true
		}
	}
	if !utf8.Valid(b) {
		c.failed = true
	}
	return b
}

// The properties that matter here.
const (
	sessionExpiry  = 0x11
	authMethod     = 0x15
	receiveMaximum = 0x21
	topicAlias     = 0x23
)

// properties reads those of MQTT 5. Of those that are numbers, each is told the value;
// of the others, 0.
func (c *cursor) properties(each func(id int, value uint32)) {
	inner := cursor{b: c.take(c.varint())}
	for len(inner.b) > 0 {
		id, value := inner.varint(), uint32(0)
		switch id {
		case 0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2a:
			value = uint32(inner.byte())
		case 0x13, receiveMaximum, 0x22, topicAlias:
			value = uint32(inner.uint16())
		case 0x02, sessionExpiry, 0x18, 0x27:
			value = inner.uint32()
		case 0x0b:
			value = uint32(inner.varint())
		case 0x03, 0x08, 0x12, authMethod, 0x1a, 0x1c, 0x1f:
			inner.text()
		case 0x09, 0x16:
			inner.binary()
		case 0x26:
			inner.text()
			inner.text()
		default:
			inner.failed = true
		}
		if inner.failed {
			break
		}
		each(id, value)
	}
	c.failed = c.failed || inner.failed
}
