package sklearn_test

import (
	"encoding/binary"
	"fmt"
	"math"
)

// What the encoder below takes besides Go's own: an estimator or whatever else
// has a class and attributes, a tuple, and an array of numbers.
type (
	object struct {
		class string // module and name, with a space between
		state []any  // keys and values in turn
	}
	tuple []any
	array struct {
		code  string // numpy's, such as f8
		shape tuple
		data  []byte
	}
)

// An encoder writes pickles that no Python would. An *object or *string that
// occurs again is written once.
type encoder struct {
	b    []byte
	memo map[any]uint32
}

func encode(v any) []byte {
	e := encoder{b: []byte{0x80, 2}, memo: make(map[any]uint32)}
	e.value(v)
	return append(e.b, '.')
}

func (e *encoder) value(v any) {
	switch v := v.(type) {
	case nil:
		e.b = append(e.b, 'N')
	case bool:
		e.b = append(e.b, map[bool]byte{true: 0x88, false: 0x89}[v])
	case int:
		e.number('J', uint32(v))
	case float64:
		e.b = binary.BigEndian.AppendUint64(append(e.b, 'G'), math.Float64bits(v))
	case string:
		e.number('X', uint32(len(v)))
		e.b = append(e.b, v...)
	case *string:
		if !e.again(v) {
			e.value(*v)
			e.remember(v)
		}
	case []byte:
		e.number('B', uint32(len(v)))
		e.b = append(e.b, v...)
	case tuple:
		e.items('(', v, "t")
	case []any:
		e.items(']', nil, "")
		e.items('(', v, "e")
	case array:
		e.array(v)
	case *object:
		e.object(v)
	default:
		panic(fmt.Sprintf("a %T", v))
	}
}

func (e *encoder) again(v any) bool {
	i, ok := e.memo[v]
	if ok {
		e.number('j', i)
	}
	return ok
}

func (e *encoder) remember(v any) {
	e.memo[v] = uint32(len(e.memo))
	e.number('r', e.memo[v])
}

func (e *encoder) number(op byte, n uint32) {
	e.b = binary.LittleEndian.AppendUint32(append(e.b, op), n)
}

func (e *encoder) items(begin byte, items []any, end string) {
	e.b = append(e.b, begin)
	for _, item := range items {
		e.value(item)
	}
	e.b = append(e.b, end...)
}

func (e *encoder) global(module, name string) {
	e.b = append(e.b, "c"+module+"\n"+name+"\n"...)
}

func (e *encoder) object(o *object) {
	if e.again(o) {
		return
	}
	var module, name string
	_, _ = fmt.Sscan(o.class, &module, &name)
	e.global(module, name)
	e.b = append(e.b, ')', 0x81)
	e.remember(o)
	e.b = append(e.b, '}')
	e.items('(', o.state, "ub")
}

func (e *encoder) array(a array) {
	e.global("numpy.core.multiarray", "_reconstruct")
	e.b = append(e.b, '(')
	e.global("numpy", "ndarray")
	e.value(tuple{0})
	e.value([]byte("b"))
	e.b = append(e.b, "tR("...)
	e.value(1)
	e.value(a.shape)
	e.global("numpy", "dtype")
	e.value(tuple{a.code, false, true})
	e.b = append(e.b, 'R')
	e.value(tuple{3, "<", nil, nil, nil, -1, -1, 0})
	e.b = append(e.b, 'b')
	e.value(false)
	e.value(a.data)
	e.b = append(e.b, "tb"...)
}

func floats(shape tuple, values ...float64) array {
	a := array{code: "f8", shape: shape}
	for _, v := range values {
		a.data = binary.LittleEndian.AppendUint64(a.data, math.Float64bits(v))
	}
	return a
}

func ints(values ...int) array {
	a := array{code: "i4", shape: tuple{len(values)}}
	for _, v := range values {
		a.data = binary.LittleEndian.AppendUint32(a.data, uint32(v))
	}
	return a
}

func pipeline(steps ...any) *object {
	for i, s := range steps {
		steps[i] = tuple{fmt.Sprint("step", i), s}
	}
	return &object{"sklearn.pipeline Pipeline", []any{"steps", steps}}
}

func scaler(state ...any) *object {
	return &object{"sklearn.preprocessing._data StandardScaler", state}
}

// linear decides x - 10.
func linear(state ...any) *object {
	return detector(floats(tuple{1, 1}, 1), state...)
}

func detector(vectors any, state ...any) *object {
	return &object{"sklearn.svm._classes OneClassSVM", append([]any{"kernel", "linear", "gamma", 1.0, "_gamma", 1.0, "degree", 3, "coef0", 0.0,
		"support_vectors_", vectors, "_dual_coef_", floats(tuple{1, 1}, 1), "_intercept_", floats(tuple{1}, -10)}, state...)}
}

func csr(rows, cols int, indptr, indices array, data array) *object {
	return &object{"scipy.sparse._csr csr_matrix", []any{"_shape", tuple{rows, cols}, "indptr", indptr, "indices", indices, "data", data}}
}
