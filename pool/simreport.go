package pool

import (
	"math"
	"slices"
	"time"
)

// Report is what a simulated pool has come to.
type Report struct {
	Runs      int     `json:"runs"`
	NodeHours float64 `json:"node_hours"`
	Busy      float64 `json:"busy"` // share of the time of nodes that they worked
	Idle      float64 `json:"idle"` // that they were ready and had nothing to do
	Boot      float64 `json:"boot"` // that they were not ready
	Money     float64 `json:"money"`
	Starts    int     `json:"starts"` // of nodes
	Most      int     `json:"most"`   // nodes at a time
	// Start is the time from when a run is due until its first task begins, and Finish
	// until its last ends.
	Start      Latency `json:"start"`
	Finish     Latency `json:"finish"`
	Unfinished int     `json:"unfinished,omitempty"` // tasks
	Error      string  `json:"error,omitempty"`      // the last of the formula

	// Within is what came to be within the length of the workload. All simulations of one
	// workload have that alike, whereas each lasts until all is done.
	Within Within `json:"-"`

	Timeline []Step    `json:"-"`
	Each     []RunTime `json:"-"` // the runs that were done, by when they were due

	bill
	boot int64 // ms
}

// Within is what a simulated pool has come to when the workload ends.
type Within struct {
	NodeHours float64
	Busy      float64 // share of the time of nodes that they worked
	Money     float64
	Starts    int // of nodes
	Left      int // tasks that are not done yet
}

// Latency is how late something was, in seconds.
type Latency struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	Max float64 `json:"max"`
}

// RunTime is when a run was due, began and ended.
type RunTime struct{ Due, Began, Ended time.Duration }

// Step is how many nodes there are from a time on.
type Step struct {
	At          time.Duration
	Nodes, Busy int
}

// report is what has become of it all.
func (s *simulation) report() *Report {
	r := &s.out
	r.Runs, r.Unfinished, r.Error = len(s.runs), s.left, s.failed
	var start, finish []float64
	ms := func(t int64) time.Duration { return time.Duration(t) * time.Millisecond }
	for i := range s.runs {
		run := &s.runs[i]
		if run.end >= 0 {
			start = append(start, float64(run.first-run.due)/1000)
			finish = append(finish, float64(run.end-run.due)/1000)
			r.Each = append(r.Each, RunTime{ms(run.due), ms(run.first), ms(run.end)})
		}
	}
	r.Start, r.Finish = latencyOf(start), latencyOf(finish)
	for _, step := range r.Timeline {
		r.Most = max(r.Most, step.Nodes)
	}
	const hour = 3600 * 1000
	r.NodeHours = float64(r.life) / hour
	if r.life > 0 {
		r.Busy, r.Boot = float64(r.busy)/float64(r.life), float64(r.boot)/float64(r.life)
		r.Idle = float64(r.life-r.busy-r.boot) / float64(r.life)
	}
	r.Money = float64(r.billed) / hour * s.nodes.Hour
	return r
}

// latencyOf takes ranks, not means: each is how late a run was.
func latencyOf(seconds []float64) Latency {
	if len(seconds) == 0 {
		return Latency{}
	}
	slices.Sort(seconds)
	rank := func(share float64) float64 {
		return seconds[int(math.Ceil(share*float64(len(seconds))))-1]
	}
	return Latency{P50: rank(0.5), P95: rank(0.95), Max: seconds[len(seconds)-1]}
}
