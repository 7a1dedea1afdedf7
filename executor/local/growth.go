package local

import (
	"strconv"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

const (
	often     = 5 * time.Millisecond   // how often the target is asked for while nothing but numbers of tasks change
	patience  = 100 * time.Millisecond // of waiting tasks; then the target is asked for again
	tries     = 3                      // to start a node
	firstWait = 100 * time.Millisecond // after the first that failed
	mostWait  = 30 * time.Second
)

// growth is what an executor knows of the need for nodes.
type growth struct {
	target int       // nodes that there should be
	asked  time.Time // when the target was asked for; zero: it must be
	shape  shape     // for what

	round    int       // of starts; those of a round that fail do so for one reason
	failures int       // rounds that failed since a node started
	tried    int       // the same, since tasks wait
	again    time.Time // no node starts before
}

// shape is the load without the numbers that change all the time.
type shape struct {
	pending                         bool
	starting, idle, busy, full, max int
}

// load is what there is to do, and with what.
func (e *Executor) load(now time.Time) (fleet.Load, shape) {
	l := fleet.Load{PendingTasks: e.queue.tasks, PendingSensors: e.queue.sensors, PendingWork: e.queue.cost, Oldest: e.queue.oldest(now)}
	for _, n := range e.nodes {
		switch {
		case !n.stays(): // it is as good as gone
		case !n.ready:
			l.StartingNodes++
		case len(n.tasks) == 0:
			l.IdleNodes++
		default:
			l.BusyNodes++
			if !n.free() || n.cost >= together {
				l.FullNodes++
			}
		}
		l.RunningTasks += len(n.tasks)
	}
	return l, shape{l.PendingTasks > 0, l.StartingNodes, l.IdleNodes, l.BusyNodes, l.FullNodes, e.max}
}

// size asks how many nodes there should be.
func (e *Executor) size(now time.Time) {
	if e.phase != running {
		return
	}
	load, shape := e.load(now)
	if !e.asked.IsZero() && shape == e.shape && now.Before(e.asked.Add(often)) {
		return
	}
	e.asked, e.shape = now, shape
	e.target = min(max(e.cfg.Target(load), e.cfg.Min, 0), e.max)
}

// Resize asks how many nodes there should be, though the load has not changed.
func (e *Executor) Resize() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.phase == running {
		e.asked = time.Time{}
		e.step()
	}
}

// thin says which nodes get nothing more, as there are too many: those beyond what is
// allowed, which end at once if they have no task, and those beyond the target, of which
// the idle ones have their time. Busy ones stay first. One that is ending already takes
// no place of those that could work.
func (e *Executor) thin(now time.Time) {
	places := e.target
	for _, busy := range []bool{true, false} {
		at := 0 // among those that stay
		for _, n := range e.nodes {
			if !n.stays() {
				continue
			}
			at++
			if busy != (len(n.tasks) > 0) {
				continue
			}
			beyond := at > e.max || e.phase == stopping
			n.leaving = beyond || places <= 0
			places--
			if beyond && !busy && n.ready {
				n.end(now)
			}
		}
	}
}

// staying is how many nodes are not about to end.
func (e *Executor) staying() int {
	staying := 0
	for _, n := range e.nodes {
		if n.stays() {
			staying++
		}
	}
	return staying
}

// starting is how many nodes are not ready yet.
func (e *Executor) starting() int {
	count := 0
	for _, n := range e.nodes {
		if !n.ready {
			count++
		}
	}
	return count
}

// grow starts the nodes that there should be.
func (e *Executor) grow(now time.Time) {
	if e.phase != running {
		return
	}
	for starting := e.starting(); len(e.nodes) < e.max && e.staying() < e.target && !now.Before(e.again); starting++ {
		if e.failures > 0 && starting > 0 {
			return // one is enough to see whether nodes start again
		}
		e.launch(now)
	}
}

// growDues is dues for what concerns no node.
func (e *Executor) growDues(each func(at time.Time, do func())) {
	if e.phase != running {
		return
	}
	if len(e.nodes) < e.max && e.staying() < e.target && (e.failures == 0 || e.starting() == 0) {
		each(e.again, nil)
	}
	if e.queue.tasks > 0 {
		each(e.asked.Add(patience), nil)
	}
}

// launch starts a node.
func (e *Executor) launch(now time.Time) {
	e.last++
	n := &node{Node: fleet.Node{ID: e.prefix + strconv.Itoa(e.last), Executor: "local", Started: now}, round: e.round,
		wake: make(chan struct{}, 1)}
	n.orders.Welcome = &welcome{Protocol: protocol, Beat: min(e.cfg.Hang/8, 250*time.Millisecond)}
	if looksItself {
		n.orders.Welcome.Memory = e.cfg.Memory
	}
	n.signal()
	e.nodes = append(e.nodes, n)
	e.log.Debug("a node starts", "node", n.ID)
	e.lives.Add(1)
	go e.live(n)
}

// failedStart takes in that a node did not start.
func (e *Executor) failedStart(n *node, now time.Time, detail string) {
	if n.round != e.round {
		return // another of its round has told
	}
	e.round++
	e.failures++
	wait := e.failures
	if e.queue.tasks > 0 {
		e.tried++
		wait = e.tried
	}
	if e.tried >= tries && len(e.nodes) == 0 {
		e.giveUp(func(string) bool { return true }, fleet.TaskFailed, "no node starts: "+detail)
		e.tried, wait = 0, e.failures
	}
	e.again = now.Add(min(firstWait<<min(wait-1, 20), mostWait))
}

// retry lets nodes start at once, for tasks that are new.
func (e *Executor) retry() { e.tried, e.again = 0, time.Time{} }

// Load is what there is to do, and with how many nodes.
func (e *Executor) Load() fleet.Load {
	e.mu.Lock()
	defer e.mu.Unlock()
	l, _ := e.load(time.Now())
	return l
}
