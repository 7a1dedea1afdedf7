package window

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// A block holds some readings' times, values and sequence numbers, compressed,
// ordered by time and then by value. It is a chain of chunks. The first one has a
// header, and points to the last one (to none if it is that itself); each of the
// others points to the one before, and the second to none.
//
//	0  count   byte
//	1  kind    byte: scale in the low 4 bits, unit in the next 2, then hasSeq
//	2  bits    uint16, of the payload
//	4  base    int32, the first step in time, by which others are expected to be
//	8  first   int64, the first time since the pane's start, in units
//	16 lastSeq uint64, if hasSeq
//
// The payload follows, and is all that the other chunks have. For each reading it has
// the time (but for the first), the value and, if hasSeq, the sequence number, all as
// differences from the one before. A scale below rawScale says that all values are whole
// numbers divided by that power of ten, and then the difference is one of whole numbers;
// rawScale, that it is the exclusive or of their bits.
type chunk struct {
	next uint32
	b    [chunkSize]byte
}

const (
	chunkSize   = 28
	headerSize  = 16
	seqHeader   = headerSize + 8
	maxChunks   = 16
	maxBits     = 8 * (chunkSize - seqHeader + (maxChunks-1)*chunkSize)
	maxEntry    = 210 // bits of the longest
	maxEntries  = 255
	rawScale    = 15
	maxScale    = 9
	seqFlag     = 1 << 6
	payloadSize = maxChunks * chunkSize
)

var (
	units  = [4]int64{1e9, 1e6, 1e3, 1}
	powers = [maxScale + 1]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}
)

// entry is a reading in a block; its time is since the pane's start, and its value
// is not -0.
type entry struct {
	time   int64
	value  float64
	seq    uint64
	hasSeq bool
}

func (a *entry) before(b *entry) bool {
	return a.time < b.time || a.time == b.time && a.value < b.value
}

func (a *entry) same(b *entry) bool {
	return a.time == b.time && a.hasSeq == b.hasSeq && a.seq == b.seq
}

// scaled returns v as a whole number of units of 10^-scale, if it is one, exactly.
func scaled(v float64, scale uint8) (int64, bool) {
	n := math.RoundToEven(v * powers[scale])
	return int64(n), math.Abs(n) < 1<<53 && n/powers[scale] == v
}

// scaleOf is the least scale, from one on, that has v.
func scaleOf(v float64, from uint8) uint8 {
	for s := from; s <= maxScale; s++ {
		if _, ok := scaled(v, s); ok {
			return s
		}
	}
	return rawScale
}

// unitOf is the coarsest unit, from one on, that has t.
func unitOf(t int64, from uint8) uint8 {
	for t%units[from] != 0 {
		from++
	}
	return from
}

func putTime(w *bitWriter, z uint64) {
	switch {
	case z == 0:
		w.put(0, 1)
	case z < 1<<7:
		w.put(z<<2|1, 9)
	case z < 1<<12:
		w.put(z<<3|3, 15)
	case z < 1<<20:
		w.put(z<<4|7, 24)
	default:
		w.put(15, 4)
		w.wide(z, 64)
	}
}

func getTime(r *bitReader) uint64 {
	for _, n := range [...]uint{0, 7, 12, 20} {
		if r.get(1) == 0 {
			return r.get(n)
		}
	}
	return r.wide(64)
}

func putWhole(w *bitWriter, z uint64) {
	switch {
	case z < 1<<4:
		w.put(z<<2, 6)
	case z < 1<<7:
		w.put(z<<2|1, 9)
	case z < 1<<10:
		w.put(z<<2|2, 12)
	case z < 1<<18:
		w.put(z<<3|3, 21)
	default:
		w.put(7, 3)
		w.wide(z, 64)
	}
}

func getWhole(r *bitReader) uint64 {
	switch r.get(2) {
	case 0:
		return r.get(4)
	case 1:
		return r.get(7)
	case 2:
		return r.get(10)
	}
	if r.get(1) == 0 {
		return r.get(18)
	}
	return r.wide(64)
}

func putRaw(w *bitWriter, x uint64) {
	if x == 0 {
		w.put(0, 1)
		return
	}
	zeros := min(uint(bits.LeadingZeros64(x))/4, 15)
	w.put(uint64(zeros)<<1|1, 5)
	w.wide(x, 64-4*zeros)
}

func getRaw(r *bitReader) uint64 {
	if r.get(1) == 0 {
		return 0
	}
	return r.wide(64 - 4*uint(r.get(4)))
}

func header(c *chunk) (count int, kind uint8, bits uint, base int32, first int64) {
	return int(c.b[0]), c.b[1], uint(binary.LittleEndian.Uint16(c.b[2:])), int32(binary.LittleEndian.Uint32(c.b[4:])), int64(binary.LittleEndian.Uint64(c.b[8:]))
}

func payloadStart(kind uint8) int {
	if kind&seqFlag != 0 {
		return seqHeader
	}
	return headerSize
}

func full(c *chunk) bool {
	return c.b[0] == maxEntries || uint(binary.LittleEndian.Uint16(c.b[2:]))+maxEntry > maxBits
}

// blockFirst is the time of a block's first entry.
func (e *Engine) blockFirst(id uint32) int64 {
	c := e.chunks.at(id)
	return int64(binary.LittleEndian.Uint64(c.b[8:])) * units[c.b[1]>>4&3]
}

// newBlock starts a block with an entry.
func (e *Engine) newBlock(a *entry, unit, scale uint8, seq bool) uint32 {
	id, c := e.chunks.take()
	c.b[1] = scale | unit<<4
	if seq {
		c.b[1] |= seqFlag
	}
	binary.LittleEndian.PutUint64(c.b[8:], uint64(a.time/units[unit]))
	e.appendEntry(c, a, &entry{time: a.time})
	return id
}

// appendEntry appends a to the block, of which p is the last entry. It returns false
// if a does not fit in, and then nothing has changed.
func (e *Engine) appendEntry(c *chunk, a, p *entry) bool {
	count, kind, size, base, _ := header(c)
	if full(c) || a.hasSeq && kind&seqFlag == 0 {
		return false
	}
	unit, scale := units[kind>>4&3], kind&15
	step := a.time - p.time
	whole := step / unit
	if whole*unit != step {
		return false
	}
	var n, before int64
	if scale != rawScale {
		var ok bool
		if n, ok = scaled(a.value, scale); !ok {
			return false
		}
		before, _ = scaled(p.value, scale)
	}
	start := payloadStart(kind)
	w := bitWriter{e: e, tail: c.next}
	w.open(c, start, size)
	if count == 1 && int64(int32(whole)) == whole {
		base = int32(whole)
		binary.LittleEndian.PutUint32(c.b[4:], uint32(base))
	}
	if count > 0 {
		putTime(&w, zigzag(whole-int64(base)))
	}
	if scale != rawScale {
		putWhole(&w, zigzag(n-before))
	} else {
		putRaw(&w, math.Float64bits(a.value)^math.Float64bits(p.value))
	}
	if kind&seqFlag != 0 {
		w.put(boolBit(a.hasSeq), 1)
		if a.hasSeq {
			putWhole(&w, zigzag(int64(a.seq-binary.LittleEndian.Uint64(c.b[16:]))))
			binary.LittleEndian.PutUint64(c.b[16:], a.seq)
		}
	}
	size = w.close()
	c.b[0]++
	binary.LittleEndian.PutUint16(c.b[2:], uint16(size))
	c.next = w.tail
	return true
}

func boolBit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
