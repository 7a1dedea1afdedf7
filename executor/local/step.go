package local

import (
	"fmt"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

const (
	together  = 100 * time.Millisecond // tasks on one node sum to less
	lastWarn  = time.Second            // from being asked to end to being killed
	lastMove  = 2 * time.Second        // a node's, from being told to end
	deathTime = 500 * time.Millisecond // a killed process's; then it is given up
	measure   = 100 * time.Millisecond // between looks at a node's memory
	readyTime = 10 * time.Second       // a node's at least, from its start
)

// tick is called by the timer.
func (e *Executor) tick() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.step()
}

// step does all that there is to do now, and sets the timer for what is next. It
// follows every change, under the lock.
func (e *Executor) step() {
	now := time.Now()
	for _, n := range e.nodes {
		e.dues(n, func(at time.Time, do func()) {
			if !at.After(now) {
				do()
			}
		})
	}
	e.bury(now)
	e.size(now)
	e.thin(now)
	e.assign(now)
	e.size(now)
	e.thin(now)
	e.grow(now)
	for _, n := range e.nodes {
		e.tell(n)
	}
	if e.phase == stopping && len(e.nodes) == 0 {
		select {
		case <-e.empty:
		default:
			close(e.empty)
		}
	}
	e.arm(now)
}

// arm sets the timer; without nodes and tasks there is nothing to wait for.
func (e *Executor) arm(now time.Time) {
	var next time.Time
	sooner := func(at time.Time, _ func()) {
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	for _, n := range e.nodes {
		e.dues(n, sooner)
	}
	e.growDues(sooner)
	if next.IsZero() {
		e.timer.Stop()
		return
	}
	e.timer.Reset(max(next.Sub(now), 0))
}

// dues calls each with whatever is to happen to a node, and when, if nothing else
// does before.
func (e *Executor) dues(n *node, each func(at time.Time, do func())) {
	if !n.killed.IsZero() {
		if !n.gone {
			each(n.killed.Add(deathTime), func() { n.gone = true })
		}
		return
	}
	kill := func(format string, args ...any) func() {
		return func() { n.kill(fmt.Sprintf("killed: "+format, args...), time.Now()) }
	}
	switch {
	case !n.ready:
		limit := max(e.cfg.Hang, readyTime)
		each(n.Started.Add(limit), kill("not ready %s after its start", limit))
	case !n.ending.IsZero():
		each(n.ending.Add(lastMove), kill("did not end within %s of being told to", lastMove))
	case len(n.tasks) > 0:
		e.busyDues(n, each, kill)
	case n.leaving:
		each(n.idle.Add(e.cfg.Idle), func() { n.end(time.Now()) })
	}
}

func (e *Executor) busyDues(n *node, each func(at time.Time, do func()), kill func(string, ...any) func()) {
	// What it said may wait to be read, if it is this process that was held up. So
	// it is suspected first, and then there is time to read.
	if n.suspect.IsZero() {
		each(n.heard.Add(e.cfg.Hang*3/4), func() { n.suspect = time.Now() })
	} else {
		each(n.suspect.Add(e.cfg.Hang/4), kill("no sign of life for %s", e.cfg.Hang))
	}
	if e.cfg.Memory > 0 && !looksItself {
		each(n.measured.Add(measure), func() {
			n.measured = time.Now()
			if n.proc != nil && n.proc.memory() > e.cfg.Memory {
				kill("%s", e.memoryText())()
			}
		})
	}
	for _, a := range n.tasks {
		switch {
		case a.ending != "":
			each(a.asked.Add(lastWarn), kill("a task did not end within %s of being asked to", lastWarn))
		case !a.deadline.IsZero():
			each(a.deadline, func() { n.ask(a, fleet.TaskTimedOut, time.Now()) })
		}
	}
}

func (e *Executor) memoryText() string {
	return fmt.Sprintf("used more than %d MiB", e.cfg.Memory>>20)
}

// assign gives tasks to the nodes that can take some.
func (e *Executor) assign(now time.Time) {
	for e.queue.tasks > 0 && e.phase == running {
		n := e.pick()
		if n == nil {
			return
		}
		a := e.queue.pop()
		e.lastTask++
		a.id = e.lastTask
		n.give(a, now)
	}
}

// pick is the node with the fewest tasks that can take the next one; of equals
// the oldest, so that the others may end.
func (e *Executor) pick() *node {
	var best *node
	run, cost := e.queue.head()
	for _, n := range e.nodes {
		if n.takes(run, cost) && (best == nil || len(n.tasks) < len(best.tasks)) {
			best = n
		}
	}
	return best
}

// tell tells of a node if its state has changed.
func (e *Executor) tell(n *node) {
	n.State, n.Tasks = n.state(), len(n.tasks)
	if n.State != n.told {
		n.told = n.State
		e.events.add(n.Node)
	}
}
