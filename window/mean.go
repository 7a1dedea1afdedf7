package window

// mean needs nothing of its own: it is the sum by the count.
func mean(s sum, n count) float64 { return s.result() / float64(n) }
