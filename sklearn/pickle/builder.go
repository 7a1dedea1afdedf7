package pickle

import (
	"encoding/binary"
	"slices"
	"sort"
	"strings"
)

// What a template may have at most, so that those a Parser keeps take little memory.
const (
	mostText  = 64 << 10 // constant bytes
	mostHoles = 1 << 10
	mostItems = 1 << 12 // cells, and elements of each other kind
)

// A builder makes a template of what a recorder noted.
type builder struct {
	*recorder
	t      *template
	doc    *Document
	data   []byte // up to STOP
	starts []uint32
	fixed  map[uint64]bool // by place: what no hole may change
	byOp   map[uint32]int  // the hole of a number, by the offset of its opcode
	byData map[uint64]int  // the hole of bytes, by their offset
	made   map[uint32]int  // in template.scalars, by the offset of the call
	end    int             // of the last hole
	frame  int             // where the frame ends whose end has not been passed; -1: none
}

// build makes a template of the file that m has run to its end. It is nil where the
// file has parts that no template has: an old protocol, which writes numbers as text;
// text that was decoded; pickles within it; too much of anything.
func (r *recorder) build(m *machine) *template {
	d := m.doc
	most := max(len(d.cells), len(d.runs), len(d.objects), len(d.arrays), len(d.dtypes), len(d.globals))
	if r.unfit || d.protocol < 2 || m.data[0] != opProto || len(d.side) > 0 || m.budget.decoded != m.limits.Decoded ||
		m.memo.sparse != nil || m.budget.named != nil || most > mostItems {
		return nil
	}
	b := builder{
		recorder: r, t: new(template), doc: d, data: m.data[:m.pos], frame: -1,
		fixed: make(map[uint64]bool), byOp: make(map[uint32]int), byData: make(map[uint64]int), made: make(map[uint32]int),
	}
	b.fix()
	for i, op := range r.ops {
		next := len(b.data)
		if i+1 < len(r.ops) {
			next = int(r.ops[i+1])
		}
		b.endFrame(int(op))
		b.opcode(int(op), next)
	}
	b.endFrame(len(b.data))
	b.t.text = append(b.t.text, b.data[b.end:]...)
	if r.unfit || b.frame >= 0 || len(b.t.text) > mostText || len(b.t.holes) > mostHoles {
		return nil
	}
	b.t.found = make([]finding, len(b.t.holes))
	b.t.need = needOf(m)
	b.numbersOfBytes()
	b.copyDocument()
	b.arraysOf()
	return b.t
}

// place tells numbers, by the offset of their opcode, from bytes, by their own.
func place(c cell) uint64 {
	if c.packed() {
		return 1<<32 | c.bits
	}
	return uint64(c.aux)
}

// fix lists what must stay the same: what was pinned, dimensions that were made of
// bytes, and the bytes of which anything fixed was made.
func (b *builder) fix() {
	for _, c := range b.pinned {
		b.fixed[place(c)] = true
	}
	made := make(map[uint64]bool)
	for _, s := range b.scalars {
		made[place(s.number)] = true
	}
	for _, n := range b.arrays {
		for _, c := range b.doc.at(n.array.shape) {
			if made[place(c)] {
				b.fixed[place(c)] = true
			}
		}
	}
	for _, s := range b.scalars {
		if b.fixed[place(s.number)] {
			b.fixed[place(s.data)] = true
		}
	}
}

// opcode adds the hole that the opcode from op to next is, if it is one.
func (b *builder) opcode(op, next int) {
	free := len(b.data)-op >= longestHole
	switch code := b.data[op]; code {
	case opBinInt1, opBinInt2, opBinInt, opLong1, opBinFloat:
		kind := intHole
		if code == opBinFloat {
			kind = floatHole
		}
		if long := code == opLong1 && b.data[op+1] > 8; free && !long && !b.fixed[uint64(op)] {
			b.byOp[uint32(op)] = b.add(hole{kind: kind}, op, next)
		}
	case opShortBinBytes, opBinBytes, opBinBytes8, opByteArray8:
		head := 9
		switch code {
		case opShortBinBytes:
			head = 2
		case opBinBytes:
			head = 5
		}
		if at := uint64(op + head); free && !b.fixed[1<<32|at] {
			b.byData[at] = b.add(hole{kind: bytesHole, size: -1}, op, next)
		}
	case opFrame:
		b.unfit = b.unfit || !free || b.frame >= 0
		b.frame = next + int(binary.LittleEndian.Uint64(b.data[op+1:]))
		b.add(hole{kind: frameHole}, op, next)
	case opBuild:
		if raw, ok := b.raws[uint32(op)]; ok {
			b.unfit = b.unfit || !free
			h := hole{kind: rawHole, aligned: raw.aligned, most: raw.most, check: raw.note}
			if h.framed = b.frame == op+1; h.framed {
				b.frame = -1
			}
			b.byData[b.arrays[raw.note].array.data.bits] = b.add(h, op, next)
		}
	}
}

