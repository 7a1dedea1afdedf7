package window

// last is the reading with the greatest time and, of several, with the greatest
// value. The first one must be set.
type last struct {
	time  int64
	value float64
}

func (l *last) add(t int64, v float64) {
	if t > l.time || t == l.time && v > l.value {
		l.time, l.value = t, v
	}
}

func (l *last) merge(o last) { l.add(o.time, o.value) }
