package window

// first is the reading with the least time and, of several, with the least value.
// The first one must be set.
type first struct {
	time  int64
	value float64
}

func (f *first) add(t int64, v float64) {
	if t < f.time || t == f.time && v < f.value {
		f.time, f.value = t, v
	}
}

func (f *first) merge(o first) { f.add(o.time, o.value) }
