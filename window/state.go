package window

import (
	"encoding/binary"
	"errors"
	"math"
)

const stateVersion = 1

var errDamaged = errors.New("it is damaged")

// Parts of a pane, in the byte behind its revision.
const (
	hasChanged = 1 << iota
	hasReceived
	hasSketch
)

// appendPane appends a pane with its window's revision.
func (e *Engine) appendPane(b []byte, p *pane) []byte {
	b = append(b, stateVersion)
	b = binary.AppendVarint(b, p.start)
	b = binary.AppendVarint(b, int64(p.rev()))
	parts := byte(0)
	if p.changed() {
		parts |= hasChanged
	}
	if p.received != 0 {
		parts |= hasReceived
		if e.percentiles {
			parts |= hasSketch
		}
	}
	b = append(b, parts)
	b = binary.AppendUvarint(b, uint64(e.lists.len(&p.blocks)))
	for i := range e.lists.len(&p.blocks) {
		id := e.lists.get(&p.blocks, i)
		count, kind, size, base, first := header(e.chunks.at(id))
		b = append(b, byte(count), kind)
		b = binary.AppendUvarint(b, uint64(size))
		b = binary.AppendVarint(b, int64(base))
		b = binary.AppendUvarint(b, uint64(first))
		payload := e.payload(id)
		b = append(b, payload[:len(payload)-8]...)
	}
	if p.received != 0 {
		b = e.appendAggregate(b, e.aggregates.at(p.received), p.start)
	}
	return b
}

func (e *Engine) appendAggregate(b []byte, a *aggregate, start int64) []byte {
	b = binary.AppendUvarint(b, uint64(a.count))
	for _, v := range [...]float64{a.sum.high, a.sum.low, float64(a.spread), float64(a.least), float64(a.greatest), a.first.value, a.last.value} {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	b = binary.AppendUvarint(b, uint64(a.first.time-start))
	b = binary.AppendUvarint(b, uint64(a.last.time-start))
	if !e.percentiles {
		return b
	}
	b = append(b, a.sketch.joins)
	b = binary.AppendUvarint(b, uint64(len(a.sketch.bins)))
	key := int64(0)
	for _, bin := range a.sketch.bins {
		b = binary.AppendVarint(b, int64(bin.key)-key)
		b = binary.AppendUvarint(b, uint64(bin.n))
		key = int64(bin.key)
	}
	return b
}

// readPane reads into p, of which start is known and nothing else is set.
func (e *Engine) readPane(c *cursor, p *pane) {
	c.check(c.byte() == stateVersion)
	c.check(c.varint() == p.start)
	rev := c.varint()
	c.check(rev >= -1 && rev < math.MaxInt32-1)
	parts := c.byte()
	c.check(parts < 2*hasSketch && (parts&hasSketch == 0 || parts&hasReceived != 0))
	p.set(int32(rev), parts&hasChanged != 0)
	e.readBlocks(c, p)
	if parts&hasReceived != 0 && c.err == nil {
		id, a := e.aggregates.take()
		p.received = id
		e.readAggregate(c, a, p.start, parts&hasSketch != 0)
	}
}

func (e *Engine) readAggregate(c *cursor, a *aggregate, start int64, hasSketch bool) {
	n := c.uvarint()
	c.check(n > 0 && n <= maxCount)
	a.count = count(n)
	a.sum = sum{c.float(), c.float()}
	a.spread, a.least, a.greatest = spread(c.float()), least(c.float()), greatest(c.float())
	a.first.value, a.last.value = c.float(), c.float()
	from, to := c.uvarint(), c.uvarint()
	c.check(from <= to && to < uint64(e.hop))
	a.first.time, a.last.time = start+int64(from), start+int64(to)
	if hasSketch {
		c.sketch(&a.sketch, n)
		if !e.percentiles { // any more
			a.sketch = sketch{}
		}
	}
}

// readBlocks writes the blocks anew of what they hold, and so believes nothing.
func (e *Engine) readBlocks(c *cursor, p *pane) {
	n, all, before := c.uvarint(), uint64(0), entry{time: -1}
	for ; n > 0 && c.err == nil; n-- {
		count, kind, size := int(c.byte()), c.byte(), c.uvarint()
		base, start := c.varint(), c.uvarint()
		scale, unit := kind&15, kind>>4&3
		c.check(count > 0 && kind&^seqFlag < 64 && (scale <= maxScale || scale == rawScale) && size <= maxBits)
		c.check(base == int64(int32(base)) && start < uint64(e.hop))
		payload := c.bytes((size + 7) / 8)
		if c.err != nil {
			return
		}
		clear(e.gathered[copy(e.gathered[:], payload):])
		var ok bool
		e.entries, ok = decodeEntries(e.gathered[:], count, kind, uint(size), int32(base), int64(start), e.entries[:0])
		c.check(ok)
		var block uint32
		for i := range e.entries {
			a := &e.entries[i]
			a.value += 0 // -0 becomes 0
			c.check(a.time >= before.time && (a.time > before.time || a.value >= before.value) && a.time >= 0 && a.time < e.hop && a.value-a.value == 0)
			if c.err != nil {
				return
			}
			if block == 0 {
				block = e.newBlock(a, unit, scale, kind&seqFlag != 0)
				e.lists.insert(&p.blocks, e.lists.len(&p.blocks), block)
				c.check(e.chunks.at(block).b[0] == 1)
			} else {
				c.check(e.appendEntry(e.chunks.at(block), a, &before))
			}
			before = *a
		}
		all += uint64(count)
	}
	c.check(all <= maxCount)
	p.tail = last{before.time, before.value}
}