func (b *builder) endFrame(pos int) {
	if b.frame == pos {
		b.add(hole{kind: frameEnd}, pos, pos)
		b.frame = -1
	}
}

// add adds a hole after the constant bytes that lead to it.
func (b *builder) add(h hole, from, to int) int {
	h.before, h.end = uint32(from-b.end), uint32(to)
	b.t.text = append(b.t.text, b.data[b.end:from]...)
	b.t.holes = append(b.t.holes, h)
	b.starts = append(b.starts, uint32(from))
	b.end = to
	return len(b.t.holes) - 1
}

// bytesIn is the hole that holds the bytes of c.
func (b *builder) bytesIn(c cell) (int, bool) {
	i, ok := b.byData[c.bits]
	return i, ok && c.kind == Bytes
}

func (b *builder) numbersOfBytes() {
	for _, s := range b.scalars {
		if i, ok := b.bytesIn(s.data); ok {
			b.t.holes[i].size = int64(s.dtype.size)
			b.made[s.number.aux] = len(b.t.scalars)
			b.t.scalars = append(b.t.scalars, scalarPatch{hole: i, dtype: s.dtype})
		}
	}
}

func (b *builder) arraysOf() {
	for _, n := range b.arrays {
		c := check{array: &b.t.doc.arrays[n.index], unit: uint64(n.array.dtype.size), hole: -1, want: uint64(n.array.data.aux)}
		for _, dim := range b.doc.at(n.array.shape) {
			if i, ok := b.byOp[dim.aux]; ok {
				c.dims = append(c.dims, dimension{hole: i})
			} else {
				c.dims = append(c.dims, dimension{hole: -1, value: dim.bits})
			}
		}
		if n.array.dtype.boxed {
			c.unit, c.want = 1, uint64(n.array.boxes.n)
		} else if i, ok := b.bytesIn(n.array.data); ok {
			c.hole = i
		}
		b.t.checks = append(b.t.checks, c)
	}
}

// copyDocument gives the template a Document of its own, and tells every hole what in it changes
// with it. Items may be among them that no list has used yet: what is in those is
// anything, and may as well change.
func (b *builder) copyDocument() {
	d := &b.t.doc
	*d = *b.doc
	d.data, d.side = nil, nil
	d.cells, d.runs, d.objects = slices.Clone(d.cells), slices.Clone(d.runs), slices.Clone(d.objects)
	d.arrays, d.dtypes, d.globals = slices.Clone(d.arrays), slices.Clone(d.dtypes), slices.Clone(d.globals)
	for i := range d.cells {
		b.cell(&d.cells[i])
	}
	for i := range d.objects {
		b.cell(&d.objects[i].args)
		b.cell(&d.objects[i].state)
	}
	for i := range d.arrays {
		b.cell(&d.arrays[i].data)
	}
	for i := range d.globals {
		g := &d.globals[i]
		g.Module, g.Name = strings.Clone(g.Module), strings.Clone(g.Name)
		if m := b.behind(uint32(g.Offset)); m != nil {
			m.globals = append(m.globals, &g.Offset)
		}
	}
	b.cell(&d.root)
}

// cell tells the holes what in c changes with them.
func (b *builder) cell(c *cell) {
	if c.packed() {
		if i, ok := b.bytesIn(*c); ok {
			b.t.holes[i].bytes = append(b.t.holes[i].bytes, c)
		} else if m := b.behind(uint32(c.bits)); m != nil {
			m.bytes = append(m.bytes, &c.bits)
		}
		return
	}
	if i, ok := b.made[c.aux]; ok && (c.kind == Int || c.kind == Float || c.kind == Bool) {
		b.t.scalars[i].numbers = append(b.t.scalars[i].numbers, c)
	}
	if i, ok := b.byOp[c.aux]; ok && (c.kind == Int || c.kind == Float) {
		b.t.holes[i].numbers = append(b.t.holes[i].numbers, &c.bits)
	}
	if m := b.behind(c.aux); m != nil && c.kind != Invalid {
		m.ops = append(m.ops, &c.aux)
	}
}

// behind is what moves with the last hole before an offset, or nil.
func (b *builder) behind(offset uint32) *moved {
	i := sort.Search(len(b.starts), func(i int) bool { return b.starts[i] >= offset }) - 1
	if i < 0 {
		return nil
	}
	return &b.t.holes[i].moved
}
