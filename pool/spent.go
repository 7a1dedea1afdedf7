package pool

import (
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// Spent is how many seconds of [from, to) nodes were there, their start included.
func Spent(nodes []fleet.Node, from, to time.Time) float64 {
	var total time.Duration
	for _, n := range nodes {
		if begin, end := stay(n, from, to); !n.Started.IsZero() {
			total += max(0, end.Sub(begin))
		}
	}
	return total.Seconds()
}

// stay is from when to when a node was there, within [from, to).
func stay(n fleet.Node, from, to time.Time) (begin, end time.Time) {
	begin, end = n.Started, n.Ended
	if begin.Before(from) {
		begin = from
	}
	if end.IsZero() || end.After(to) {
		end = to
	}
	return begin, end
}

// Count is how many nodes were there from a time on: of a stretch in which that changed,
// the mean.
type Count struct {
	At    time.Time
	Nodes float64
}

// Counts are how many nodes were there in [from, to), of which the area is what Spent
// says: each change, or of more than most, as many equal stretches.
func Counts(nodes []fleet.Node, from, to time.Time, most int) []Count {
	if !from.Before(to) {
		return []Count{}
	}
	moves := map[time.Time]int{from: 0}
	for _, n := range nodes {
		if begin, end := stay(n, from, to); !n.Started.IsZero() && begin.Before(end) {
			moves[begin.UTC()]++
			moves[end.UTC()]--
		}
	}
	delete(moves, to)
	if len(moves) > most {
		return means(nodes, from, to, most)
	}
	all, there := make([]Count, 0, len(moves)), 0
	for at := range moves {
		all = append(all, Count{At: at})
	}
	slices.SortFunc(all, func(a, b Count) int { return a.At.Compare(b.At) })
	for i := range all {
		there += moves[all[i].At]
		all[i].Nodes = float64(there)
	}
	return all
}

func means(nodes []fleet.Node, from, to time.Time, n int) []Count {
	edge := func(i int) time.Time { return from.Add(time.Duration(float64(to.Sub(from)) * float64(i) / float64(n))) }
	area := make([]float64, n)
	for _, node := range nodes {
		begin, end := stay(node, from, to)
		if node.Started.IsZero() || !begin.Before(end) {
			continue
		}
		first := min(n-1, int(float64(n)*float64(begin.Sub(from))/float64(to.Sub(from))))
		for i := max(0, first-1); i < n && edge(i).Before(end); i++ {
			area[i] += Spent([]fleet.Node{node}, edge(i), edge(i+1))
		}
	}
	all := make([]Count, n)
	for i := range all {
		all[i] = Count{At: edge(i), Nodes: area[i] / edge(i+1).Sub(edge(i)).Seconds()}
	}
	return all
}

// Money is what so many seconds of nodes and so much of the store cost; nil if nothing
// has a price.
func (p Prices) Money(nodeSeconds float64, u fleet.Usage) *fleet.Money {
	return p.money(nodeSeconds, u)
}
