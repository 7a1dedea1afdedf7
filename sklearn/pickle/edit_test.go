package pickle

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
)

// An editor changes a file opcode by opcode, as what writes a fleet's files does and
// otherwise.
type editor struct {
	tokens [][]byte       // an opcode with its operand; of a joblib array, with padding and elements
	at     map[uint32]int // the token that begins at an offset
	arrays []arrayNote
	raws   map[uint32]rawNote
	doc    *Document
	tail   []byte
	frames map[int]int // the token of a FRAME, to the one that it ends before; below 0: -1 less the one that it ends in, before elements
}

// edit takes a file apart; nil if it does not parse.
func edit(data []byte) *editor {
	p := NewParser(Options{Allow: examples})
	p.templates.begun = true
	doc, err := p.Parse(data)
	if err != nil || p.machine.rec == nil {
		return nil
	}
	r := p.machine.rec
	e := &editor{at: make(map[uint32]int), arrays: r.arrays, raws: r.raws, doc: doc, frames: make(map[int]int), tail: data[p.machine.pos:]}
	for i, op := range r.ops {
		end := p.machine.pos
		if i+1 < len(r.ops) {
			end = int(r.ops[i+1])
		}
		e.at[op] = i
		e.tokens = append(e.tokens, slices.Clone(data[op:end]))
	}
	e.at[uint32(p.machine.pos)] = len(e.tokens)
	for i, op := range r.ops {
		if data[op] == opFrame {
			end := op + 9 + uint32(binary.LittleEndian.Uint64(data[op+1:]))
			if token, ok := e.at[end]; ok {
				e.frames[i] = token
			} else if _, ok := e.raws[end-1]; ok {
				e.frames[i] = -1 - e.at[end-1]
			}
		}
	}
	return e
}

// file puts the tokens together, and frames around the same ones as before.
func (e *editor) file() []byte {
	for i, end := range e.frames {
		n := 0
		if end < 0 {
			end, n = -1-end, 1
		}
		for _, token := range e.tokens[i+1 : end] {
			n += len(token)
		}
		e.tokens[i] = binary.LittleEndian.AppendUint64([]byte{opFrame}, uint64(n))
	}
	return append(slices.Concat(e.tokens...), e.tail...)
}

// number changes the operand of a number.
func (e *editor) number(i int, r *rand.Rand) {
	token := e.tokens[i]
	switch token[0] {
	case opBinFloat:
		e.tokens[i] = binary.BigEndian.AppendUint64(token[:1:1], r.Uint64())
	case opBinInt1, opBinInt2, opBinInt, opLong1:
		e.tokens[i] = integer(r, int64(r.Uint64())>>r.IntN(64))
	}
}

// integer is v in one of the ways to write it, or so much of it as fits.
func integer(r *rand.Rand, v int64) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(v))
	switch r.IntN(6) {
	case 0:
		return append([]byte{opBinInt1}, b[:1]...)
	case 1:
		return append([]byte{opBinInt2}, b[:2]...)
	case 2, 3:
		return append([]byte{opBinInt}, b[:4]...)
	case 4:
		return append([]byte{opLong1, 9}, append(b, byte(v>>63))...)
	}
	n := r.IntN(9)
	return append([]byte{opLong1, byte(n)}, b[:n]...)
}

// payload is n bytes in one of the ways to write them.
func payload(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	switch r.IntN(4) {
	case 0:
		if n < 256 {
			return append([]byte{opShortBinBytes, byte(n)}, b...)
		}
		fallthrough
	case 1:
		return append(binary.LittleEndian.AppendUint32([]byte{opBinBytes}, uint32(n)), b...)
	case 2:
		return append(binary.LittleEndian.AppendUint64([]byte{opBinBytes8}, uint64(n)), b...)
	}
	return append(binary.LittleEndian.AppendUint64([]byte{opByteArray8}, uint64(n)), b...)
}

// resize gives an array that shares its bytes with no other another dimension, and as
// many bytes.
func (e *editor) resize(note arrayNote, n int, r *rand.Rand) {
	a := note.array
	dims := e.doc.at(a.shape)
	data, ok := e.dataOf(note)
	sharing := 0
	for _, other := range e.arrays {
		if other.array.data.bits == a.data.bits {
			sharing++
		}
	}
	if !ok || len(dims) == 0 || sharing > 1 {
		return
	}
	which, count := r.IntN(len(dims)), 1
	for i, dim := range dims {
		if i != which {
			count *= int(dim.bits)
		}
	}
	count *= n
	if i, ok := e.at[dims[which].aux]; !ok || count*int(a.dtype.size) > 1<<16 {
		return
	} else if op := e.tokens[i][0]; op == opBinInt1 || op == opBinInt2 || op == opBinInt {
		e.tokens[i] = append([]byte{opBinInt}, binary.LittleEndian.AppendUint32(nil, uint32(n))...)
		if n < 256 && r.IntN(2) == 0 {
			e.tokens[i] = []byte{opBinInt1, byte(n)}
		}
		data(count * int(a.dtype.size))
	}
}

// dataOf says how to give an array other bytes.
func (e *editor) dataOf(note arrayNote) (func(n int), bool) {
	r := rand.New(rand.NewPCG(uint64(note.index), 0))
	if at := slices.IndexFunc(e.arrays, func(a arrayNote) bool { return a == note }); at >= 0 {
		for op, raw := range e.raws {
			if raw.note == at {
				return func(n int) {
					token := []byte{opBuild}
					if raw.aligned {
						pad := r.IntN(int(raw.most) + 1)
						token = append(append(token, byte(pad)), make([]byte, pad)...)
					}
					e.tokens[e.at[op]] = append(token, make([]byte, n)...)
				}, true
			}
		}
	}
	for _, head := range []uint32{2, 5, 9} {
		if i, ok := e.at[uint32(note.array.data.bits)-head]; ok && note.array.data.kind == Bytes && isBytes(e.tokens[i], head) {
			return func(n int) { e.tokens[i] = payload(r, n) }, true
		}
	}
	return nil, false
}

func isBytes(token []byte, head uint32) bool {
	switch token[0] {
	case opShortBinBytes:
		return head == 2
	case opBinBytes:
		return head == 5
	case opBinBytes8, opByteArray8:
		return head == 9
	}
	return false
}

// vary makes one of a fleet's files of e: other numbers, other bytes, other lengths.
func (e *editor) vary(r *rand.Rand) {
	for i, token := range e.tokens {
		if token[0] == opBinFloat {
			e.number(i, r)
		}
		if isBytes(token, 2) && len(token) == 10 { // a scalar
			e.tokens[i] = binary.LittleEndian.AppendUint64(token[:2:2], r.Uint64())
		}
	}
	for _, note := range e.arrays {
		if !note.array.dtype.boxed && r.IntN(2) == 0 {
			e.resize(note, r.IntN(300), r)
		}
	}
}

// mutate makes of a file one that is like it, sound or not.
func mutate(data []byte, r *rand.Rand) []byte {
	e := edit(data)
	if e == nil || len(e.tokens) == 0 {
		return data
	}
	for range r.IntN(4) {
		i := r.IntN(len(e.tokens))
		switch token := e.tokens[i]; r.IntN(6) {
		case 0:
			if len(e.arrays) > 0 {
				e.resize(e.arrays[r.IntN(len(e.arrays))], r.IntN(300), r)
			}
		case 1:
			if isBytes(token, 2) || isBytes(token, 5) || isBytes(token, 9) {
				e.tokens[i] = payload(r, len(token)+r.IntN(5)-2)
			}
		case 2:
			token[r.IntN(len(token))] ^= 1 << r.IntN(8)
		case 3:
			delete(e.frames, i) // keeps its length
		default:
			for i := range e.tokens {
				if r.IntN(10) == 0 {
					e.number(i, r)
				}
			}
		}
	}
	if r.IntN(3) == 0 {
		e.vary(r)
	}
	if r.IntN(8) == 0 {
		for i := range e.frames {
			if r.IntN(2) == 0 {
				delete(e.frames, i)
			}
		}
	}
	b := e.file()
	switch r.IntN(12) {
	case 0:
		b = b[:r.IntN(len(b)+1)]
	case 1:
		b = append(b, make([]byte, r.IntN(20))...)
	case 2:
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
	case 3:
		b = slices.Insert(b, r.IntN(len(b)), byte(r.Uint32()))
	}
	return b
}
