package web

import (
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// tallies sum up what attempts tell, by run, and say at a steady pace which sums
// have changed. Whoever has them locks them.
type tallies struct {
	tell  func(run string)
	byRun map[string]*tally
	ended recent // runs of which late news is not wanted
}

// tally is the sum of one run.
type tally struct {
	attempts map[fleet.Task]told
	states   map[fleet.TaskState]int
	sum      fleet.Progress
	timer    *time.Timer // nil: nothing to tell
}

// told is what an attempt told last.
type told struct {
	state    fleet.TaskState
	progress fleet.Progress
}

func newTallies(tell func(run string)) *tallies {
	return &tallies{tell: tell, byRun: map[string]*tally{}}
}

// add takes what an attempt tells.
func (t *tallies) add(e fleet.TaskEvent) {
	run := e.Task.Run
	if t.ended.has(run) {
		return
	}
	sums := t.byRun[run]
	if sums == nil {
		sums = &tally{attempts: map[fleet.Task]told{}, states: map[fleet.TaskState]int{}}
		t.byRun[run] = sums
	}
	old, known := sums.attempts[e.Task]
	if known && old.state.Final() {
		return
	}
	now := told{e.State, e.Progress}
	switch {
	case e.State == fleet.TaskDone && e.Progress == (fleet.Progress{}):
		now.progress = old.progress // the end of an attempt need not say how far it came
	case e.State != fleet.TaskDone && e.State.Final():
		now.progress = fleet.Progress{} // another will do it again
	}
	if known {
		sums.states[old.state]--
		sums.move(old.progress, -1)
	}
	sums.states[now.state]++
	sums.move(now.progress, 1)
	sums.attempts[e.Task] = now
	if sums.timer == nil {
		sums.timer = time.AfterFunc(progressPace, func() { t.tell(run) })
	}
}

func (t *tally) move(p fleet.Progress, sign int64) {
	t.sum.Sensors += sign * p.Sensors
	t.sum.Rows += sign * p.Rows
	t.sum.Anomalies += sign * p.Anomalies
	t.sum.Failed += sign * p.Failed
}

// progress is the sum of a run, if it has not ended.
func (t *tallies) progress(run string) (RunProgress, bool) {
	sums := t.byRun[run]
	if sums == nil {
		return RunProgress{}, false
	}
	sums.timer = nil
	p := RunProgress{Run: run, Attempts: map[string]int{}, Progress: sums.sum}
	for state, n := range sums.states {
		if n > 0 {
			p.Attempts[string(state)] = n
		}
	}
	return p, true
}

// end forgets a run.
func (t *tallies) end(run string) {
	if sums := t.byRun[run]; sums != nil && sums.timer != nil {
		sums.timer.Stop()
	}
	delete(t.byRun, run)
	t.ended.add(run)
}

// count is how many attempts are in a state.
func (t *tallies) count(state fleet.TaskState) int {
	n := 0
	for _, sums := range t.byRun {
		n += sums.states[state]
	}
	return n
}

func (t *tallies) stop() {
	for _, sums := range t.byRun {
		if sums.timer != nil {
			sums.timer.Stop()
		}
	}
}
