package pickle

import (
	"iter"
	"math"
	"unicode/utf8"
)

// Value is one value of a Document. It is small and copied at will. The zero
// Value is of kind Invalid, and every accessor may be used on it: one that does
// not fit the kind reports false, or answers with nothing. Values may be compared
// with ==: two of kind Object are equal if they are the same object, as with
// Python's "is".
type Value struct {
	d *Document
	c cell
}

// Kind says what the value is.
func (v Value) Kind() Kind { return v.c.kind }

// Bool is the value of a bool, Python's or numpy's.
func (v Value) Bool() (value, ok bool) {
	ok = v.c.kind == Bool
	return ok && v.c.bits != 0, ok
}

// Int is the value of an int, Python's or numpy's, that fits 64 bits with its sign.
func (v Value) Int() (int64, bool) {
	if v.c.kind != Int || v.c.flag != 0 {
		return 0, false
	}
	return int64(v.c.bits), true
}

// Float is the value of a float or int, Python's or numpy's, but for ints of
// more than 64 bits.
func (v Value) Float() (float64, bool) {
	switch {
	case v.c.kind == Float:
		return math.Float64frombits(v.c.bits), true
	case v.c.kind != Int || v.c.flag&long != 0:
		return 0, false
	case v.c.flag&unsigned != 0:
		return float64(v.c.bits), true
	}
	return float64(int64(v.c.bits)), true
}

// truth is the value of a bool, or of an int in place of one.
func (v Value) truth() (value, ok bool) {
	return v.c.bits != 0, v.c.kind == Bool || v.c.kind == Int && v.c.flag == 0
}

// Str is the value of a string that is valid UTF-8: text, or a byte string of
// Python 2. It shares the memory of the Document.
func (v Value) Str() (string, bool) {
	if v.c.kind != String {
		return "", false
	}
	b := v.d.bytes(v.c)
	if !utf8.Valid(b) {
		return "", false
	}
	return view(b), true
}

// Bytes is the value of bytes, a bytearray or a string of whatever encoding. It
// shares the memory of the Document and must not be changed.
func (v Value) Bytes() ([]byte, bool) {
	if v.c.kind != Bytes && v.c.kind != String {
		return nil, false
	}
	return v.d.bytes(v.c), true
}

// Len is the number of items of a List, Tuple or Set, or of entries of a Dict as
// they were written; also of an Object whose class derives from one of them.
func (v Value) Len() int {
	n := len(v.items())
	if v.holds(Dict) {
		n /= 2
	}
	return n
}

// Index is item i of a List, Tuple or Set, or of an Object whose class derives
// from list or set. It is Invalid when there is none.
func (v Value) Index(i int) Value {
	items := v.items()
	if v.holds(Dict) || i < 0 || i >= len(items) {
		return Value{}
	}
	return Value{v.d, items[i]}
}

// Lookup finds the value of a string key in a Dict, or an Object whose class
// derives from dict. Of several, the last wins.
func (v Value) Lookup(key string) (Value, bool) { return v.found(v.lookup(key, math.MaxInt)) }

// lookup is where in Document.cells what Lookup finds is, among the last entries, at
// most as many as most; -1 where there is none.
func (v Value) lookup(key string, most int) int {
	if !v.holds(Dict) {
		return -1
	}
	s := v.span()
	items := v.d.at(s)
	for i := len(items) - 2; i >= 0 && most > 0; i, most = i-2, most-1 {
		if k := items[i]; k.kind == String && int(k.aux) == len(key) && string(v.d.bytes(k)) == key {
			return int(s.off) + i + 1
		}
	}
	return -1
}

// found is the item at an index of Document.cells, if that is not below 0.
func (v Value) found(at int) (Value, bool) {
	if at < 0 {
		return Value{}, false
	}
	return Value{v.d, v.d.cells[at]}, true
}

// Entries are the keys and values of a Dict, or of an Object whose class derives
// from dict, as they were written.
func (v Value) Entries() iter.Seq2[Value, Value] {
	return func(yield func(Value, Value) bool) {
		if !v.holds(Dict) {
			return
		}
		items := v.items()
		for i := 0; i+1 < len(items); i += 2 {
			if !yield(Value{v.d, items[i]}, Value{v.d, items[i+1]}) {
				return
			}
		}
	}
}

