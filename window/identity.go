package window

import (
	"math"
	"slices"
)

// hint is how a sensor's blocks begin, so that they need not be written again.
type hint struct{ unit, scale uint8 }

// payload gathers a block's payload in the engine's scratch.
func (e *Engine) payload(id uint32) []byte {
	c := e.chunks.at(id)
	_, kind, size, _, _ := header(c)
	start := payloadStart(kind)
	n := int(size+7) / 8
	b := e.gathered[:n+8]
	copy(b[n:], zeros[:])
	copy(b[:n], c.b[start:])
	rest := n - (chunkSize - start)
	for tail := c.next; tail != 0; {
		t := e.chunks.at(tail)
		from := (rest - 1) / chunkSize * chunkSize
		copy(b[chunkSize-start+from:n], t.b[:])
		rest, tail = from, t.next
	}
	return b
}

var zeros [8]byte

// decode appends a block's entries to the engine's scratch.
func (e *Engine) decode(id uint32, to []entry) []entry {
	count, kind, size, base, first := header(e.chunks.at(id))
	to, _ = decodeEntries(e.payload(id), count, kind, size, base, first, to)
	return to
}

func decodeEntries(b []byte, count int, kind uint8, size uint, base int32, first int64, to []entry) ([]entry, bool) {
	r := bitReader{b: b, end: size}
	unit, scale := units[kind>>4&3], kind&15
	t, n, raw, seq := first, int64(0), uint64(0), uint64(0)
	for i := range count {
		if i > 0 {
			t += unzigzag(getTime(&r)) + int64(base)
		}
		a := entry{time: t * unit}
		if scale != rawScale {
			n += unzigzag(getWhole(&r))
			a.value = float64(n) / powers[scale]
		} else {
			raw ^= getRaw(&r)
			a.value = math.Float64frombits(raw)
		}
		if kind&seqFlag != 0 && r.get(1) == 1 {
			seq += uint64(unzigzag(getWhole(&r)))
			a.seq, a.hasSeq = seq, true
		}
		to = append(to, a)
	}
	return to, !r.over
}

func (e *Engine) freeBlock(id uint32) {
	for tail := e.chunks.at(id).next; tail != 0; {
		before := e.chunks.at(tail).next
		e.chunks.drop(tail)
		tail = before
	}
	e.chunks.drop(id)
}

// encode writes entries as blocks into p's list, from place i on, and returns how
// many they are.
func (e *Engine) encode(p *pane, i int, entries []entry, h *hint) int {
	if len(entries) == 0 {
		return 0
	}
	seq := false
	for j := range entries {
		h.unit = unitOf(entries[j].time, h.unit)
		h.scale = scaleOf(entries[j].value, h.scale)
		seq = seq || entries[j].hasSeq
	}
	id := e.newBlock(&entries[0], h.unit, h.scale, seq)
	c := e.chunks.at(id)
	for j := 1; j < len(entries); j++ {
		if !e.appendEntry(c, &entries[j], &entries[j-1]) { // it is full
			e.freeBlock(id)
			half := len(entries) / 2
			n := e.encode(p, i, entries[:half], h)
			return n + e.encode(p, i+n, entries[half:], h)
		}
	}
	e.lists.insert(&p.blocks, i, id)
	return 1
}

// insert puts a reading among p's, unless it is there. A conflict is put in under
// KeepBoth; under KeepLast it takes the other's place.
func (e *Engine) insert(p *pane, a *entry, h *hint) Cause {
	n := e.lists.len(&p.blocks)
	if n == 0 {
		if h.scale == rawScale {
			h.scale = 0
		}
		e.encode(p, 0, append(e.entries[:0], *a), h)
		p.tail = last{a.time, a.value}
		return Counted
	}
	if a.time > p.tail.time {
		e.push(p, n, a, h)
		p.tail = last{a.time, a.value}
		return Counted
	}
	// Its like may be in the block to put it in, or in those before as far as they
	// reach its time.
	i := e.blockOf(p, a.time)
	conflict := -1
	for j := i; j >= 0; j-- {
		id := e.lists.get(&p.blocks, j)
		e.entries = e.decode(id, e.entries[:0])
		for k := range e.entries {
			b := &e.entries[k]
			if !b.same(a) {
				continue
			}
			if b.value == a.value {
				return Duplicate
			}
			conflict = j
		}
		if e.blockFirst(id) < a.time {
			break
		}
	}
	if conflict >= 0 && e.cfg.Keep == KeepLast {
		e.replace(p, conflict, a, h)
		return Conflict
	}
	e.put(p, i, a, h)
	p.tail.add(a.time, a.value)
	if conflict >= 0 {
		return Conflict
	}
	return Counted
}

// blockOf is the last block that begins no later than a time, or the first.
func (e *Engine) blockOf(p *pane, time int64) int {
	low, high := 0, e.lists.len(&p.blocks)-1
	for low < high {
		if mid := (low + high + 1) / 2; e.blockFirst(e.lists.get(&p.blocks, mid)) <= time {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return low
}

// push puts a behind the last entry of all.
func (e *Engine) push(p *pane, n int, a *entry, h *hint) {
	id := e.lists.get(&p.blocks, n-1)
	c := e.chunks.at(id)
	if e.appendEntry(c, a, &entry{time: p.tail.time, value: p.tail.value}) {
		return
	}
	if c.b[0] >= maxEntries/4 || full(c) { // it is left as it is
		e.encode(p, n, append(e.entries[:0], *a), h)
		return
	}
	e.put(p, n-1, a, h)
}

// put puts a into block i, or into one before it if its value is to be before the
// first one of that time, and writes the block again.
func (e *Engine) put(p *pane, i int, a *entry, h *hint) {
	id := e.lists.get(&p.blocks, i)
	e.entries = e.decode(id, e.entries[:0])
	for i > 0 && a.before(&e.entries[0]) {
		i--
		id = e.lists.get(&p.blocks, i)
		e.entries = e.decode(id, e.entries[:0])
	}
	at := len(e.entries)
	for at > 0 && a.before(&e.entries[at-1]) {
		at--
	}
	e.entries = slices.Insert(e.entries, at, *a)
	e.lists.remove(&p.blocks, i)
	e.freeBlock(id)
	e.encode(p, i, e.entries, h)
}

// replace takes the entry that is like a out of block i, and puts a in.
func (e *Engine) replace(p *pane, i int, a *entry, h *hint) {
	id := e.lists.get(&p.blocks, i)
	e.entries = e.decode(id, e.entries[:0])
	e.entries = slices.DeleteFunc(e.entries, func(b entry) bool { return b.same(a) })
	e.lists.remove(&p.blocks, i)
	e.freeBlock(id)
	e.encode(p, i, e.entries, h)
	if e.lists.len(&p.blocks) == 0 {
		e.encode(p, 0, append(e.entries[:0], *a), h)
	} else {
		e.put(p, e.blockOf(p, a.time), a, h)
	}
	tail := e.decode(e.lists.get(&p.blocks, e.lists.len(&p.blocks)-1), e.entries[:0])
	p.tail = last{tail[len(tail)-1].time, tail[len(tail)-1].value}
}
