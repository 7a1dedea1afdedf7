package pool

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// Prices are what things cost, in one currency. What is 0 is free.
type Prices struct {
	NodeHour       float64
	Put, Get, List float64 // of 10,000
	GBMonth        float64 // of keeping 10⁹ bytes for a month
	Egress         float64 // of reading 10⁹ bytes out of the store
	Currency       string
}

// free reports whether nothing has a price.
func (p Prices) free() bool {
	p.Currency = ""
	return p == Prices{}
}

// Worked is when an attempt had a node.
type Worked struct {
	Node     string
	From, To time.Time
}

// What a run took in 2018, by assumption: for each sensor a virtual machine of its
// own that starts, then a container, then Python with its imports; the scoring itself
// is taken for nothing. And a file read and a file written for each sensor.
const (
	oldStart     = 60.0 // seconds, until a virtual machine runs
	oldContainer = 10.0 // until the container runs
	oldPython    = 1.0  // until Python has imported scikit-learn and pandas
)

// CostOf is what a run has cost by now: from when its attempts had nodes, the nodes of
// that time, what was asked of the store, and how many sensors it had.
func CostOf(worked []Worked, nodes []fleet.Node, used fleet.Usage, sensors int, p Prices, now time.Time) fleet.Cost {
	c := fleet.Cost{Nodes: nodeSeconds(worked, nodes, now), Store: used}
	c.Money = p.money(c.Nodes.Total, c.Store)
	n := float64(sensors)
	c.Old = fleet.OldLayout{
		Nodes: n * (oldStart + oldContainer + oldPython), Store: fleet.Usage{Gets: int64(sensors), Puts: int64(sensors)},
		Assume: fmt.Sprintf("for each of %d sensors a virtual machine that starts in %g s, a container in %g s and Python in %g s, one file read and one written; scoring and bytes count nothing",
			sensors, oldStart, oldContainer, oldPython),
	}
	c.Old.Money = p.money(c.Old.Nodes, c.Old.Store)
	return c
}

// money is what it costs: storage for a month of what was written.
func (p Prices) money(nodeSeconds float64, u fleet.Usage) *fleet.Money {
	if p.free() {
		return nil
	}
	m := &fleet.Money{Nodes: nodeSeconds / 3600 * p.NodeHour, Currency: p.Currency}
	m.Store = (float64(u.Puts)*p.Put+float64(u.Gets)*p.Get+float64(u.Lists)*p.List)/10_000 + float64(u.Written)/1e9*p.GBMonth + float64(u.Read)/1e9*p.Egress
	m.Total = m.Nodes + m.Store
	return m
}

// nodeSeconds is the time of nodes that a run has taken. Of what a node did besides its
// tasks, starting and waiting, a run has the part that its tasks were of all.
func nodeSeconds(worked []Worked, nodes []fleet.Node, now time.Time) fleet.NodeSeconds {
	spans := map[string][]Worked{}
	for _, w := range worked {
		if w.To.IsZero() {
			w.To = now
		}
		if w.Node != "" && !w.From.IsZero() && !w.To.Before(w.From) {
			spans[w.Node] = append(spans[w.Node], w)
		}
	}
	var sum fleet.NodeSeconds
	for _, n := range nodes {
		mine := spans[n.ID]
		if len(mine) == 0 {
			continue
		}
		delete(spans, n.ID)
		end := n.Ended
		if end.IsZero() {
			end, sum.Estimated = now, true
		}
		busy := union(mine)
		all := max(n.Done+n.Tasks, len(mine))
		part := float64(len(mine)) / float64(all)
		sum.Estimated = sum.Estimated || part < 1
		var boot float64
		if !n.Ready.IsZero() {
			boot = max(n.Ready.Sub(n.Started).Seconds(), 0)
		}
		idle := max(end.Sub(n.Started).Seconds()-boot-busy/part, 0)
		sum.Busy += busy
		sum.Boot += boot * part
		sum.Idle += idle * part
	}
	for _, mine := range spans { // of nodes that are not known any more
		sum.Busy += union(mine)
		sum.Estimated = true
	}
	sum.Total = sum.Busy + sum.Idle + sum.Boot
	return sum
}

// union is how many seconds are in any of some spans: small tasks share a node's time.
func union(spans []Worked) float64 {
	slices.SortFunc(spans, func(a, b Worked) int { return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To)) })
	var total time.Duration
	var end time.Time
	for _, s := range spans {
		if from := s.From; from.After(end) || end.IsZero() {
			total += s.To.Sub(from)
			end = s.To
		} else if s.To.After(end) {
			total += s.To.Sub(end)
			end = s.To
		}
	}
	return total.Seconds()
}
