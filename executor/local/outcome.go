package local

import (
	"fmt"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// take takes in what a node tells. An error is that it makes no sense.
func (e *Executor) take(n *node, m *report) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if n.gone {
		return nil
	}
	now := time.Now()
	n.heard, n.suspect = now, time.Time{}
	if !n.ready {
		if m.Hello == nil || m.Hello.Protocol != protocol {
			return fmt.Errorf("%w: a node begins with that it speaks %d", errProtocol, protocol)
		}
		n.ready, n.Ready, n.idle = true, now, now
		e.failures, e.tried, e.again = 0, 0, time.Time{}
	}
	for _, id := range m.Started {
		if err := e.began(n, id, now); err != nil {
			return err
		}
	}
	for _, s := range m.Progress {
		i := n.find(s.ID)
		if i < 0 {
			return fmt.Errorf("%w: progress of task %d, which the node does not have", errProtocol, s.ID)
		}
		n.tasks[i].progress = s.Progress
		e.report(n.tasks[i], fleet.TaskRunning, n.ID, now, "")
	}
	for _, x := range m.Ended {
		if err := e.finished(n, &x, now); err != nil {
			return err
		}
	}
	e.step()
	return nil
}

// began takes in that the node has begun a task.
func (e *Executor) began(n *node, id uint64, now time.Time) error {
	i := n.find(id)
	if i < 0 || n.tasks[i].started {
		return fmt.Errorf("%w: start of task %d, which the node does not have or had begun", errProtocol, id)
	}
	a := n.tasks[i]
	a.started = true
	if a.timeout > 0 {
		a.deadline = now.Add(a.timeout)
	}
	e.report(a, fleet.TaskRunning, n.ID, now, "")
	return nil
}

// finished takes in that the node has ended a task.
func (e *Executor) finished(n *node, x *ended, now time.Time) error {
	i := n.find(x.ID)
	if i < 0 {
		return fmt.Errorf("%w: end of task %d, which the node does not have", errProtocol, x.ID)
	}
	a := n.tasks[i]
	if x.Progress != nil {
		a.progress = *x.Progress
	}
	n.tasks = slices.Delete(n.tasks, i, i+1)
	n.cost -= a.cost
	n.Done++
	if len(n.tasks) == 0 {
		n.idle = now
	}
	switch {
	case x.Error == "":
		e.report(a, fleet.TaskDone, n.ID, now, "")
	case a.ending != "":
		e.report(a, a.ending, n.ID, now, a.why())
	default:
		a.unserved = x.Unserved
		e.report(a, fleet.TaskFailed, n.ID, now, x.Error[:min(len(x.Error), mostError)])
	}
	return nil
}

// why says why the attempt was asked to end.
func (a *attempt) why() string {
	if a.ending == fleet.TaskTimedOut {
		return fmt.Sprintf("took longer than %s", a.timeout)
	}
	return ""
}

// report tells of an attempt.
func (e *Executor) report(a *attempt, s fleet.TaskState, node string, now time.Time, detail string) {
	if s.Final() {
		delete(e.open, a.task)
	}
	e.events.add(fleet.TaskEvent{Task: a.task, State: s, Node: node, Time: now, Detail: detail, Unserved: a.unserved, Progress: a.progress})
}

// giveUp ends waiting tasks.
func (e *Executor) giveUp(of func(run string) bool, s fleet.TaskState, detail string) {
	now := time.Now()
	for _, t := range e.queue.remove(of) {
		e.report(&attempt{task: t}, s, "", now, detail)
	}
}

// bury lets go of nodes that were killed and do not die.
func (e *Executor) bury(now time.Time) {
	for _, n := range slices.Clone(e.nodes) {
		if n.gone {
			e.lose(n, exit{how: "it has not died yet"}, now)
		}
	}
}

// exited takes in that a node's process has ended, or was never there.
func (e *Executor) exited(n *node, x exit) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if n.gone {
		return // it was given up
	}
	n.gone = true
	e.lose(n, x, time.Now())
	e.step()
}

// lose takes a node, and what was on it, out of the executor.
func (e *Executor) lose(n *node, x exit, now time.Time) {
	e.nodes = slices.DeleteFunc(e.nodes, func(other *node) bool { return other == n })
	detail := x.how
	if x.how == tooMuch {
		detail = "killed: " + e.memoryText()
	}
	if n.why != "" {
		detail = n.why
	}
	if x.words != "" {
		detail += "\n" + x.words
	}
	asked := n.stopped || !n.ending.IsZero() && n.killed.IsZero() && x.clean
	tasks := n.tasks
	n.tasks, n.Ended, n.Detail = nil, now, detail
	if asked {
		n.State = fleet.NodeEnded
		if !n.stopped {
			n.Detail = ""
		}
	} else {
		n.State = fleet.NodeFailed
		e.log.Warn("a node failed", "node", n.ID, "pid", n.PID, "detail", detail)
	}
	e.tell(n)
	for _, a := range tasks {
		switch {
		case a.ending == fleet.TaskTimedOut:
			e.report(a, a.ending, n.ID, now, a.why()+", and did not end within "+lastWarn.String()+" of being asked to")
		case a.ending != "":
			e.report(a, a.ending, n.ID, now, "")
		case n.stopped:
			e.broken++
			e.report(a, fleet.TaskCanceled, n.ID, now, n.why)
		default:
			e.report(a, fleet.TaskLost, n.ID, now, detail)
		}
	}
	if !asked && !n.given {
		e.failedStart(n, now, detail)
	}
}
