package stream

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/fleetscore/fleetscore/fleet"
)

// ErrCorrupt is that a body is no batch.
var ErrCorrupt = errors.New("not a batch of readings")

// DefaultNames is how many names a Decoder remembers if it is not told otherwise.
const DefaultNames = 1 << 16

// Decoder reads batches, for one goroutine at a time. Of names it has seen lately
// it gives the same strings again, and allocates nothing. The zero value is ready.
type Decoder struct {
	// Names bounds how many names are remembered, or twice as many. 0: DefaultNames.
	Names int

	// When fresh is full it becomes old, and what old had is forgotten, but what was
	// met since is in fresh.
	fresh, old map[string]string
	names      []string // of the batch
}

// Decode appends the readings of a batch to into. With an error, which is
// ErrCorrupt, it returns into as it was. The readings do not refer to body.
func (d *Decoder) Decode(body []byte, into []fleet.Reading) ([]fleet.Reading, error) {
	out, err := d.decode(body, into)
	clear(d.names)
	if err != nil {
		return into, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return out, nil
}

// What is wrong with a batch.
var (
	errEnd      = errors.New("it ends too soon")
	errTrailing = errors.New("something follows its end")
	errName     = errors.New("a name that it does not have")
)

func (d *Decoder) decode(body []byte, out []fleet.Reading) ([]fleet.Reading, error) {
	if len(body) == 0 || body[0] != version {
		return nil, fmt.Errorf("its version is not %d", version)
	}
	c := cursor{body: body[1:]}
	count := c.uvarint()
	unit := c.byte()
	again := unit&replayed != 0
	unit &^= replayed
	body = d.readNames(&c)
	if c.failed || count > uint64(len(body)/2) {
		return nil, errEnd
	}
	if unit > maxUnit {
		return nil, fmt.Errorf("times in 10^%d ns", unit)
	}
	powers := powersOf10()
	per := powers[unit]
	names := d.names
	var device, tag string
	if len(names) > 0 {
		device, tag = names[0], names[0]
	} else if count > 0 {
		return nil, errName
	}
	start := len(out)
	out = grow(out, int(count))
	var time int64
	var seq uint64
	c = cursor{body: body}
	for i := start; i < len(out); i++ {
		head := c.byte()
		if head&sameDevice == 0 {
			n := c.uvarint()
			if n >= uint64(len(names)) {
				return nil, errName
			}
			device = names[n]
		}
		if head&sameTag == 0 {
			n := c.uvarint()
			if n >= uint64(len(names)) {
				return nil, errName
			}
			tag = names[n]
		}
		time += c.varint()
		r := &out[i]
		*r = fleet.Reading{Device: device, Tag: tag, Time: time * per, Received: head&received != 0, Replayed: again}
		if head&hasSeq != 0 {
			seq += uint64(c.varint())
			r.Seq, r.HasSeq = seq, true
		}
		if how := head & valueMask; how >= decimal {
			r.Value = float64(c.varint()) / float64(powers[how-decimal])
		} else {
			r.Value = c.float(int(how))
		}
		if c.failed {
			return nil, errEnd
		}
	}
	if len(c.body) > 0 {
		return nil, errTrailing
	}
	return out, nil
}

// readNames reads the table of names, and returns what follows it.
func (d *Decoder) readNames(c *cursor) []byte {
	d.names = d.names[:0]
	for range min(c.uvarint(), uint64(len(c.body))) {
		size := c.uvarint()
		if size > uint64(len(c.body)) {
			c.failed = true
			break
		}
		d.names = append(d.names, d.intern(c.body[:size]))
		c.body = c.body[size:]
	}
	return c.body
}

func (d *Decoder) intern(name []byte) string {
	if s, ok := d.fresh[string(name)]; ok {
		return s
	}
	if len(name) > fleet.MaxName {
		return string(name) // no sensor has it
	}
	s, ok := d.old[string(name)]
	if !ok {
		s = string(name)
	}
	limit := d.Names
	if limit <= 0 {
		limit = DefaultNames
	}
	if len(d.fresh) >= limit {
		d.fresh, d.old = d.old, d.fresh
		clear(d.fresh)
	}
	if d.fresh == nil {
		d.fresh = make(map[string]string)
	}
	d.fresh[s] = s
	return s
}

// cursor reads numbers off the front of a body; after the end it has failed, and
// all it reads is 0.
type cursor struct {
	body   []byte
	failed bool
}

func (c *cursor) byte() byte {
	if len(c.body) == 0 {
		c.failed = true
		return 0
	}
	b := c.body[0]
	c.body = c.body[1:]
	return b
}

func (c *cursor) uvarint() uint64 {
	if len(c.body) > 0 && c.body[0] < 0x80 {
		v := uint64(c.body[0])
		c.body = c.body[1:]
		return v
	}
	v, n := binary.Uvarint(c.body)
	if n <= 0 {
		c.failed, c.body = true, nil
		return 0
	}
	c.body = c.body[n:]
	return v
}

func (c *cursor) varint() int64 {
	v := c.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// float reads the first bytes of a number whose others are 0.
func (c *cursor) float(size int) float64 {
	var v uint64
	switch {
	case len(c.body) >= 8:
		v = binary.BigEndian.Uint64(c.body) & (^uint64(0) << (64 - 8*size))
	case len(c.body) < size:
		c.failed, c.body = true, nil
		return 0
	default:
		var b [8]byte
		copy(b[:size], c.body)
		v = binary.BigEndian.Uint64(b[:])
	}
	c.body = c.body[size:]
	return math.Float64frombits(v)
}

// grow makes a slice longer by n, whose content is undefined.
func grow(s []fleet.Reading, n int) []fleet.Reading { return slices.Grow(s, n)[:len(s)+n] }
