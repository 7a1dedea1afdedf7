package pickle

// Kind says what a Value is.
type Kind uint8

// The kinds of values.
const (
	Invalid Kind = iota
	None
	Bool
	Int    // of any size; Value.Int says whether it fits 64 bits
	Float  // also numpy's float scalars
	String // also Python 2's byte strings, which held text and data alike
	Bytes  // bytes and bytearray
	List
	Tuple
	Dict // also OrderedDict and defaultdict
	Set  // also frozenset
	Object
	Class // a global as a value
	Array // numpy.ndarray
	DType // numpy.dtype
	Opaque
)

// String is the name of the kind, for messages.
func (k Kind) String() string {
	if int(k) >= len(kindNames) {
		return kindNames[Invalid]
	}
	return kindNames[k]
}

var kindNames = [...]string{
	"invalid", "None", "bool", "int", "float", "string", "bytes", "list", "tuple", "dict", "set",
	"object", "class", "array", "dtype", "opaque",
}

// A cell is a value without pointers, so that the collector never looks inside
// the arenas. What bits and aux mean depends on the kind:
//
//	None                    aux: the offset of the opcode in the input
//	Bool, Int, Float        bits: the number; aux: offset
//	String, Bytes, long Int bits: where the bytes begin, in the input or in Document.side; aux: how many
//	Tuple                   bits: index and length in Document.cells, 32 bits each; aux: offset
//	List, Dict, Set         bits: index in Document.runs; aux: offset
//	Object, Opaque          bits: index in Document.objects; aux: offset
//	Class                   bits: index in Document.globals; aux: offset; id: which one, if the machine knows it
//	Array, DType            bits: index in Document.arrays, Document.dtypes; aux: offset
type cell struct {
	kind Kind
	flag flag
	id   builtin
	aux  uint32
	bits uint64
}

type flag uint8

const (
	inSide   flag = 1 << iota // the bytes are in Document.side
	python2                   // a byte string of Python 2, of no stated encoding
	long                      // an Int of more than 64 bits, kept as it was written
	unsigned                  // an Int between 1<<63 and 1<<64
	denied                    // a Class that is not allowed, in a lenient parse
)

// packed reports whether bits and aux are the place and length of bytes.
func (c cell) packed() bool {
	return c.kind == String || c.kind == Bytes || c.flag&long != 0
}

// A span is a range of Document.cells that never changes once it is written.
type span struct{ off, n uint32 }

func (s span) bits() uint64 { return uint64(s.off)<<32 | uint64(s.n) }

func spanOf(bits uint64) span { return span{uint32(bits >> 32), uint32(bits)} }

// A run is a span that may grow: the items of a list or set, or the keys and
// values of a dict in turn. Growing moves it, so that others' spans stay.
type run struct {
	span
	room uint32
}

// An object is what a call or NEWOBJ made.
type object struct {
	class   uint32 // index in Document.globals plus one; 0: an opaque callee
	items   uint32 // index in Document.runs plus one; 0: none
	earlier uint32 // index plus one of the object that holds the state of earlier BUILDs
	id      builtin
	holds   Kind // what items are: List, Dict or Set
	builds  uint8
	args    cell
	state   cell
}
