package pickle

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/fleetscore/fleetscore/internal/testkit/race"
)

// A hostile is an attack and how it ends.
type hostile struct {
	name string
	data []byte
	want error // a *GlobalError exactly; of others, the type and the fields that are set; nil: a harmless value
}

func forbidden(module, name string, offset int) error { return &GlobalError{module, name, offset} }

func syntax(msg string) error { return &SyntaxError{Msg: msg} }

func limit(field string) error { return &LimitError{Field: field} }

func hostiles() []hostile {
	const joblibNP = "joblib.numpy_pickle"
	pad := strings.Repeat("\x00", 2000) // so that limits in proportion are not hit first
	start := func() *asm { return new(asm).proto(4) }
	call := func(module, name string) []byte {
		return start().global(module, name).str("id").op(opTuple1, opReduce).stop()
	}
	many := func(n int, s string) string { return strings.Repeat(s, n) }

	table := []hostile{
		// Code, by every opcode that can name or call it.
		{"GLOBAL os.system", call("os", "system"), forbidden("os", "system", 2)},
		{"GLOBAL posix.system", call("posix", "system"), forbidden("posix", "system", 2)},
		{"GLOBAL nt.system", call("nt", "system"), forbidden("nt", "system", 2)},
		{"GLOBAL subprocess.Popen", call("subprocess", "Popen"), forbidden("subprocess", "Popen", 2)},
		{"GLOBAL without a PROTO", []byte("cos\nsystem\n(S'id'\ntR."), forbidden("os", "system", 0)},
		{"GLOBAL that is never called", new(asm).op(opNone).global("os", "system").op(opPop).stop(), forbidden("os", "system", 1)},
		{"GLOBAL behind a memo", start().op(opNone).put(0).global("os", "system").put(1).get(0).stop(), forbidden("os", "system", 5)},
		{"STACK_GLOBAL os.system", start().stackGlobal("os", "system").stop(), forbidden("os", "system", 20)},
		{"STACK_GLOBAL out of the memo", start().str("system").put(0).op(opPop).str("os").put(1).get(1).get(0).op(opStackGlobal).stop(), forbidden("os", "system", 29)},
		{"STACK_GLOBAL of a Python 2 string", start().op(opShortBinStr, 2).raw("os").op(opShortBinStr, 6).raw("system").op(opStackGlobal).stop(), forbidden("os", "system", 14)},
		{"STACK_GLOBAL of protocol 0 escapes", start().op(opUnicode).raw("\\u006fs\n").str("system").op(opStackGlobal).stop(), forbidden("os", "system", 22)},
		{"STACK_GLOBAL of a number", start().i(1).str("system").op(opStackGlobal).stop(), syntax("named by a int")},
		{"INST", start().op(opMark, opInst).raw("os\nsystem\n").stop(), forbidden("os", "system", 3)},
		{"INST of an allowed class", start().op(opMark, opInst).raw("collections\nOrderedDict\n").stop(), syntax("INST")},
		{"OBJ", start().op(opMark).global("os", "system").str("id").op(opObj).stop(), forbidden("os", "system", 3)},
		{"OBJ of an allowed class", start().op(opMark).global("collections", "OrderedDict").op(opObj).stop(), syntax("OBJ")},
		{"NEWOBJ", start().global("subprocess", "Popen").str("id").op(opTuple1, opNewObj).stop(), forbidden("subprocess", "Popen", 2)},
		{"NEWOBJ_EX", start().global("subprocess", "Popen").op(opEmptyTuple, opEmptyDict, opNewObjEx).stop(), forbidden("subprocess", "Popen", 2)},
		{"NEWOBJ_EX with keywords", start().global("builtins", "object").op(opEmptyTuple, opEmptyDict, opNone, opNone, opSetItem, opNewObjEx).stop(), syntax("keyword")},
		{"REDUCE of a string", start().str("os.system").str("id").op(opTuple1, opReduce).stop(), syntax("a call on a value of kind string")},
		{"REDUCE of an instance", start().global("builtins", "object").op(opEmptyTuple, opNewObj).op(opEmptyTuple, opReduce).stop(), syntax("a call on a value of kind object")},
		{"REDUCE without a tuple", start().global("builtins", "bytes").i(5).op(opReduce).stop(), syntax("in place of a tuple")},
		{"BUILD with __setstate__", start().global("builtins", "object").op(opEmptyTuple, opNewObj, opEmptyDict).
			str("__setstate__").global("os", "system").op(opSetItem, opBuild).stop(), forbidden("os", "system", 39)},
		{"BUILD with __reduce__ and __class__", start().global("builtins", "object").op(opEmptyTuple, opNewObj, opEmptyDict).
			str("__reduce__").str("os.system").op(opSetItem).str("__class__").str("os").op(opSetItem, opBuild).stop(), nil},
		{"BUILD on a class", start().global("builtins", "object").op(opEmptyDict, opBuild).stop(), syntax("BUILD on a value of kind class")},
		{"PERSID", start().op(opPersID).raw("os.system\n").stop(), syntax("PERSID")},
		{"BINPERSID", start().str("os.system").op(opBinPersID).stop(), syntax("PERSID")},
		{"EXT1", start().op(opExt1, 1).stop(), syntax("EXT")},
		{"EXT2", start().op(opExt2, 1, 0).stop(), syntax("EXT")},
		{"EXT4", start().op(opExt4, 1, 0, 0, 0).stop(), syntax("EXT")},
		{"NEXT_BUFFER", start().op(opNextBuffer).stop(), syntax("buffer")},
		{"READONLY_BUFFER", start().op(opNone, opReadonlyBuffer).stop(), syntax("buffer")},
		{"builtins.eval", call("builtins", "eval"), forbidden("builtins", "eval", 2)},
		{"builtins.exec", call("builtins", "exec"), forbidden("builtins", "exec", 2)},
		{"__builtin__.eval", call("__builtin__", "eval"), forbidden("__builtin__", "eval", 2)},
		{"builtins.getattr", call("builtins", "getattr"), forbidden("builtins", "getattr", 2)},
		{"builtins.__import__", call("builtins", "__import__"), forbidden("builtins", "__import__", 2)},
		{"builtins.open", call("builtins", "open"), forbidden("builtins", "open", 2)},
		{"operator.attrgetter", call("operator", "attrgetter"), forbidden("operator", "attrgetter", 2)},
		{"operator.methodcaller", call("_operator", "methodcaller"), forbidden("_operator", "methodcaller", 2)},
		{"functools.partial", call("functools", "partial"), forbidden("functools", "partial", 2)},
		{"numpy runstring", call("numpy.testing._private.utils", "runstring"), forbidden("numpy.testing._private.utils", "runstring", 2)},
		{"numpy.load", call("numpy", "load"), forbidden("numpy", "load", 2)},
		{"joblib.load", call(joblibNP, "load"), forbidden(joblibNP, "load", 2)},
		{"pickle.loads", call("pickle", "loads"), forbidden("pickle", "loads", 2)},
		{"_codecs.decode", call("_codecs", "decode"), forbidden("_codecs", "decode", 2)},
		{"_codecs.encode with a codec", start().global("_codecs", "encode").str("x").str("zlib").op(opTuple2, opReduce).stop(), syntax("_codecs.encode to zlib")},
		{"copyreg.add_extension", call("copyreg", "add_extension"), forbidden("copyreg", "add_extension", 2)},
		{"copyreg.__newobj__ of a call", start().global("copyreg", "__newobj__").global("os", "system").op(opTuple1, opReduce).stop(), forbidden("os", "system", 22)},
		{"a factory of defaultdict", start().global("collections", "defaultdict").global("os", "system").op(opTuple1, opReduce).stop(), forbidden("os", "system", 27)},
		{"a name with dots", start().stackGlobal("sklearn.svm", "OneClassSVM.__init__").stop(), forbidden("sklearn.svm", "OneClassSVM.__init__", 43)},
		{"a name with dots on a known class", start().stackGlobal("numpy", "ndarray.__class__").stop(), forbidden("numpy", "ndarray.__class__", 34)},
		{"a module with a path", start().stackGlobal("sklearn/../os", "system").stop(), forbidden("sklearn/../os", "system", 31)},
		{"a newline in a module", start().stackGlobal("numpy\nndarray", "").stop(), forbidden("numpy\nndarray", "", 25)},
		{"a NUL in a name", start().stackGlobal("numpy", "ndarray\x00").stop(), forbidden("numpy", "ndarray\x00", 25)},
		{"no names", start().stackGlobal("", "").stop(), forbidden("", "", 12)},
		{"a look-alike letter", start().stackGlobal("sklеarn.svm", "OneClassSVM").stop(), forbidden("sklеarn.svm", "OneClassSVM", 35)},
		{"a full-width name", start().stackGlobal("sklearn.svm", "ＯneClassSVM").stop(), forbidden("sklearn.svm", "ＯneClassSVM", 36)},
		{"a combining mark", start().stackGlobal("sklearn.svm", "OneClassSVM\u0301").stop(), forbidden("sklearn.svm", "OneClassSVM\u0301", 36)},
		{"a space in a name", start().global("sklearn.svm ", "OneClassSVM").stop(), forbidden("sklearn.svm ", "OneClassSVM", 2)},
		{"a name of a megabyte", start().global("sklearn", many(1<<20, "A")).stop(), syntax("name of 1048576 bytes")},
		{"inside a joblib array of objects", start().wrapper(joblibNP, boxes, 0, 1).global("os", "system").stop(), forbidden("os", "system", len(start().wrapper(joblibNP, boxes, 0, 1).b))},

		// Memory, by every length there is.
		{"BINUNICODE", new(asm).u32(opBinUnicode, math.MaxUint32).b, syntax("4294967295 bytes are wanted and 0 are left")},
		{"BINBYTES", new(asm).u32(opBinBytes, math.MaxUint32).b, syntax("bytes are wanted")},
		{"BINSTRING", new(asm).u32(opBinString, 1<<30).b, syntax("bytes are wanted")},
		{"BINSTRING, negative", new(asm).u32(opBinString, math.MaxUint32).b, syntax("negative")},
		{"SHORT_BINSTRING", []byte{opShortBinStr, 255}, syntax("bytes are wanted")},
		{"SHORT_BINUNICODE", []byte{opShortBinUnicode, 255}, syntax("bytes are wanted")},
		{"SHORT_BINBYTES", []byte{opShortBinBytes, 255}, syntax("bytes are wanted")},
		{"BINUNICODE8", new(asm).u64(opBinUnicode8, math.MaxUint64).b, syntax("bytes are wanted")},
		{"BINBYTES8", new(asm).u64(opBinBytes8, 1<<63).b, syntax("bytes are wanted")},
		{"BYTEARRAY8", new(asm).u64(opByteArray8, 1<<40).b, syntax("bytes are wanted")},
		{"LONG1", []byte{opLong1, 255}, syntax("bytes are wanted")},
		{"LONG4", new(asm).u32(opLong4, math.MaxInt32).b, syntax("bytes are wanted")},
		{"LONG4, negative", new(asm).u32(opLong4, math.MaxUint32).b, syntax("negative")},
		{"FRAME", start().u64(opFrame, 1<<62).b, syntax("a frame of")},
		{"FRAME inside a FRAME", start().u64(opFrame, 10).u64(opFrame, 0).stop(), syntax("inside another")},
		{"a LONG4 of 1 MB", new(asm).u32(opLong4, 1<<20).raw(many(1<<20, "\x55")).stop(), nil},
		{"a LONG of 1 MB of digits", new(asm).op(opLong).raw(many(1<<20, "7") + "L\n").stop(), nil},
		{"an INT of 1 MB of nothing", new(asm).op(opInt).raw(many(1<<20, "x") + "\n").stop(), syntax("is no integer")},
		{"a FLOAT of 1 MB", new(asm).op(opFloat).raw("0." + many(1<<20, "1") + "\n").stop(), nil},
		{"bytes(n)", start().global("builtins", "bytes").i(1<<30).op(opTuple1, opReduce).stop(), syntax("bytes made of")},
		{"bytearray(n)", start().global("builtins", "bytearray").i(1<<30).op(opTuple1, opReduce).stop(), syntax("bytes made of")},
		{"range(n) in a set", start().global("builtins", "set").global("builtins", "range").i(1<<30).op(opTuple1, opReduce, opTuple1, opReduce).stop(), syntax("a set made of")},
		{"list(range(n))", start().global("builtins", "list").global("builtins", "range").i(1<<30).op(opTuple1, opReduce, opTuple1, opReduce).stop(), nil},
		{"PUT at the end of all numbers", start().op(opNone, opPut).raw("18446744073709551615\n").stop(), nil},
		{"PUT beyond", start().op(opNone, opPut).raw("18446744073709551616\n").stop(), syntax("is no number")},
		{"PUT below", start().op(opNone, opPut).raw("-1\n").stop(), syntax("is no number")},
		{"LONG_BINPUT", start().op(opNone).u32(opLongBinPut, math.MaxUint32).stop(), nil},
		{"a comb of LONG_BINPUTs", start().op(opNone).raw(comb(3000)).raw(pad).stop(), syntax("byte 0x00 is no opcode")},
		{"a memo with little behind it", new(asm).op(opNone).raw(many(3000, "\x94")).stop(), limit("Memo")},
		{"GET of nothing", start().op(opGet).raw("0\n").stop(), syntax("memo entry 0 is not there")},
		{"BINGET of nothing", start().op(opNone).put(3).get(2).stop(), syntax("memo entry 2 is not there")},
		{"LONG_BINGET of nothing", start().u32(opLongBinGet, math.MaxUint32).stop(), syntax("memo entry 4294967295 is not there")},
		{"a memo entry of nothing", start().op(opMemoize).stop(), syntax("1 values are wanted and the stack has 0")},
		{"marks", start().raw(many(20_000, "(")).stop(), limit("Marks")},
		{"values on the stack", start().raw(many(1<<20+1, "N")).stop(), limit("Stack")},
		{"globals", globals(5000), limit("Globals")},
		{"text decoded again and again", decodeAgain(), limit("Decoded")},
		{"plain text decoded again and again", decodeAgainPlain(), limit("Decoded")},
		{"an OrderedDict copied again and again", copyAgain(), limit("Memory")},
		{"a set moved again and again", moveAgain(), limit("Memory")},
		{"a shape of 2^62", start().ndarray().op(opMark).i(1).long(1<<62).op(opTuple1).f8().op(opNewFalse).bytes("12345678").op(opTuple, opBuild).stop(), limit("Elements")},
		{"a shape that overflows to 0", start().ndarray().op(opMark).i(1).long(1<<32).long(1<<32).op(opTuple2).f8().op(opNewFalse).bytes("").op(opTuple, opBuild).stop(), limit("Elements")},
		{"a shape whose last dimension overflows to 0", start().ndarray().op(opMark).i(1).i(4).long(1<<62).op(opTuple2).f8().op(opNewFalse).bytes("").op(opTuple, opBuild).stop(), limit("Elements")},
		{"a shape that overflows to 1", start().ndarray().op(opMark).i(1).long(3).long(-0x5555555555555555).op(opTuple2).f8().op(opNewFalse).bytes("12345678").op(opTuple, opBuild).stop(), syntax("no number, or negative")},
		{"a shape that hides behind 0", start().ndarray().op(opMark).i(1).i(0).long(1<<62).op(opTuple2).f8().op(opNewFalse).bytes("").op(opTuple, opBuild).stop(), limit("Elements")},
		{"a shape of too many dimensions", start().ndarray().op(opMark).i(1).op(opMark).raw(many(65, "K\x01")).op(opTuple).f8().op(opNewFalse).bytes("12345678").op(opTuple, opBuild).stop(), syntax("at most 64")},
		{"a shape of floats", start().ndarray().op(opMark).i(1).op(opBinFloat).raw("12345678").op(opTuple1).f8().op(opNewFalse).bytes("").op(opTuple, opBuild).stop(), syntax("no number")},
		{"a shape without the bytes", start().ndarray().op(opMark).i(1).i(2).op(opTuple1).f8().op(opNewFalse).bytes("12345678").op(opTuple, opBuild).stop(), syntax("2 elements of 8 bytes, and 8 bytes are there")},
		{"elements of no size", start().ndarray().op(opMark).i(1).i(1<<30).op(opTuple1).dtype("V0", "|", 0, 0).op(opNewFalse).bytes("").op(opTuple, opBuild).stop(), limit("Elements")},
		{"elements of negative size", start().dtype("V1", "|", -5, 0).stop(), syntax("a dtype of -5 bytes")},
		{"elements of 2^60 bytes", start().global("numpy", "dtype").str("V1152921504606846976").op(opTuple1, opReduce).stop(), syntax("is not known")},
		{"objects without the list", start().ndarray().op(opMark).i(1).i(1<<20).op(opTuple1).dtype("O8", "|", -1, 63).op(opNewFalse, opEmptyList, opTuple, opBuild).raw(pad).stop(), limit("Elements")},
		{"objects fewer than said", start().ndarray().op(opMark).i(1).i(3).op(opTuple1).dtype("O8", "|", -1, 63).op(opNewFalse, opEmptyList, opNone, opAppend, opTuple, opBuild).stop(), syntax("3 objects, and 1 are there")},
		{"objects made of bytes", start().ndarray().op(opMark).i(1).i(1).op(opTuple1).dtype("O8", "|", -1, 63).op(opNewFalse).bytes("12345678").op(opTuple, opBuild).stop(), syntax("not a list")},
		{"numbers that claim to be objects", start().dtype("f8", "<", -1, 63).stop(), syntax("Python objects that are float64")},
		{"a dtype that changes its size", start().dtype("V1", "|", 1, 0).put(9).op(opPop).get(9).op(opMark).i(3).str("|").op(opNone, opNone, opNone).i(9).i(-1).i(0).op(opTuple, opBuild).stop(), syntax("set twice")},
		{"_reconstruct of a shape", start().global("numpy.core.multiarray", "_reconstruct").global("numpy", "ndarray").long(1<<40).op(opTuple1).bytes("b").op(opTuple3, opReduce).stop(), syntax("not empty")},
		{"_frombuffer of a shape", start().global("numpy._core.numeric", "_frombuffer").op(opMark).bytes("12345678").f8().long(1<<62).op(opTuple1).str("C").op(opTuple, opReduce).stop(), limit("Elements")},
		{"_frombuffer of axes twice", start().global("numpy._core.numeric", "_frombuffer").op(opMark).bytes("12345678").f8().i(1).i(1).op(opTuple2).str("K").i(1).i(1).op(opTuple2, opTuple, opReduce).stop(), syntax("no permutation")},
		{"_frombuffer of an axis beyond", start().global("numpy._core.numeric", "_frombuffer").op(opMark).bytes("12345678").f8().i(1).i(1).op(opTuple2).str("K").i(0).long(1<<62).op(opTuple2, opTuple, opReduce).stop(), syntax("no permutation")},
		{"_frombuffer of an axis of 80 bits", new(asm).op(opLong1, 10).raw("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a").put(0).op(opPop).global("numpy._core.numeric", "_frombuffer").op(opMark).bytes("12345678").f8().
			op(opMark).raw(many(3, "K\x01")).op(opTuple).str("K").op(opMark).i(0).i(1).get(0).op(opTuple, opTuple, opReduce).stop(), syntax("no permutation")},
		{"_frombuffer of objects", start().global("numpy._core.numeric", "_frombuffer").op(opMark).bytes("12345678").dtype("O8", "|", -1, 63).i(1).op(opTuple1).str("C").op(opTuple, opReduce).stop(), syntax("objects made of bytes")},
		{"a scalar without its bytes", start().global("numpy.core.multiarray", "scalar").f8().bytes("1").op(opTuple2, opReduce).stop(), syntax("a scalar of 8 bytes")},
		{"a joblib array beyond the end", start().wrapper(joblibNP, (*asm).f8, 16, 200).op(1).raw("\xff12345678").stop(), syntax("1600 bytes are wanted")},
		{"joblib padding beyond the end", start().wrapper(joblibNP, (*asm).f8, 16, 1).op(16).stop(), syntax("16 bytes are wanted")},
		{"joblib padding beyond the alignment", start().wrapper(joblibNP, (*asm).f8, 16, 1).op(200).raw(pad).stop(), syntax("200 bytes of padding")},
		{"a zlib bomb", squeeze(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }), limit("Ratio")},
		{"a gzip bomb", squeeze(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }), limit("Ratio")},
		{"a zstd bomb", squeeze(zstdWriter), limit("Ratio")},
		{"a zlib bomb of items", swell(), limit("Memory")},
		{"a zstd frame that claims 2^40 bytes", []byte("\x28\xb5\x2f\xfd\xe0\x00\x00\x00\x00\x00\x01\x00\x00\x01\x00\x00"), syntax("zstd")},
		{"bzip2 with a block and no data", []byte("BZh91AY&SY"), syntax("bzip2")},

		// Recursion.
		{"a list in itself", start().op(opEmptyList).put(0).get(0).op(opAppend).stop(), nil},
		{"a dict in itself", start().op(opEmptyDict).put(0).op(opNone).get(0).op(opSetItem).stop(), nil},
		{"a tuple in itself", start().op(opMark, opEmptyList).put(0).op(opTuple).put(1).op(opPop).get(0).get(1).op(opAppend).stop(), nil},
		{"a set in itself", start().op(opEmptySet).put(0).op(opMark).get(0).op(opAddItems).stop(), nil},
		{"an object in its own state", start().global("builtins", "object").op(opEmptyTuple, opNewObj).put(0).get(0).op(opBuild).stop(), nil},
		{"an array in itself", start().ndarray().put(0).op(opMark).i(1).i(1).op(opTuple1).dtype("O8", "|", -1, 63).op(opNewFalse, opEmptyList).get(0).op(opAppend, opTuple, opBuild).stop(), nil},
		{"a nest of lists", start().raw(many(100_000, "]")).raw(many(99_999, "a")).stop(), nil},
		{"a nest of tuples", start().raw(")" + many(100_000, "\x85")).stop(), nil},
		{"a billion laughs", start().raw("N" + many(100, "2\x86")).stop(), nil},
		{"a billion laughs in lists", start().raw("]" + many(100, "q\x00]h\x00h\x00h\x00\x87a")).stop(), nil},
		{"states upon states", start().global("builtins", "object").op(opEmptyTuple, opNewObj).raw(many(4, "}b")).stop(), nil},
		{"states upon states, without end", start().global("builtins", "object").op(opEmptyTuple, opNewObj).raw(many(1000, "}b")).stop(), syntax("more than 4 times")},

		// The stack.
		{"nothing", nil, syntax("ends before STOP")},
		{"STOP", []byte("."), syntax("the stack is empty")},
		{"STOP inside a mark", []byte("N(."), syntax("the stack is empty")},
		{"POP of nothing", []byte("0."), syntax("no mark is open")},
		{"POP_MARK of nothing", []byte("1."), syntax("no mark is open")},
		{"a tuple across a mark", start().op(opNone, opMark, opTuple1).stop(), syntax("1 values are wanted and the stack has 0")},
		{"an APPEND across a mark", start().op(opEmptyList, opMark, opNone, opAppend).stop(), syntax("2 values are wanted and the stack has 1")},
		{"an APPEND to a tuple", start().op(opEmptyTuple, opNone, opAppend).stop(), syntax("added to a value of kind tuple")},
		{"an odd dict", start().op(opMark, opNone, opDict).stop(), syntax("1 keys and values")},
		{"odd SETITEMS", start().op(opEmptyDict, opMark, opNone, opSetItems).stop(), syntax("1 keys and values")},
		{"SETITEM on a list", start().op(opEmptyList, opNone, opNone, opSetItem).stop(), syntax("added to a value of kind list")},
		{"protocol 6", start().proto(6).stop(), syntax("protocol 6")},
		{"opcode 255", start().op(255).stop(), syntax("byte 0xff is no opcode")},
	}
	return table
}

