package pickle

// readWrapped replaces a NumpyArrayWrapper on top of the stack, whose state it
// has just been given, by the array whose data follows in the file.
func (m *machine) readWrapped(state cell) error {
	if m.nested {
		return m.fail("a joblib array inside the objects of a joblib array")
	}
	if m.pos < m.frame {
		return m.fail("the data of a joblib array begins inside a frame")
	}
	w := Value{m.doc, state}
	if class, ok := w.Lookup("subclass"); !ok || class.c.kind != Class || class.c.id != numpyNDArray {
		return m.fail("a joblib array of a class other than numpy.ndarray")
	}
	letter, _ := w.Lookup("order")
	order, ok := m.letter(letter.c)
	if !ok || order != 'C' && order != 'F' {
		return m.fail("the order of a joblib array is neither C nor F")
	}
	shape, _ := w.Lookup("shape")
	typ, _ := w.Lookup("dtype")
	a, err := m.shaped(shape.c, typ.c, order)
	if err != nil {
		return err
	}
	m.doc.format.Container = "joblib"
	var made cell
	if a.dtype.boxed {
		made, err = m.nestedArray()
	} else {
		align, _ := w.Lookup("numpy_array_alignment_bytes")
		made, err = m.rawArray(a, align)
	}
	if err != nil {
		return err
	}
	m.stack[len(m.stack)-1] = made
	return nil
}

// rawArray reads the padding, if there is an alignment, and the elements.
func (m *machine) rawArray(a array, align Value) (cell, error) {
	most, aligned := align.Int()
	if aligned {
		m.rec.pin(align.c)
		n, err := m.number(1)
		if err != nil {
			return cell{}, err
		}
		if int64(n) > most {
			return cell{}, m.fail("%d bytes of padding before array data aligned to %d", n, most)
		}
		if _, err := m.skip(n); err != nil {
			return cell{}, err
		}
	} else if k := align.Kind(); k != None && k != Invalid {
		return cell{}, m.fail("the alignment of a joblib array is a %v", k)
	}
	n := uint64(a.count) * uint64(a.dtype.size)
	off, err := m.skip(n)
	if err != nil {
		return cell{}, err
	}
	a.data = cell{kind: Bytes, aux: uint32(n), bits: uint64(off)}
	m.rec.raw(m.op, uint32(len(m.doc.arrays)), a, aligned, most)
	return m.newArray(a)
}

// nestedArray runs the pickle that stands in for the data of an array of objects.
func (m *machine) nestedArray() (cell, error) {
	if m.budget.nested == 0 {
		return cell{}, m.exceeds("arrays of objects", "Nested", m.limits.Nested+1, m.limits.Nested)
	}
	m.budget.nested--
	m.rec.abandon()
	inner := &machine{doc: m.doc, data: m.data, opt: m.opt, limits: m.limits, budget: m.budget, spare: &spare{}, nested: true, pos: m.pos}
	made, err := inner.run()
	if err != nil {
		return cell{}, err
	}
	m.pos = inner.pos
	if made.kind != Array {
		return cell{}, m.fail("the objects of a joblib array are a %v", made.kind)
	}
	return made, nil
}
