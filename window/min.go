package window

// least is the least value. The first one must be set.
type least float64

func (m *least) add(v float64) {
	if v < float64(*m) {
		*m = least(v)
	}
}

func (m *least) merge(o least) { m.add(float64(o)) }