func boxes(a *asm) *asm { return a.dtype("O8", "|", -1, 63) }

func (a *asm) long(v int64) *asm {
	a.op(opLong1, 8)
	for range 8 {
		a.op(byte(v))
		v >>= 8
	}
	return a
}

// comb is n LONG_BINPUTs, each far from all others.
func comb(n int) string {
	a := new(asm)
	for i := range n {
		a.u32(opLongBinPut, uint32(i)*1000)
	}
	return string(a.b)
}

// globals names n classes of an allowed module.
func globals(n int) []byte {
	a := new(asm).proto(4)
	for i := range n {
		a.global("example.models", fmt.Sprintf("C%d", i)).op(opPop)
	}
	return a.op(opNone).stop()
}

func decodeAgain() []byte {
	a := new(asm).proto(4).global("_codecs", "encode").str(strings.Repeat("é", 1000)).str("latin1").op(opTuple2).put(1).op(opPop).put(0)
	return a.raw(strings.Repeat("h\x00h\x01R0", 1000)).stop()
}

func decodeAgainPlain() []byte {
	return bytes.ReplaceAll(decodeAgain(), []byte("é"), []byte("ee"))
}

// copyAgain makes OrderedDicts of the same list of pairs.
func copyAgain() []byte {
	a := new(asm).proto(4).global("collections", "OrderedDict").put(0).op(opPop, opEmptyList, opMark)
	return a.raw(strings.Repeat("NN\x86", 1000)).op(opAppends, opTuple1).put(1).op(opPop).raw(strings.Repeat("h\x00h\x01R0", 1000)).op(opNone).stop()
}

