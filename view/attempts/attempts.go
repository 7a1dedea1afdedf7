// Package attempts says where the time of a run went: by node, by phase, and which
// attempts took much longer than others.
package attempts

import (
	"cmp"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// Spent is how long something took, by phase. Queue is until an attempt had a node,
// Other what is neither of the phases, such as the way to the node and back.
type Spent struct {
	Queue float64 `json:"queue"`
	Start float64 `json:"start" doc:"manifest, shard and models"`
	Read  float64 `json:"read"`
	Score float64 `json:"score"`
	Write float64 `json:"write"`
	Other float64 `json:"other"`
	Total float64 `json:"total" doc:"from the queue to the end"`
}

func (s *Spent) add(o Spent) {
	s.Queue += o.Queue
	s.Start += o.Start
	s.Read += o.Read
	s.Score += o.Score
	s.Write += o.Write
	s.Other += o.Other
	s.Total += o.Total
}

// Bar is an attempt on a time line.
type Bar struct {
	Task      string          `json:"task"`
	Attempt   int             `json:"attempt"`
	State     fleet.TaskState `json:"state"`
	Queued    time.Time       `json:"queued,omitzero"`
	Started   time.Time       `json:"started,omitzero"`
	Finished  time.Time       `json:"finished,omitzero"`
	Expected  float64         `json:"expected_seconds" doc:"of a core"`
	Seconds   Spent           `json:"seconds" doc:"so far, of one that is not over"`
	Sensors   int             `json:"sensors"`
	Failed    int             `json:"failed"`
	Anomalies int64           `json:"anomalies"`
	Straggler bool            `json:"straggler,omitempty" doc:"it took more than twice as long as most, and over a second more"`
	Detail    string          `json:"detail,omitempty"`
}

// Lane is what a node did, in order.
type Lane struct {
	Node     string `json:"node,omitempty" doc:"none: they wait for one"`
	Attempts []Bar  `json:"attempts" nullable:"false"`
}

// Sum is all of a run.
type Sum struct {
	Lanes   []Lane
	Seconds Spent   // of attempts that are over
	Median  float64 // of those that are done, from their start, in seconds
}

// How much longer than most a straggler takes.
const (
	slower      = 2
	slowerLeast = 1.0 // seconds
)

// Of sums up attempts; now is for those that are under way.
func Of(all []ledger.Attempt, now time.Time) Sum {
	var sum Sum
	var took []float64
	lanes := map[string]int{}
	for i := range all {
		a := &all[i]
		bar := barOf(a, now)
		if a.State.Final() {
			sum.Seconds.add(bar.Seconds)
		}
		if a.State == fleet.TaskDone {
			took = append(took, bar.Seconds.Total-bar.Seconds.Queue)
		}
		at, ok := lanes[a.Node]
		if !ok {
			at = len(sum.Lanes)
			lanes[a.Node] = at
			sum.Lanes = append(sum.Lanes, Lane{Node: a.Node})
		}
		sum.Lanes[at].Attempts = append(sum.Lanes[at].Attempts, bar)
	}
	if len(took) > 0 {
		slices.Sort(took)
		sum.Median = took[len(took)/2]
	}
	for i := range sum.Lanes {
		bars := sum.Lanes[i].Attempts
		slices.SortStableFunc(bars, func(a, b Bar) int { return a.Started.Compare(b.Started) })
		for j := range bars {
			worked := bars[j].Seconds.Total - bars[j].Seconds.Queue
			bars[j].Straggler = len(took) > 1 && worked > slower*sum.Median && worked > sum.Median+slowerLeast
		}
	}
	slices.SortFunc(sum.Lanes, func(a, b Lane) int { return cmp.Compare(a.Node, b.Node) })
	return sum
}

func barOf(a *ledger.Attempt, now time.Time) Bar {
	b := Bar{
		Task: taskName(a.Task), Attempt: a.Attempt, State: a.State, Queued: a.Queued, Started: a.Started, Finished: a.Finished, Expected: a.Cost,
		Sensors: a.Sensors, Failed: a.Failed, Anomalies: a.Anomalies, Detail: a.Detail,
	}
	end := a.Finished
	if end.IsZero() {
		end = now
	}
	began := a.Started
	if began.IsZero() {
		began = end
	}
	if !a.Queued.IsZero() {
		b.Seconds.Queue = max(0, began.Sub(a.Queued).Seconds())
	}
	worked := max(0, end.Sub(began).Seconds())
	s := a.Seconds
	b.Seconds.Start, b.Seconds.Read, b.Seconds.Score, b.Seconds.Write = s.Start, s.Read, s.Score, s.Write
	b.Seconds.Other = max(0, worked-s.Start-s.Read-s.Score-s.Write)
	b.Seconds.Total = b.Seconds.Queue + worked
	return b
}

// taskName is the name of a task: generation and index.
func taskName(t fleet.Task) string {
	t.Attempt = 0
	name := t.String()
	return name[:len(name)-len("-0")]
}
