package pickle

import (
	"math"
	"math/bits"
)

// An array is a numpy.ndarray.
type array struct {
	dtype dtype // as it was when the array was made, whatever is done to it later
	shape span  // of cells, all Int; if axed, the shape before the transposition
	axes  span  // of cells: a permutation, if axed
	data  cell  // Bytes or String, unless the dtype is boxed
	boxes span  // of cells, if it is: the elements in C order
	count uint32
	order byte // 'C' or 'F'
	axed  bool
}

// maxDims is numpy's limit of dimensions.
const maxDims = 64

// reconstructArray is _reconstruct(ndarray, (0,), b'b'): an array that gets its
// substance by BUILD. Of subclasses, an Object is made.
func (m *machine) reconstructArray(args cell, in []cell) (cell, error) {
	if len(in) != 3 || in[0].kind != Class {
		return cell{}, m.fail("_reconstruct wants a class, a shape and a type")
	}
	if in[0].id != numpyNDArray {
		return m.newInstance(in[0], args)
	}
	shape := m.doc.items(in[1])
	if in[1].kind != Tuple || len(shape) != 1 || shape[0].kind != Int || shape[0].flag != 0 || shape[0].bits != 0 {
		return cell{}, m.fail("_reconstruct makes an array that is not empty")
	}
	m.rec.pin(shape[0])
	return m.newArray(array{dtype: dtype{letter: 'i', size: 1}, shape: spanOf(in[1].bits), order: 'C', data: cell{kind: Bytes}})
}

func (m *machine) newArray(a array) (cell, error) {
	d := m.doc
	var err error
	if d.arrays, err = grown(m, d.arrays, &m.spare.arrays, 1, m.limits.Cells, "arrays", "Cells"); err != nil {
		return cell{}, err
	}
	d.arrays = append(d.arrays, a)
	return cell{kind: Array, aux: uint32(m.op), bits: uint64(len(d.arrays) - 1)}, nil
}

// buildArray sets the state (version, shape, dtype, fortran, data) of an array.
func (m *machine) buildArray(to, state cell) error {
	in := m.doc.items(state)
	if state.kind != Tuple || len(in) != 5 {
		return m.fail("the state of an array is a tuple of 5")
	}
	order := byte('C')
	if fortran, ok := (Value{m.doc, in[3]}).truth(); !ok {
		return m.fail("the order of an array is neither true nor false")
	} else if fortran {
		order = 'F'
	}
	m.rec.pin(in[3])
	a, err := m.shaped(in[1], in[2], order)
	if err != nil {
		return err
	}
	if a.dtype.boxed {
		if in[4].kind != List {
			return m.fail("the objects of an array are a %v, not a list", in[4].kind)
		}
		a.boxes = m.doc.runs[in[4].bits].span
		if a.boxes.n != a.count {
			return m.fail("an array of %d objects, and %d are there", a.count, a.boxes.n)
		}
	} else if err := m.fill(&a, in[4]); err != nil {
		return err
	}
	m.doc.arrays[to.bits] = a
	m.rec.array(uint32(to.bits), a)
	return nil
}

// arrayFromBuffer is _frombuffer(buffer, dtype, shape, order[, axis_order]).
func (m *machine) arrayFromBuffer(in []cell) (cell, error) {
	if len(in) != 4 && len(in) != 5 {
		return cell{}, m.fail("_frombuffer wants a buffer, a dtype, a shape and an order")
	}
	order, ok := m.letter(in[3])
	if !ok || order != 'C' && order != 'F' && order != 'K' || order == 'K' && len(in) != 5 {
		return cell{}, m.fail("the order of an array is not known")
	}
	a, err := m.shaped(in[2], in[1], order)
	if err != nil {
		return cell{}, err
	}
	if order == 'K' {
		a.order = 'C'
		if err := m.transpose(&a, in[4]); err != nil {
			return cell{}, err
		}
	}
	if a.dtype.boxed {
		return cell{}, m.fail("an array of objects made of bytes")
	}
	if err := m.fill(&a, in[0]); err != nil {
		return cell{}, err
	}
	m.rec.array(uint32(len(m.doc.arrays)), a)
	return m.newArray(a)
}

