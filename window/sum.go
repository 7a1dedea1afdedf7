package window

import "math"

// sum is Neumaier's: high is the sum as it is rounded, low is what rounding took
// from it. The result is off by little more than its own last place, so that the
// order of the readings matters only there.
type sum struct{ high, low float64 }

func (s *sum) add(v float64) {
	t := s.high + v
	if math.Abs(s.high) >= math.Abs(v) {
		s.low += (s.high - t) + v
	} else {
		s.low += (v - t) + s.high
	}
	s.high = t
}

func (s *sum) merge(o sum) {
	s.add(o.high)
	s.low += o.low
}

func (s *sum) result() float64 {
	if t := s.high + s.low; t-t == 0 {
		return t
	}
	return s.high // it overflowed, and low is no number
}