// moveAgain adds to sets that share their items.
func moveAgain() []byte {
	a := new(asm).proto(4).global("builtins", "set").put(0).op(opPop, opEmptyList, opMark)
	return a.raw(strings.Repeat("N", 1000)).op(opAppends, opTuple1).put(1).op(opPop).raw(strings.Repeat("h\x00h\x01R(N\x900", 1000)).op(opNone).stop()
}

func zstdWriter(w io.Writer) io.WriteCloser {
	z, _ := zstd.NewWriter(w)
	return z
}

// squeeze is 64 MiB of nothing, compressed.
func squeeze(to func(io.Writer) io.WriteCloser) []byte {
	var b bytes.Buffer
	w := to(&b)
	block := make([]byte, 1<<20)
	for range 64 {
		_, _ = w.Write(block)
	}
	_ = w.Close()
	return b.Bytes()
}

// swell is 16 MiB of items in as small a zlib file as may hold that much.
func swell() []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write(new(asm).proto(4).op(opEmptyList).raw(strings.Repeat("("+strings.Repeat("N", 1<<19)+"e", 32)).stop())
	_ = w.Close()
	return append(b.Bytes(), make([]byte, max(0, 16<<20/128-b.Len()))...)
}

func TestHostile(t *testing.T) {
	race.Alone(t)
	for _, h := range hostiles() {
		t.Run(h.name, func(t *testing.T) {
			doc, err := parseBounded(t, h.data, Options{Allow: examples}, allocated, 0)
			if err == nil {
				walk(t, doc)
			}
			h.check(t, err)
			if doc, err := parseBounded(t, h.data, Options{Lenient: true}, allocated, 0); err == nil {
				walk(t, doc)
			}
		})
	}
}

