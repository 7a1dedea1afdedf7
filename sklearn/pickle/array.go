package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
)

// NDArray is a numpy.ndarray: a shape, a dtype, and elements.
type NDArray struct {
	d *Document
	i uint32
}

func (a NDArray) array() *array {
	if a.d == nil {
		return &array{}
	}
	return &a.d.arrays[a.i]
}

// Shape is the length of each dimension; empty for an array of dimension 0,
// which has one element.
func (a NDArray) Shape() []int {
	shape, _ := a.layout()
	return shape
}

// Matrix is the shape of an array of two dimensions; false of any other.
func (a NDArray) Matrix() (rows, cols int, ok bool) {
	t := a.array()
	if t.shape.n != 2 {
		return 0, 0, false
	}
	shape := a.d.at(t.shape)
	i, j := 0, 1
	if t.axed {
		axes := a.d.at(t.axes)
		i, j = int(axes[0].bits), int(axes[1].bits)
	}
	return int(shape[i].bits), int(shape[j].bits), true
}

// Len is the number of elements.
func (a NDArray) Len() int { return int(a.array().count) }

// DType is numpy's name of the dtype: "float64", "int32", "bool", "object",
// "<U3" and the like. It does not tell the byte order of numbers.
func (a NDArray) DType() string { return a.array().dtype.String() }

// Index is element i, in C order, of an array of numbers or Python objects. It is
// Invalid when there is none.
func (a NDArray) Index(i int) Value {
	t := a.array()
	if i < 0 || i >= int(t.count) {
		return Value{}
	}
	if t.dtype.boxed {
		return Value{a.d, a.d.at(t.boxes)[i]} // in C order whatever the memory order was
	}
	if !t.dtype.numeric() {
		return Value{}
	}
	return Value{a.d, t.dtype.read(a.element(a.position(i)))}
}

// Float64s appends the elements, in C order, to dst: numbers of every type of at
// most 8 bytes, booleans as 0 and 1, and Python objects that are numbers.
func (a NDArray) Float64s(dst []float64) ([]float64, error) {
	t := a.array()
	dst = slices.Grow(dst, int(t.count))
	if t.dtype.letter == 'f' && t.dtype.size == 8 && !t.dtype.big && a.inOrder() {
		for b := a.d.bytes(t.data); len(b) >= 8; b = b[8:] {
			dst = append(dst, math.Float64frombits(binary.LittleEndian.Uint64(b)))
		}
		return dst, nil
	}
	for c, err := range a.numbers() {
		if err != nil {
			return dst, err
		}
		f, ok := Value{a.d, c}.Float()
		if c.kind == Bool {
			f, ok = float64(c.bits), true
		}
		if !ok {
			return dst, fmt.Errorf("an element of the array is a %v, not a number of 64 bits", c.kind)
		}
		dst = append(dst, f)
	}
	return dst, nil
}

// Int64s appends the elements, in C order, to dst: integers that fit, booleans as
// 0 and 1, and Python objects that are such integers.
func (a NDArray) Int64s(dst []int64) ([]int64, error) {
	t := a.array()
	dst = slices.Grow(dst, int(t.count))
	for c, err := range a.numbers() {
		if err != nil {
			return dst, err
		}
		if c.kind != Int && c.kind != Bool || c.flag != 0 {
			return dst, fmt.Errorf("an element of the array is a %v, not an integer of 64 bits", c.kind)
		}
		dst = append(dst, int64(c.bits))
	}
	return dst, nil
}

// numbers yields the elements in C order.
func (a NDArray) numbers() iter.Seq2[cell, error] {
	return func(yield func(cell, error) bool) {
		t := a.array()
		if t.dtype.boxed {
			for _, c := range a.d.at(t.boxes) {
				if !yield(c, nil) {
					return
				}
			}
			return
		}
		if !t.dtype.numeric() {
			yield(cell{}, errors.New("an array of dtype "+t.dtype.String()+" holds no numbers that can be read"))
			return
		}
		for p := range a.positions() {
			if !yield(t.dtype.read(a.element(p)), nil) {
				return
			}
		}
	}
}

// element is the bytes of the element at position p of the data.
func (a NDArray) element(p int) []byte {
	t := a.array()
	size := int(t.dtype.size)
	return a.d.bytes(t.data)[p*size : (p+1)*size]
}

// layout is the shape, and how many elements of the data apart the neighbours in
// each dimension are.
func (a NDArray) layout() (shape, strides []int) {
	t := a.array()
	n := int(t.shape.n)
	shape, strides = make([]int, n), make([]int, n)
	if n == 0 {
		return shape, strides
	}
	for i, c := range a.d.at(t.shape) {
		shape[i] = int(c.bits)
	}
	step := 1
	for k := range n {
		i := k
		if t.order == 'C' {
			i = n - 1 - k
		}
		strides[i] = step
		step *= shape[i]
	}
	if t.axed {
		data, steps := slices.Clone(shape), slices.Clone(strides)
		for i, c := range a.d.at(t.axes) {
			shape[i], strides[i] = data[c.bits], steps[c.bits]
		}
	}
	return shape, strides
}

// inOrder reports whether the data lies in C order.
func (a NDArray) inOrder() bool {
	t := a.array()
	return !t.axed && (t.order == 'C' || t.shape.n < 2)
}

// position is where element i, in C order, lies in the data.
func (a NDArray) position(i int) int {
	if a.inOrder() {
		return i
	}
	shape, strides := a.layout()
	p := 0
	for k := len(shape) - 1; k >= 0; k-- {
		p += i % shape[k] * strides[k]
		i /= shape[k]
	}
	return p
}

// positions yields where the elements, in C order, lie in the data.
func (a NDArray) positions() iter.Seq[int] {
	return func(yield func(int) bool) {
		count := a.Len()
		if a.inOrder() {
			for i := range count {
				if !yield(i) {
					return
				}
			}
			return
		}
		shape, strides := a.layout()
		index := make([]int, len(shape))
		p := 0
		for range count {
			if !yield(p) {
				return
			}
			for k := len(shape) - 1; k >= 0; k-- {
				index[k]++
				p += strides[k]
				if index[k] < shape[k] {
					break
				}
				p -= index[k] * strides[k]
				index[k] = 0
			}
		}
	}
}
