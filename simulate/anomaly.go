package simulate

// anomalies is what goes wrong with a sensor; its times are numbers of readings.
type anomalies struct {
	plan
	kind Kind
	size float64
	told bool // that it begins
}

// lengths are those of anomalies, in readings, to be multiplied: at least, and
// how many more at most.
func lengths(kind Kind, scale float64) (least, more float64) {
	switch kind {
	case Spike:
		return max(1, scale/10), 0
	case Drift:
		return max(4, 2*scale), max(4, 4*scale)
	}
	return max(3, scale), max(3, 2*scale)
}

// meanLength is that of all kinds together.
func meanLength(kinds []Kind, scale float64) float64 {
	total := 0.0
	for _, k := range kinds {
		least, more := lengths(k, scale)
		total += least + more/2
	}
	return total / float64(len(kinds))
}

// advance plans the next anomaly, gap readings after the reading k.
func (a *anomalies) advance(k, gap int64, kinds []Kind, scale, reach float64) {
	a.kind = kinds[int(a.random()*float64(len(kinds)))]
	least, more := lengths(a.kind, scale)
	a.from = k + gap
	a.to = a.from + int64(least+float64(a.random()*more))
	a.told = false
	u := a.random()
	switch a.kind {
	case Spike:
		a.size = reach * (20 + 20*u)
	case Shift:
		a.size = reach * (2.2 + 1.3*u)
	case Drift:
		a.size = reach * (3 + 2*u)
	case Flat:
	}
	if a.random() < 0.5 {
		a.size = -a.size
	}
	a.size = rounded(a.size)
}

// bend is what becomes of the value of reading k, within an anomaly.
func (a *anomalies) bend(k int64, value float64) float64 {
	switch a.kind {
	case Flat:
		return a.size
	case Drift:
		return value + float64(a.size*(float64(k-a.from+1)/float64(a.to-a.from)))
	}
	return value + a.size
}
