package pickle

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// A template is a file that was parsed, as a pattern for files that differ from it
// in numbers and in the bytes of arrays alone: constant bytes with holes between.
// Its Document becomes that of a file which fits, by writing into it what
// the holes hold and moving the offsets behind them. It shares no memory with
// the file that it was made of.
type template struct {
	doc     Document
	text    []byte // the constant bytes, one stretch after the other
	holes   []hole
	found   []finding // what a file has in each hole
	checks  []check
	scalars []scalarPatch
	need    need

	hits, misses int // misses since the last hit
}

type holeKind uint8

const (
	intHole   holeKind = iota // BININT1, BININT2, BININT or LONG1
	floatHole                 // BINFLOAT
	bytesHole                 // SHORT_BINBYTES, BINBYTES, BINBYTES8 or BYTEARRAY8
	frameHole                 // FRAME
	frameEnd                  // where a frame must end; no bytes
	rawHole                   // BUILD, padding, and the elements of a joblib array
)

// A hole is what may differ: an opcode with its operand. What follows it up to the
// next hole moves with its end.
type hole struct {
	kind    holeKind
	framed  bool   // raw: a frame ends after BUILD
	aligned bool   // raw: there is padding
	before  uint32 // constant bytes before it
	size    int64  // bytes: how many there must be, or -1
	check   int    // raw: the check that tells how many bytes there are
	most    int64  // raw: bytes of padding

	end     uint32    // where it ended in the file before
	numbers []*uint64 // what to set to its number
	bytes   []*cell   // what to set to the place and length of its bytes
	moved   moved     // what lies between its end and that of the next
}

// moved is what holds offsets.
type moved struct {
	ops     []*uint32
	bytes   []*uint64
	globals []*int
}

// A finding is what a file has in a hole.
type finding struct {
	end  uint32
	n    uint64 // the number of bytes
	bits uint64 // the number; of bytes, where they begin
}

// A check compares the shape of an array with what it holds.
type check struct {
	array *array
	dims  []dimension
	unit  uint64 // bytes of an element; 1 where the elements are objects
	hole  int    // the hole of its bytes, or -1
	want  uint64 // the number of bytes or objects, where there is no hole
	count uint32 // in the file that was walked last
}

// A dimension is the number in a hole, or a constant.
type dimension struct {
	hole  int // or -1
	value uint64
}

// A scalarPatch makes numbers of the bytes in a hole, as a call of scalar does.
type scalarPatch struct {
	hole    int
	dtype   dtype
	numbers []*cell
}

// longestHole is the most bytes that walk looks at without asking whether they are there:
// LONG1 and 8 bytes. A hole so near the end of a file is none.
const longestHole = 10

