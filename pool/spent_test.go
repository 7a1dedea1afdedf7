package pool_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/pool"
)

func TestSpent(t *testing.T) {
	t.Parallel()
	at := func(minute int) time.Time { return time.Date(2026, 11, 23, 12, minute, 0, 0, time.UTC) }
	nodes := []fleet.Node{
		{Started: at(-10), Ended: at(5)},  // 5 minutes of it
		{Started: at(20)},                 // 40
		{Started: at(-30), Ended: at(-1)}, // none
		{Started: at(70)},                 // none
		{Ended: at(30)},                   // it was never started
	}
	if got := pool.Spent(nodes, at(0), at(60)); got != 45*60 {
		t.Errorf("%g s, not %d", got, 45*60)
	}
}

// The area of what is drawn is what is paid, however many steps it is drawn in.
func TestCounts(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	from := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	to := from.Add(time.Hour)
	for range 200 {
		var nodes []fleet.Node
		for range r.IntN(60) {
			n := fleet.Node{Started: from.Add(time.Duration(r.IntN(90)-20) * time.Minute)}
			if r.IntN(4) > 0 {
				n.Ended = n.Started.Add(time.Duration(r.IntN(1800)) * time.Second)
			}
			nodes = append(nodes, n)
		}
		nodes = append(nodes, fleet.Node{Ended: to})
		for _, most := range []int{1, 7, 500} {
			all, area := pool.Counts(nodes, from, to, most), 0.0
			if len(all) == 0 || len(all) > most || !all[0].At.Equal(from) {
				t.Fatalf("%d steps of %d at most: %v", len(all), most, all)
			}
			for i, c := range all {
				end := to
				if i+1 < len(all) {
					end = all[i+1].At
				}
				if !c.At.Before(end) || c.Nodes < 0 {
					t.Fatalf("step %d of %v", i, all)
				}
				area += c.Nodes * end.Sub(c.At).Seconds()
			}
			if want := pool.Spent(nodes, from, to); math.Abs(area-want) > 1e-3 {
				t.Fatalf("of %d steps the area is %g, and the node time %g", len(all), area, want)
			}
		}
	}
	if got := pool.Counts([]fleet.Node{{Started: from.Add(time.Minute), Ended: from.Add(2 * time.Minute)}}, from, to, 500); len(got) != 3 || got[1].Nodes != 1 || got[2].Nodes != 0 {
		t.Errorf("a node that has ended is still drawn: %v", got)
	}
}