// check compares how an attack ended with how it should.
func (h hostile) check(t *testing.T, err error) {
	t.Helper()
	var global, wantGlobal *GlobalError
	var syntax, wantSyntax *SyntaxError
	var limit, wantLimit *LimitError
	switch {
	case errors.As(h.want, &wantGlobal):
		if !errors.As(err, &global) || *global != *wantGlobal {
			t.Errorf("got %v, want %v", err, h.want)
		}
		if said := fmt.Sprintf("%s.%s named at byte %d is not allowed", printable(wantGlobal.Module), printable(wantGlobal.Name), wantGlobal.Offset); err == nil || !strings.Contains(err.Error(), said) {
			t.Errorf("the message does not say what and where: %v", err)
		}
	case errors.As(h.want, &wantSyntax):
		if !errors.As(err, &syntax) || !strings.Contains(syntax.Msg, wantSyntax.Msg) {
			t.Errorf("got %v, want %v", err, h.want)
		}
	case errors.As(h.want, &wantLimit):
		if !errors.As(err, &limit) || limit.Field != wantLimit.Field || limit.Got <= limit.Limit {
			t.Errorf("got %v, want one of Limits.%s", err, wantLimit.Field)
		}
	case err != nil:
		t.Errorf("got %v, want a value", err)
	}
}

