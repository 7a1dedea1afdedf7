package window

import "encoding/binary"

// bitWriter appends bits to a block.
type bitWriter struct {
	e     *Engine
	chunk *chunk
	pos   int // the byte of the chunk where the next whole byte goes
	acc   uint64
	n     uint
	size  uint // of the payload, in bits
	tail  uint32
}

// open goes to the end of a payload that begins at start of the first chunk.
func (w *bitWriter) open(c *chunk, start int, size uint) {
	w.size, w.n = size, size%8
	whole := int(size / 8)
	if w.tail == 0 {
		w.chunk, w.pos = c, start+whole
	} else {
		w.chunk = w.e.chunks.at(w.tail)
		rest := whole - (chunkSize - start)
		if w.n > 0 {
			w.pos = rest % chunkSize
		} else {
			w.pos = 1 + (rest-1)%chunkSize
		}
	}
	if w.n > 0 {
		w.acc = uint64(w.chunk.b[w.pos]) & (1<<w.n - 1)
	}
}

// close returns the payload's size.
func (w *bitWriter) close() uint {
	if w.n > 0 {
		w.byte(byte(w.acc))
	}
	return w.size
}

// put writes the low n bits of v, which has no others; n is at most 56.
func (w *bitWriter) put(v uint64, n uint) {
	w.acc |= v << w.n
	w.n += n
	w.size += n
	for w.n >= 8 {
		w.byte(byte(w.acc))
		w.acc >>= 8
		w.n -= 8
	}
}

func (w *bitWriter) byte(b byte) {
	if w.pos == chunkSize {
		id, c := w.e.chunks.take()
		c.next = w.tail
		w.tail, w.chunk, w.pos = id, c, 0
	}
	w.chunk.b[w.pos] = b
	w.pos++
}

// wide writes n bits, up to 64.
func (w *bitWriter) wide(v uint64, n uint) {
	if n > 32 {
		w.put(v&(1<<32-1), 32)
		v, n = v>>32, n-32
	}
	w.put(v, n)
}

// bitReader reads them back. Past the end it reads zeros, and sets over.
type bitReader struct {
	b    []byte // with 8 bytes behind the end
	at   uint
	end  uint
	over bool
}

// get reads n bits, at most 56.
func (r *bitReader) get(n uint) uint64 {
	if r.at+n > r.end {
		r.over = true
		return 0
	}
	v := binary.LittleEndian.Uint64(r.b[r.at>>3:]) >> (r.at & 7) & (1<<n - 1)
	r.at += n
	return v
}

func (r *bitReader) wide(n uint) uint64 {
	if n <= 32 {
		return r.get(n)
	}
	low := r.get(32)
	return low | r.get(n-32)<<32
}

func zigzag(v int64) uint64   { return uint64(v)<<1 ^ uint64(v>>63) }
func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }
