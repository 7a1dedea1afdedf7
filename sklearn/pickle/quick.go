package pickle

import "encoding/binary"

// longestQuick is the most bytes that an opcode of quick has, its operand included,
// but for text.
const longestQuick = 9

// quick executes the opcodes at hand that only move small values, of which most of
// a pickle consists, and leaves all others, and all that is not as usual, to
// those of run: what is here is also there, and has the same effect.
func (m *machine) quick() {
	data, pos, stack, dense := m.data, m.pos, m.stack, m.memo.dense
	usual := m.memo.sparse == nil && m.memo.n == len(dense) && cap(dense) <= m.limits.Memo
	for pos+longestQuick <= len(data) && len(stack) < cap(stack) {
		op, top := data[pos], len(stack)
		if op == opMemoize || op == opBinPut && int(data[pos+1]) == len(dense) {
			if !usual || top <= m.fence || len(dense) == cap(dense) {
				break
			}
			// Part by part: a processor waits to read as a whole what it has just written in parts.
			dense = dense[:len(dense)+1]
			from, to := &stack[top-1], &dense[len(dense)-1]
			to.kind, to.flag, to.id, to.aux, to.bits = from.kind, from.flag, from.id, from.aux, from.bits
			m.memo.n++
			pos++
			if op == opBinPut {
				m.binary = true
				pos++
			}
			continue
		}
		stack = stack[:top+1]
		to := &stack[top]
		to.flag, to.id, to.aux = 0, unknown, uint32(pos)
		width := 1
		switch op {
		case opNone:
			to.kind, to.bits = None, 0
		case opNewTrue:
			to.kind, to.bits = Bool, 1
		case opNewFalse:
			to.kind, to.bits = Bool, 0
		case opBinInt1:
			to.kind, to.bits = Int, uint64(data[pos+1])
			m.binary = true
			width = 2
		case opBinInt2:
			to.kind, to.bits = Int, uint64(binary.LittleEndian.Uint16(data[pos+1:]))
			m.binary = true
			width = 3
		case opBinInt:
			to.kind, to.bits = Int, uint64(int64(int32(binary.LittleEndian.Uint32(data[pos+1:]))))
			m.binary = true
			width = 5
		case opBinFloat:
			to.kind, to.bits = Float, binary.BigEndian.Uint64(data[pos+1:])
			m.binary = true
			width = 9
		case opShortBinUnicode:
			n := int(data[pos+1])
			to.kind, to.aux, to.bits = String, uint32(n), uint64(pos+2)
			width = 2 + n
		case opBinUnicode:
			n := int(binary.LittleEndian.Uint32(data[pos+1:]))
			to.kind, to.aux, to.bits = String, uint32(n), uint64(pos+5)
			m.binary = true
			width = 5 + n
		case opBinGet:
			i := int(data[pos+1])
			if i >= len(dense) || dense[i].kind == Invalid {
				width = len(data) + 1 // no such thing
				break
			}
			from := &dense[i]
			to.kind, to.flag, to.id, to.aux, to.bits = from.kind, from.flag, from.id, from.aux, from.bits
			m.binary = true
			width = 2
		default:
			width = len(data) + 1
		}
		if width > len(data)-pos {
			stack = stack[:top]
			break
		}
		pos += width
	}
	m.pos, m.stack, m.memo.dense = pos, stack, dense
}
