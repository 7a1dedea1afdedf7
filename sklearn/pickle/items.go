package pickle

// keep copies items into the arena for good.
func (m *machine) keep(items []cell) (span, error) {
	d := m.doc
	var err error
	if d.cells, err = grown(m, d.cells, &m.spare.cells, len(items), m.limits.Cells, "items", "Cells"); err != nil {
		return span{}, err
	}
	s := span{uint32(len(d.cells)), uint32(len(items))}
	d.cells = append(d.cells, items...)
	return s, nil
}

// newRun makes a run whose items are s and returns its index. Growing it will
// not touch what lies behind s.
func (m *machine) newRun(s span) (uint32, error) {
	d := m.doc
	var err error
	if d.runs, err = grown(m, d.runs, &m.spare.runs, 1, m.limits.Cells, "lists, dicts and sets", "Cells"); err != nil {
		return 0, err
	}
	d.runs = append(d.runs, run{span: s, room: s.n})
	return uint32(len(d.runs) - 1), nil
}

// extend adds items to a run. A run at the end of the arena grows in place, any
// other moves there with as much room again, so that all moves together cost no
// more than the items.
func (m *machine) extend(r *run, items []cell) error {
	d := m.doc
	if need := r.n + uint32(len(items)); need > r.room {
		atEnd := r.n > 0 && r.off+r.room == uint32(len(d.cells))
		room := need
		if r.n > 0 && !atEnd {
			room = max(need, 2*r.n)
		}
		more := int(room)
		if atEnd {
			more = int(room - r.room)
		}
		var err error
		if d.cells, err = grown(m, d.cells, &m.spare.cells, more, m.limits.Cells, "items", "Cells"); err != nil {
			return err
		}
		end := len(d.cells)
		d.cells = d.cells[:end+more]
		if !atEnd {
			copy(d.cells[end:], d.cells[r.off:r.off+r.n])
			r.off = uint32(end)
		}
		r.room = room
	}
	copy(d.cells[r.off+r.n:], items)
	r.n += uint32(len(items))
	return nil
}

// tupleOf replaces the n topmost values by a tuple of them.
func (m *machine) tupleOf(n int) error {
	items, err := m.top(n)
	if err != nil {
		return err
	}
	s, err := m.keep(items)
	if err != nil {
		return err
	}
	m.stack = m.stack[:len(m.stack)-n]
	return m.pushTuple(s)
}

func (m *machine) tuple() error {
	items, err := m.popMark()
	if err != nil {
		return err
	}
	s, err := m.keep(items)
	if err != nil {
		return err
	}
	return m.pushTuple(s)
}

func (m *machine) pushTuple(s span) error {
	return m.push(cell{kind: Tuple, aux: uint32(m.op), bits: s.bits()})
}

// empty pushes an empty List, Dict or Set.
func (m *machine) empty(kind Kind) error {
	c, err := m.container(kind, span{})
	if err != nil {
		return err
	}
	return m.push(c)
}

// collect pushes a List, Dict or Set of the values above the last mark.
func (m *machine) collect(kind Kind) error {
	items, err := m.popMark()
	if err != nil {
		return err
	}
	if kind == Dict && len(items)%2 != 0 {
		return m.fail("a dict of %d keys and values", len(items))
	}
	s, err := m.keep(items)
	if err != nil {
		return err
	}
	c, err := m.container(kind, s)
	if err != nil {
		return err
	}
	return m.push(c)
}

// container makes a List, Dict or Set whose items are s.
func (m *machine) container(kind Kind, s span) (cell, error) {
	r, err := m.newRun(s)
	return cell{kind: kind, aux: uint32(m.op), bits: uint64(r)}, err
}

// addTop adds the n topmost values to the container below them.
func (m *machine) addTop(kind Kind, n int) error {
	t, err := m.top(n + 1)
	if err != nil {
		return err
	}
	if err := m.add(t[0], kind, t[1:]); err != nil {
		return err
	}
	m.stack = m.stack[:len(m.stack)-n]
	return nil
}

// addMarked adds the values above the last mark to the container below it.
func (m *machine) addMarked(kind Kind) error {
	items, err := m.popMark()
	if err != nil {
		return err
	}
	t, err := m.top(1)
	if err != nil {
		return err
	}
	if kind == Dict && len(items)%2 != 0 {
		return m.fail("%d keys and values are added to a dict", len(items))
	}
	return m.add(t[0], kind, items)
}

// add adds items to a container of the given kind, or to an object that stands
// for a subclass of it.
func (m *machine) add(to cell, kind Kind, items []cell) error {
	d := m.doc
	switch to.kind {
	case kind:
		return m.extend(&d.runs[to.bits], items)
	case Object, Opaque:
		o := &d.objects[to.bits]
		if o.items == 0 {
			r, err := m.newRun(span{})
			if err != nil {
				return err
			}
			o.items, o.holds = r+1, kind
		}
		if o.holds == kind {
			return m.extend(&d.runs[o.items-1], items)
		}
	}
	return m.fail("items of a %v are added to a value of kind %v", kind, to.kind)
}