// parseBounded parses and checks how much memory that took, give or take slack.
func parseBounded(t testing.TB, data []byte, opt Options, allocated func() int, slack int) (*Document, error) {
	t.Helper()
	before := allocated()
	doc, err := Parse(data, opt)
	took := allocated() - before
	checkError(t, err)
	if most := mostMemory(data) + slack; took > most {
		t.Errorf("%d bytes took %d bytes of memory, the most is %d (%v)", len(data), took, most, err)
	}
	return doc, err
}

// mostMemory is what parsing may allocate: what Limits say, a quarter more for
// what the allocator rounds up, and what decompressors take.
func mostMemory(data []byte) int {
	n := len(data)
	if c, ok := sniff(data); ok && c.refusal == nil {
		decompressor := map[string]int{"zlib": 64 << 10, "gzip": 64 << 10, "bzip2": 4 << 20, "zstd": 9 << 20}[c.name]
		if n < 256 {
			return 96<<10 + decompressor
		}
		l := Limits{}.within(math.MaxInt32, n)
		return 3*(freeSize+l.Ratio*n) + l.Memory*5/4 + decompressor
	}
	if n <= 32 {
		return 16 << 10 // a few bytes cost next to nothing
	}
	return (Limits{}).within(n, n).Memory*5/4 + 16<<10
}