// letter is the only byte of a string.
func (m *machine) letter(c cell) (byte, bool) {
	if c.kind != String || c.aux != 1 {
		return 0, false
	}
	return m.doc.bytes(c)[0], true
}

// shaped starts an array with a shape and dtype, whose product it checks.
func (m *machine) shaped(shape, typ cell, order byte) (array, error) {
	if typ.kind != DType {
		return array{}, m.fail("the dtype of an array is a %v", typ.kind)
	}
	dims := m.doc.items(shape)
	if shape.kind != Tuple || len(dims) > maxDims {
		return array{}, m.fail("the shape of an array is no tuple of at most %d numbers", maxDims)
	}
	a := array{dtype: m.doc.dtypes[typ.bits], shape: spanOf(shape.bits), order: order}
	product, empty := uint64(1), false
	for _, dim := range dims {
		if dim.kind != Int || dim.flag != 0 || int64(dim.bits) < 0 {
			return array{}, m.fail("a dimension of an array is no number, or negative")
		}
		if dim.bits == 0 {
			empty = true
			continue
		}
		high, low := bits.Mul64(product, dim.bits)
		if high != 0 || low > math.MaxInt64 {
			low = math.MaxInt64
		}
		if most := uint64(min(m.limits.Elements, math.MaxUint32)); low > most {
			return array{}, m.exceeds("elements of an array", "Elements", int(low), int(most))
		}
		product = low
	}
	if !empty {
		a.count = uint32(product)
	}
	return a, nil
}

// transpose sets the order of the axes: axis i of the array is axis axes[i] of
// the data.
func (m *machine) transpose(a *array, axes cell) error {
	in := m.doc.items(axes)
	if axes.kind != Tuple || len(in) != int(a.shape.n) {
		return m.fail("the axis order of an array is no tuple of its axes")
	}
	var seen uint64
	for _, axis := range in {
		if axis.kind != Int || axis.flag != 0 || axis.bits >= uint64(len(in)) || seen&(1<<axis.bits) != 0 {
			return m.fail("the axis order of an array is no permutation of its axes")
		}
		seen |= 1 << axis.bits
		m.rec.pin(axis)
	}
	a.axes, a.axed = spanOf(axes.bits), true
	return nil
}

// fill gives an array its bytes, which must be as many as its shape says.
func (m *machine) fill(a *array, data cell) error {
	if data.kind != Bytes && (data.kind != String || data.flag&python2 == 0) {
		return m.fail("the data of an array is a %v, not bytes", data.kind)
	}
	if want := uint64(a.count) * uint64(a.dtype.size); want != uint64(data.aux) {
		return m.fail("an array of %d elements of %d bytes, and %d bytes are there", a.count, a.dtype.size, data.aux)
	}
	a.data = data
	return nil
}

// scalar is scalar(dtype, bytes): a number, or what else has one element.
func (m *machine) scalar(callee, args cell, in []cell) (cell, error) {
	if len(in) != 2 || in[0].kind != DType {
		return cell{}, m.fail("scalar wants a dtype and bytes")
	}
	t, data := m.doc.dtypes[in[0].bits], in[1]
	if t.boxed {
		return data, nil
	}
	if data.kind != Bytes && (data.kind != String || data.flag&python2 == 0) || data.aux != t.size {
		return cell{}, m.fail("a scalar of %d bytes, and its data is a %v of another length", t.size, data.kind)
	}
	b := m.doc.bytes(data)
	if t.numeric() {
		c := t.read(b)
		c.aux = uint32(m.op)
		m.rec.scalar(c, data, t)
		return c, nil
	}
	m.rec.pin(data)
	switch t.letter {
	case 'S':
		if err := m.decode(len(b)); err != nil {
			return cell{}, err
		}
		for data.aux > 0 && b[data.aux-1] == 0 {
			data.aux--
		}
		return cell{kind: Bytes, flag: data.flag & inSide, aux: data.aux, bits: data.bits}, nil
	case 'U':
		return m.decoded(String, 0, b, t.appendText)
	}
	return m.newInstance(callee, args)
}
