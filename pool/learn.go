package pool

import (
	"math"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// Work is what a run was.
type Work struct {
	Tasks   int     `json:"tasks"`
	Seconds float64 `json:"seconds"` // of nodes
}

// Learned is what a pool knows of the past. It can be kept over a restart.
type Learned struct {
	Starts []float64       `json:"starts,omitempty"` // seconds that nodes took to be ready, the latest last
	Jobs   map[string]Work `json:"jobs,omitempty"`   // of the last run of each
}

// mostStarts is how many starts are remembered.
const mostStarts = 20

// startup is how long the start of a node takes, in seconds; nine of ten take no longer.
func (l *Learned) startup() float64 {
	if len(l.Starts) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(l.Starts))
	return sorted[(len(sorted)*9-1)/10]
}

// valid drops what cannot be.
func (l *Learned) valid() Learned {
	var v Learned
	sane := func(x float64) bool { return x >= 0 && x < 24*3600*365 && !math.IsNaN(x) }
	for _, s := range l.Starts[max(0, len(l.Starts)-mostStarts):] {
		if sane(s) {
			v.Starts = append(v.Starts, s)
		}
	}
	v.Jobs = make(map[string]Work, len(l.Jobs))
	for name, w := range l.Jobs {
		if w.Tasks >= 0 && sane(w.Seconds) {
			v.Jobs[name] = w
		}
	}
	return v
}

// NodeChanged learns from a node that has become ready.
func (p *Pool) NodeChanged(n fleet.Node) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n.State == fleet.NodeStarting || n.Ready.IsZero() || p.known[n.ID] {
		if n.State == fleet.NodeEnded || n.State == fleet.NodeFailed {
			delete(p.known, n.ID)
		}
		return
	}
	p.known[n.ID] = true
	p.learned.Starts = append(p.learned.Starts, max(n.Ready.Sub(n.Started), 0).Seconds())
	p.learned.Starts = p.learned.Starts[max(0, len(p.learned.Starts)-mostStarts):]
}

// doing is a run that is under way.
type doing struct {
	Work
	since map[fleet.Task]time.Time // of attempts that run
}

// TaskChanged learns from what becomes of attempts.
func (p *Pool) TaskChanged(e fleet.TaskEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.runs[e.Task.Run]
	if r == nil {
		r = &doing{since: map[fleet.Task]time.Time{}}
		p.runs[e.Task.Run] = r
	}
	switch since, runs := r.since[e.Task]; {
	case !e.State.Final():
		if !runs {
			r.since[e.Task] = e.Time
		}
	case runs:
		delete(r.since, e.Task)
		r.Tasks++
		r.Seconds += max(e.Time.Sub(since), 0).Seconds()
	}
}

// RunEnded learns from a run of a job that is over.
func (p *Pool) RunEnded(job, run string, succeeded bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.runs[run]
	delete(p.runs, run)
	if r != nil && r.Tasks > 0 && succeeded {
		p.learned.Jobs[job] = r.Work
	}
}

// Learned is what the pool knows, to be kept.
func (p *Pool) Learned() Learned {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.learned.valid()
}