// walk finds out whether data fits, and what it has in the holes. The Document stays
// as it was.
func (t *template) walk(data []byte, limits *Limits) bool {
	text, pos, frame := t.text, 0, uint64(0)
	for i := range t.holes {
		h, f := &t.holes[i], &t.found[i]
		n := int(h.before)
		if len(data)-pos < n || string(data[pos:pos+n]) != string(text[:n]) {
			return false
		}
		pos += n
		text = text[n:]
		rest := data[pos:]
		if len(rest) < longestHole && h.kind != frameEnd {
			return false
		}
		switch h.kind {
		case intHole:
			switch rest[0] {
			case opBinInt1:
				f.bits = uint64(rest[1])
				pos += 2
			case opBinInt2:
				f.bits = uint64(binary.LittleEndian.Uint16(rest[1:]))
				pos += 3
			case opBinInt:
				f.bits = uint64(int64(int32(binary.LittleEndian.Uint32(rest[1:]))))
				pos += 5
			case opLong1:
				n := uint(rest[1])
				if n > 8 {
					return false
				}
				unused := 64 - 8*n
				f.bits = uint64(int64(binary.LittleEndian.Uint64(rest[2:])<<unused) >> unused)
				pos += 2 + int(n)
			default:
				return false
			}
		case floatHole:
			if rest[0] != opBinFloat {
				return false
			}
			f.bits = binary.BigEndian.Uint64(rest[1:])
			pos += 9
		case bytesHole:
			head := 9
			switch rest[0] {
			case opShortBinBytes:
				f.n, head = uint64(rest[1]), 2
			case opBinBytes:
				f.n, head = uint64(binary.LittleEndian.Uint32(rest[1:])), 5
			case opBinBytes8, opByteArray8:
				f.n = binary.LittleEndian.Uint64(rest[1:])
			default:
				return false
			}
			if f.n > uint64(len(rest)-head) || h.size >= 0 && f.n != uint64(h.size) {
				return false
			}
			f.bits = uint64(pos + head)
			pos += head + int(f.n)
		case frameHole:
			n := binary.LittleEndian.Uint64(rest[1:])
			if rest[0] != opFrame || n > uint64(len(rest)) {
				return false
			}
			pos += 9
			frame = uint64(pos) + n
		case frameEnd:
			if uint64(pos) != frame {
				return false
			}
		case rawHole:
			n, ok := t.raw(h, f, rest, limits)
			if !ok || h.framed && uint64(pos)+1 != frame {
				return false
			}
			f.bits += uint64(pos)
			pos += n
		}
		f.end = uint32(pos)
	}
	if len(data)-pos < len(text) || string(data[pos:pos+len(text)]) != string(text) {
		return false
	}
	for i := range t.checks {
		c := &t.checks[i]
		want := c.want
		if c.hole >= 0 {
			want = t.found[c.hole].n
		}
		if !t.count(c, limits) || uint64(c.count)*c.unit != want {
			return false
		}
	}
	return true
}

// raw finds a joblib array at the beginning of rest, and how many bytes there are
// from its BUILD to its end.
func (t *template) raw(h *hole, f *finding, rest []byte, limits *Limits) (int, bool) {
	head := 1
	if h.aligned {
		head = 2 + int(rest[1])
		if int64(rest[1]) > h.most {
			return 0, false
		}
	}
	c := &t.checks[h.check]
	if rest[0] != opBuild || !t.count(c, limits) {
		return 0, false
	}
	f.bits, f.n = uint64(head), uint64(c.count)*c.unit
	if len(rest) < head || f.n > uint64(len(rest)-head) {
		return 0, false
	}
	return head + int(f.n), true
}

// count is the number of elements that a shape stands for, as [machine.shaped] has it.
func (t *template) count(c *check, limits *Limits) bool {
	product, empty := uint64(1), false
	most := uint64(min(limits.Elements, math.MaxUint32))
	for _, d := range c.dims {
		if d.hole >= 0 {
			d.value = t.found[d.hole].bits
		}
		if d.value == 0 {
			empty = true
			continue
		}
		high, low := bits.Mul64(product, d.value)
		if high != 0 || low > most || int64(d.value) < 0 {
			return false
		}
		product = low
	}
	c.count = 0
	if !empty {
		c.count = uint32(product)
	}
	return true
}

// fill makes the Document that of data, which was walked.
func (t *template) fill(data []byte) *Document {
	t.doc.data = data
	for i := range t.holes {
		h, f := &t.holes[i], &t.found[i]
		for _, p := range h.numbers {
			*p = f.bits
		}
		for _, c := range h.bytes {
			c.bits, c.aux = f.bits, uint32(f.n)
		}
		if by := f.end - h.end; by != 0 {
			h.end = f.end
			h.moved.move(by)
		}
	}
	for i := range t.checks {
		c := &t.checks[i]
		c.array.count = c.count
	}
	for i := range t.scalars {
		s := &t.scalars[i]
		f := &t.found[s.hole]
		n := s.dtype.read(data[f.bits : f.bits+f.n])
		for _, c := range s.numbers {
			c.flag, c.bits = n.flag, n.bits
		}
	}
	return &t.doc
}

// move adds to the offsets, modulo 1<<32.
func (m *moved) move(by uint32) {
	for _, p := range m.ops {
		*p += by
	}
	for _, p := range m.bytes {
		*p = uint64(uint32(*p) + by)
	}
	for _, p := range m.globals {
		*p = int(uint32(*p) + by)
	}
}
