package pickle

import "encoding/binary"

// asm writes pickles by hand, opcode by opcode.
type asm struct{ b []byte }

func (a *asm) op(ops ...byte) *asm { a.b = append(a.b, ops...); return a }

func (a *asm) raw(s string) *asm { a.b = append(a.b, s...); return a }

func (a *asm) proto(v byte) *asm { return a.op(opProto, v) }

func (a *asm) u32(op byte, v uint32) *asm {
	a.b = binary.LittleEndian.AppendUint32(append(a.b, op), v)
	return a
}

func (a *asm) u64(op byte, v uint64) *asm {
	a.b = binary.LittleEndian.AppendUint64(append(a.b, op), v)
	return a
}

func (a *asm) str(s string) *asm { return a.u32(opBinUnicode, uint32(len(s))).raw(s) }

func (a *asm) bytes(s string) *asm { return a.u32(opBinBytes, uint32(len(s))).raw(s) }

func (a *asm) i(v int) *asm { return a.u32(opBinInt, uint32(v)) }

func (a *asm) global(module, name string) *asm {
	return a.op(opGlobal).raw(module + "\n" + name + "\n")
}

func (a *asm) stackGlobal(module, name string) *asm {
	return a.str(module).str(name).op(opStackGlobal)
}

func (a *asm) put(i byte) *asm { return a.op(opBinPut, i) }

func (a *asm) get(i byte) *asm { return a.op(opBinGet, i) }

// dtype pushes a dtype of a code, with its state.
func (a *asm) dtype(code, order string, size, flags int) *asm {
	a.global("numpy", "dtype").str(code).op(opNewFalse, opNewTrue, opTuple3, opReduce)
	return a.op(opMark).i(3).str(order).op(opNone, opNone, opNone).i(size).i(-1).i(flags).op(opTuple, opBuild)
}

func (a *asm) f8() *asm { return a.dtype("f8", "<", -1, 0) }

// ndarray pushes an array without its substance.
func (a *asm) ndarray() *asm {
	a.global("numpy.core.multiarray", "_reconstruct").global("numpy", "ndarray")
	return a.i(0).op(opTuple1).bytes("b").op(opTuple3, opReduce)
}

// wrapper pushes a joblib wrapper and BUILDs it; the data is to follow.
func (a *asm) wrapper(module string, dtype func(*asm) *asm, alignment int, shape ...int) *asm {
	a.global(module, "NumpyArrayWrapper").op(opEmptyTuple, opNewObj, opEmptyDict, opMark)
	a.str("subclass").global("numpy", "ndarray").str("order").str("C").str("shape").op(opMark)
	for _, n := range shape {
		a.i(n)
	}
	a.op(opTuple).str("dtype")
	dtype(a).str("allow_mmap").op(opNewFalse)
	if alignment > 0 {
		a.str("numpy_array_alignment_bytes").i(alignment)
	}
	return a.op(opSetItems, opBuild)
}

func (a *asm) stop() []byte { return a.op(opStop).b }
