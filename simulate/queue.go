package simulate

// waiting is a message that is not sent when it was measured.
type waiting struct {
	sends, time int64
	number      uint64 // of two for the same time, the first goes first
	value       float64
	sensor      int32
	copy        uint8
	way         Way
}

// queue is a heap: the next to be sent is its first.
type queue []waiting

func (a *waiting) before(b *waiting) bool {
	return a.sends < b.sends || a.sends == b.sends && a.number < b.number
}

func (q *queue) push(w waiting) {
	h := append(*q, w)
	i := len(h) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !w.before(&h[parent]) {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = w
	*q = h
}

func (q *queue) pop() waiting {
	h := *q
	first, last := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	*q = h
	if len(h) == 0 {
		return first
	}
	i := 0
	for {
		child := 2*i + 1
		if child >= len(h) {
			break
		}
		if child+1 < len(h) && h[child+1].before(&h[child]) {
			child++
		}
		if last.before(&h[child]) {
			break
		}
		h[i] = h[child]
		i = child
	}
	h[i] = last
	return first
}
