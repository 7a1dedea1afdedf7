package pickle

func (m *machine) push(c cell) error {
	if n := len(m.stack); n < cap(m.stack) {
		m.stack = m.stack[:n+1]
		m.stack[n] = c
		return nil
	}
	return m.pushMore(c)
}

func (m *machine) pushMore(c cell) error {
	if len(m.stack) == cap(m.stack) {
		var err error
		if m.stack, err = grown(m, m.stack, &m.spare.stack, 1, m.limits.Stack, "values on the stack", "Stack"); err != nil {
			return err
		}
	}
	m.stack = append(m.stack, c)
	return nil
}

func (m *machine) pop() (cell, error) {
	top := len(m.stack) - 1
	if top < m.fence {
		return cell{}, m.fail("the stack is empty")
	}
	c := m.stack[top]
	m.stack = m.stack[:top]
	return c, nil
}

// top returns the n topmost values, which stay on the stack.
func (m *machine) top(n int) ([]cell, error) {
	if len(m.stack)-n < m.fence {
		return nil, m.fail("%d values are wanted and the stack has %d", n, len(m.stack)-m.fence)
	}
	return m.stack[len(m.stack)-n:], nil
}

func (m *machine) mark() error {
	var err error
	if m.marks, err = grown(m, m.marks, &m.spare.marks, 1, m.limits.Marks, "open marks", "Marks"); err != nil {
		return err
	}
	m.fence = len(m.stack)
	m.marks = append(m.marks, uint32(m.fence))
	return nil
}

// popMark takes the values above the last mark, and the mark, off the stack. The
// values are good until the next push.
func (m *machine) popMark() ([]cell, error) {
	last := len(m.marks) - 1
	if last < 0 {
		return nil, m.fail("no mark is open")
	}
	items := m.stack[m.marks[last]:]
	m.stack = m.stack[:m.marks[last]]
	m.marks = m.marks[:last]
	m.fence = 0
	if last > 0 {
		m.fence = int(m.marks[last-1])
	}
	return items, nil
}

// discard is POP: it removes a value or, where there is none above it, a mark.
func (m *machine) discard() error {
	if len(m.stack) > m.fence {
		m.stack = m.stack[:len(m.stack)-1]
		return nil
	}
	_, err := m.popMark()
	return err
}

func (m *machine) dup() error {
	t, err := m.top(1)
	if err != nil {
		return err
	}
	return m.push(t[0])
}

// A memo maps numbers to values. Writers count from 0, so it is a slice; a
// number far beyond the others goes to a map instead of making the slice long.
type memo struct {
	dense  []cell
	sparse map[uint64]cell
	n      int // entries
}

// memoGap is how far beyond the end of the slice a number may be.
const memoGap = 64

func (m *machine) put(i uint64) error {
	o := &m.memo
	top := len(m.stack) - 1
	if i == uint64(len(o.dense)) && i < uint64(cap(o.dense)) && i < uint64(m.limits.Memo) && top >= m.fence && o.sparse == nil {
		// As writers do it, one after the other. Parts are copied one by one: a
		// processor waits to read as a whole what it has just written in parts.
		o.dense = o.dense[:i+1]
		from, to := &m.stack[top], &o.dense[i]
		to.kind, to.flag, to.id, to.aux, to.bits = from.kind, from.flag, from.id, from.aux, from.bits
		o.n++
		return nil
	}
	return m.putAnywhere(i)
}

func (m *machine) putAnywhere(i uint64) error {
	t, err := m.top(1)
	if err != nil {
		return err
	}
	o := &m.memo
	size := uint64(len(o.dense))
	if i >= size+memoGap || i >= uint64(m.limits.Memo) {
		return m.putSparse(i, t[0])
	}
	if i >= size {
		if o.dense, err = grown(m, o.dense, &m.spare.dense, int(i-size)+1, m.limits.Memo, "memo entries", "Memo"); err != nil {
			return err
		}
		o.dense = o.dense[:i+1]
		clear(o.dense[size:])
	}
	if o.dense[i].kind == Invalid {
		if _, ok := o.sparse[i]; !ok {
			o.n++
		}
	}
	o.dense[i] = t[0]
	return nil
}

func (m *machine) putSparse(i uint64, c cell) error {
	o := &m.memo
	if _, ok := o.sparse[i]; !ok {
		if o.n >= m.limits.Memo {
			return m.exceeds("memo entries", "Memo", o.n+1, m.limits.Memo)
		}
		if err := m.charge(mapEntry); err != nil {
			return err
		}
		o.n++
	}
	if o.sparse == nil {
		o.sparse = make(map[uint64]cell)
	}
	o.sparse[i] = c
	return nil
}

func (m *machine) get(i uint64) error {
	if i < uint64(len(m.memo.dense)) && m.memo.dense[i].kind != Invalid {
		return m.push(m.memo.dense[i])
	}
	if c, ok := m.memo.sparse[i]; ok {
		return m.push(c)
	}
	return m.fail("memo entry %d is not there", i)
}

func (m *machine) putBinary(width int) error {
	m.binary = true
	i, err := m.number(width)
	if err != nil {
		return err
	}
	return m.put(i)
}

func (m *machine) getBinary(width int) error {
	m.binary = true
	i, err := m.number(width)
	if err != nil {
		return err
	}
	return m.get(i)
}
