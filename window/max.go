package window

// greatest is the greatest value. The first one must be set.
type greatest float64

func (m *greatest) add(v float64) {
	if v > float64(*m) {
		*m = greatest(v)
	}
}

func (m *greatest) merge(o greatest) { m.add(float64(o)) }
