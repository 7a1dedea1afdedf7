package stream

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/fleetscore/fleetscore/fleet"
)

const (
	version = 1

	valueMask  = 0x0f
	decimal    = 9 // of the ways to write a value, the first that divides
	hasSeq     = 0x10
	received   = 0x20
	sameDevice = 0x40
	sameTag    = 0x80

	replayed = 0x80 // of the unit

	maxUnit   = 9
	maxDigits = 6 // the most digits after the point of a value that is divided
)

func powersOf10() [maxUnit + 1]int64 {
	return [...]int64{1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}
}

// Append appends readings to dst as a batch. Who makes many uses an Encoder.
func Append(dst []byte, readings []fleet.Reading) []byte {
	return new(Encoder).Append(dst, readings)
}

// Encoder makes batches, for one goroutine at a time, and keeps its memory for the
// next. The zero value is ready.
type Encoder struct {
	indexes map[string]uint32
	names   []string
	refs    []uint32 // of each reading its device and its tag
}

// Append appends readings to dst as a batch. It keeps none of them. All of them are
// replayed, or none is: the first says it for all.
func (e *Encoder) Append(dst []byte, readings []fleet.Reading) []byte {
	e.index(readings)
	unit := unitOf(readings)
	dst = append(dst, version)
	dst = binary.AppendUvarint(dst, uint64(len(readings)))
	if len(readings) > 0 && readings[0].Replayed {
		dst = append(dst, byte(unit)|replayed)
	} else {
		dst = append(dst, byte(unit))
	}
	dst = binary.AppendUvarint(dst, uint64(len(e.names)))
	for _, name := range e.names {
		dst = binary.AppendUvarint(dst, uint64(len(name)))
		dst = append(dst, name...)
	}
	per := powersOf10()[unit]
	var device, tag uint32
	var last int64
	var seq uint64
	for i := range readings {
		r := &readings[i]
		how, number := valueOf(r.Value)
		head, at := how, len(dst)
		dst = append(dst, 0)
		if d := e.refs[2*i]; d == device {
			head |= sameDevice
		} else {
			dst, device = binary.AppendUvarint(dst, uint64(d)), d
		}
		if t := e.refs[2*i+1]; t == tag {
			head |= sameTag
		} else {
			dst, tag = binary.AppendUvarint(dst, uint64(t)), t
		}
		t := r.Time / per
		dst, last = binary.AppendVarint(dst, t-last), t
		if r.HasSeq {
			head |= hasSeq
			dst, seq = binary.AppendVarint(dst, int64(r.Seq-seq)), r.Seq
		}
		if r.Received {
			head |= received
		}
		if how >= decimal {
			dst = binary.AppendVarint(dst, int64(number))
		} else {
			for b := range how {
				dst = append(dst, byte(number>>(56-8*b)))
			}
		}
		dst[at] = head
	}
	clear(e.names) // strings of the caller's
	clear(e.indexes)
	return dst
}

// index gives every name of the readings a number.
func (e *Encoder) index(readings []fleet.Reading) {
	if e.indexes == nil {
		e.indexes = make(map[string]uint32)
	}
	e.names, e.refs = e.names[:0], e.refs[:0]
	for i := range readings {
		r := &readings[i]
		if i > 0 && r.Device == readings[i-1].Device {
			e.refs = append(e.refs, e.refs[2*i-2])
		} else {
			e.refs = append(e.refs, e.ref(r.Device))
		}
		if i > 0 && r.Tag == readings[i-1].Tag {
			e.refs = append(e.refs, e.refs[2*i-1])
		} else {
			e.refs = append(e.refs, e.ref(r.Tag))
		}
	}
}

func (e *Encoder) ref(name string) uint32 {
	n, ok := e.indexes[name]
	if !ok {
		n = uint32(len(e.names))
		e.names = append(e.names, name)
		e.indexes[name] = n
	}
	return n
}

// unitOf is the largest that all times are whole numbers of.
func unitOf(readings []fleet.Reading) int {
	powers := powersOf10()
	unit := maxUnit
	for i := range readings {
		for unit > 0 && readings[i].Time%powers[unit] != 0 {
			unit--
		}
	}
	return unit
}

// valueOf says how a value is written the shortest, and what number then is.
func valueOf(value float64) (how byte, number uint64) {
	raw := math.Float64bits(value)
	size := 8 - bits.TrailingZeros64(raw)/8
	if size <= 2 || math.Abs(value) > 1<<40 || value != value {
		return byte(size), raw
	}
	powers := powersOf10()
	for digits := range maxDigits + 1 {
		by := float64(powers[digits])
		whole := math.RoundToEven(value * by)
		if whole/by == value && whole != 0 {
			if n := int64(whole); varintSize(n) < size {
				return byte(decimal + digits), uint64(n)
			}
			break
		}
	}
	return byte(size), raw
}

// varintSize is how many bytes a number takes, zigzag.
func varintSize(n int64) int {
	return (bits.Len64(uint64(n)<<1^uint64(n>>63)|1) + 6) / 7
}
