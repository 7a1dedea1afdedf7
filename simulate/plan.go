package simulate

import "math"

// never is later than all.
const never = math.MaxInt64

// plan is when things go wrong, one time after another: the gaps between are
// random, and so long that the whole keeps to a share.
type plan struct {
	key  uint64
	n    uint64 // how many numbers of the key are used
	gap  float64
	from int64
	to   int64
}

// newPlan leaves it to the first next when something happens first.
// The mean gap follows from the mean length, which are of any unit.
func newPlan(key uint64, share, length float64) plan {
	p := plan{key: key, from: never, to: never}
	if share > 0 {
		p.gap = length * (1 - share) / share
	}
	return p
}

// random is another number in [0, 1).
func (p *plan) random() float64 {
	p.n++
	return uniform(at(p.key, p.n))
}

// first is how long it is from the beginning: as at any moment of a fleet that
// has long been there, between two gaps of up to twice the mean.
func (p *plan) first() int64 { return int64(2 * p.gap * min(p.random(), p.random())) }

// next is how long it is from the end of one to the next.
func (p *plan) next() int64 { return int64(2 * p.gap * p.random()) }
