package local

import (
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// node is a node, as the executor sees it. All of it is under the executor's lock
// but for what only its goroutines use.
type node struct {
	fleet.Node
	told fleet.NodeState // last told to NodeEvent

	proc  *process // nil until it has started
	tasks []*attempt
	cost  time.Duration // of tasks
	ready bool
	given bool // it had tasks
	round int  // of starts

	idle     time.Time // since when it has had nothing to do
	heard    time.Time // last sign of life, or when it had to give one
	suspect  time.Time // since when it should have given one; zero: it should not
	measured time.Time // its memory
	ending   time.Time // when it was told to end; zero: it was not
	leaving  bool      // there are too many: it gets nothing more
	killed   time.Time // zero: it was not
	why      string    // it was killed
	stopped  bool      // it was killed because the executor stops
	gone     bool      // it is no longer of the executor's

	orders order
	wake   chan struct{} // orders has something
}

// stays reports whether the node is not about to end.
func (n *node) stays() bool { return n.ending.IsZero() && n.killed.IsZero() }

func (n *node) free() bool { return n.ready && n.stays() && !n.leaving && n.suspect.IsZero() }

// takes reports whether the node can be given a task.
func (n *node) takes(run string, cost time.Duration) bool {
	if !n.free() {
		return false
	}
	if len(n.tasks) == 0 {
		return true
	}
	if len(n.tasks) >= mostTasks || n.cost+cost >= together || n.tasks[0].task.Run != run {
		return false
	}
	for _, a := range n.tasks {
		if a.ending != "" { // the node may have to be killed for it
			return false
		}
	}
	return true
}

// give gives the node a task.
func (n *node) give(a *attempt, now time.Time) {
	if len(n.tasks) == 0 {
		n.heard, n.measured = now, now
	}
	n.tasks = append(n.tasks, a)
	n.cost += a.cost
	n.given = true
	n.orders.Tasks = append(n.orders.Tasks, job{ID: a.id, Manifest: a.manifest, Task: a.task})
	n.signal()
}

// find is the place of a task that the node has; -1: it has none of the number.
func (n *node) find(id uint64) int {
	for i, a := range n.tasks {
		if a.id == id {
			return i
		}
	}
	return -1
}

// ask asks the node to end a task, which is then in a state.
func (n *node) ask(a *attempt, state fleet.TaskState, now time.Time) {
	if a.ending == "" {
		a.ending, a.asked = state, now
		n.orders.Cancel = append(n.orders.Cancel, a.id)
		n.signal()
	}
}

// end tells the node to end.
func (n *node) end(now time.Time) {
	if n.ending.IsZero() {
		n.ending = now
		n.orders.End = true
		n.signal()
	}
}

// kill kills the node. What follows, follows when it is gone.
func (n *node) kill(why string, now time.Time) {
	if n.killed.IsZero() {
		n.killed, n.why = now, why
		if n.proc != nil {
			n.proc.kill()
		}
	}
}

func (n *node) signal() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// state is what the node is doing.
func (n *node) state() fleet.NodeState {
	switch {
	case n.State == fleet.NodeEnded || n.State == fleet.NodeFailed:
		return n.State
	case !n.ready:
		return fleet.NodeStarting
	case len(n.tasks) > 0:
		return fleet.NodeBusy
	}
	return fleet.NodeIdle
}
