package pool

import (
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// Spent is how many seconds of [from, to) nodes were there, their start included.
func Spent(nodes []fleet.Node, from, to time.Time) float64 {
	var total time.Duration
	for _, n := range nodes {
		begin, end := n.Started, n.Ended
		if begin.IsZero() {
			continue
		}
		if begin.Before(from) {
			begin = from
		}
		if end.IsZero() || end.After(to) {
			end = to
		}
		total += max(0, end.Sub(begin))
	}
	return total.Seconds()
}

// Money is what so many seconds of nodes and so much of the store cost; nil if nothing
// has a price.
func (p Prices) Money(nodeSeconds float64, u fleet.Usage) *fleet.Money {
	return p.money(nodeSeconds, u)
}