// allocated is the number of bytes ever allocated, to the byte.
func allocated() int {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int(stats.TotalAlloc)
}

// allocatedRoughly is much faster, and knows of small allocations late, up to slack.
func allocatedRoughly() int {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return int(sample[0].Value.Uint64())
}

const slack = 1 << 20

// TestCut parses every beginning of real files: none of them is whole.
func TestCut(t *testing.T) {
	race.Alone(t)
	for _, name := range realFiles() {
		data := read(t, name)
		for n := range data {
			if _, err := parseBounded(t, data[:n:n], Options{Allow: examples}, allocatedRoughly, slack); err == nil {
				t.Errorf("%s cut at %d of %d is a value", name, n, len(data))
			}
		}
	}
}

// TestFlipped parses real files with each byte changed.
func TestFlipped(t *testing.T) {
	race.Alone(t)
	for _, name := range realFiles() {
		if strings.HasSuffix(name, ".gz") || strings.HasSuffix(name, ".bz2") {
			continue // their checksums see every change; one such file is enough
		}
		data := read(t, name)
		for i := range data {
			for _, flip := range []byte{0xff, 1 << (i % 8)} {
				data[i] ^= flip
				if doc, err := parseBounded(t, data, Options{Allow: examples, Lenient: i%2 == 0}, allocatedRoughly, slack); err == nil {
					walk(t, doc)
				}
				data[i] ^= flip
			}
		}
	}
}

func realFiles() []string {
	return []string{"model.pickle", "numpy-0.pickle", "numpy-2.pickle", "numpy-5.pickle", "numpy-4.joblib",
		"numpy.joblib.z", "numpy.joblib.gz", "numpy.joblib.bz2", "python2-0.pickle"}
}