// holds reports whether the value is a container of the given kind, or an object
// that has the items of one.
func (v Value) holds(kind Kind) bool {
	if o := v.object(); o != nil {
		return o.items != 0 && o.holds == kind
	}
	return v.c.kind == kind
}

func (v Value) items() []cell {
	if v.d == nil {
		return nil
	}
	return v.d.at(v.span())
}

// span is where the items are.
func (v Value) span() span {
	if o := v.object(); o == nil {
		return v.d.span(v.c)
	} else if o.items != 0 {
		return v.d.runs[o.items-1].span
	}
	return span{}
}

// object is what stands behind an Object or Opaque value, else nil.
func (v Value) object() *object {
	if v.c.kind != Object && v.c.kind != Opaque {
		return nil
	}
	return &v.d.objects[v.c.bits]
}

// Class is the class of an Object, what an Opaque value was made by, or what a
// Class names.
func (v Value) Class() (module, name string) {
	i := -1
	if v.c.kind == Class {
		i = int(v.c.bits)
	} else if o := v.object(); o != nil {
		i = int(o.class) - 1
	}
	if i < 0 {
		return "", ""
	}
	g := &v.d.globals[i]
	return g.Module, g.Name
}

// maxAttributes is how many entries of a dict Attr looks at. Many objects may
// share one dict that is all of a large file.
const maxAttributes = 4096

// Attr finds an attribute in the state of an Object: a dict, or a tuple of a
// dict and the dict of its slots. Of a dict of more than 4096 entries, which is
// no estimator's, it sees the last ones.
func (v Value) Attr(name string) (Value, bool) { return v.found(v.attr(name)) }

// attr is where in Document.cells an attribute is; -1 where there is none.
func (v Value) attr(name string) int {
	for o := v.object(); o != nil; o = v.d.before(o) {
		state := Value{v.d, o.state}
		if at := state.lookup(name, maxAttributes); at >= 0 {
			return at
		}
		if o.state.kind != Tuple || state.Len() != 2 {
			continue
		}
		for i := range 2 {
			if at := state.Index(i).lookup(name, maxAttributes); at >= 0 {
				return at
			}
		}
	}
	return -1
}

// State is the state that the last BUILD gave an Object; Invalid when none did.
func (v Value) State() Value {
	if o := v.object(); o != nil && o.state.kind != Invalid {
		return Value{v.d, o.state}
	}
	return Value{}
}

// Args is the tuple of arguments that an Object or Opaque value was made with.
func (v Value) Args() Value {
	if o := v.object(); o != nil && o.args.kind == Tuple {
		return Value{v.d, o.args}
	}
	return Value{}
}

// Array is the value of a numpy.ndarray.
func (v Value) Array() (NDArray, bool) {
	if v.c.kind != Array {
		return NDArray{}, false
	}
	return NDArray{v.d, uint32(v.c.bits)}, true
}

// Offset is where the value began in the decompressed input: the opcode that made
// it, or the first byte of a string. It is -1 where that is not known.
func (v Value) Offset() int {
	switch {
	case v.c.kind == Invalid || v.c.flag&inSide != 0:
		return -1
	case v.c.packed():
		return int(v.c.bits)
	}
	return int(v.c.aux)
}

func (d *Document) bytes(c cell) []byte {
	b := d.data
	if c.flag&inSide != 0 {
		b = d.side
	}
	end := c.bits + uint64(c.aux)
	return b[c.bits:end:end]
}

func (d *Document) at(s span) []cell { return d.cells[s.off : s.off+s.n] }

// items are the items of a List, Tuple, Dict or Set; of others, there are none.
func (d *Document) items(c cell) []cell { return d.at(d.span(c)) }

// span is where the items are.
func (d *Document) span(c cell) span {
	switch c.kind {
	case Tuple:
		return spanOf(c.bits)
	case List, Dict, Set:
		return d.runs[c.bits].span
	}
	return span{}
}

// before is the object that holds the states of the BUILDs before o's, or nil.
func (d *Document) before(o *object) *object {
	if o.earlier == 0 {
		return nil
	}
	return &d.objects[o.earlier-1]
}
