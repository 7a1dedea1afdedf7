package local

import (
	"strconv"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

const (
	worth     = 50 * time.Millisecond  // of work is worth a node
	patience  = 100 * time.Millisecond // of waiting tasks
	tries     = 3                      // to start a node
	firstWait = 100 * time.Millisecond // after the first that failed
	mostWait  = 30 * time.Second
)

// growth is what an executor knows of the need for nodes.
type growth struct {
	hungry time.Time // since when tasks have waited though no node starts; zero: none do
	floor  int       // nodes that there must be while tasks wait

	round    int       // of starts; those of a round that fail do so for one reason
	failures int       // rounds that failed since a node started
	tried    int       // the same, since tasks wait
	again    time.Time // no node starts before
}

// thin ends nodes of which there are too many.
func (e *Executor) thin(now time.Time) {
	for i, n := range e.nodes {
		n.leaving = i >= e.max || e.phase == stopping
		if n.leaving && n.ready && len(n.tasks) == 0 && n.killed.IsZero() {
			n.end(now)
		}
	}
}

// least is how many nodes stay though they have nothing to do.
func (e *Executor) least() int { return min(e.cfg.Min, e.max) }

// spare reports whether there are more nodes than the least.
func (e *Executor) spare() bool {
	staying := 0
	for _, n := range e.nodes {
		if n.ending.IsZero() && n.killed.IsZero() {
			staying++
		}
	}
	return staying > e.least()
}

// wanted is how many nodes there should be.
func (e *Executor) wanted() int {
	want := 0
	if e.queue.tasks > 0 {
		for _, n := range e.nodes {
			soon := !n.ready && n.killed.IsZero() || n.free() && n.cost < together
			if !soon {
				want++ // it does not help
			}
		}
		want += min(max(int(e.queue.cost/worth), 1), e.queue.tasks)
		want = max(want, e.floor)
	}
	return min(max(want, e.least()), e.max)
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

// grow starts the nodes that are wanted.
func (e *Executor) grow(now time.Time) {
	if e.phase != running {
		return
	}
	starting := e.starting()
	switch {
	case e.queue.tasks == 0:
		e.hungry, e.floor = time.Time{}, 0
	case e.hungry.IsZero() || starting > 0:
		e.hungry = now
	case !now.Before(e.hungry.Add(patience)):
		e.hungry = now
		e.floor = len(e.nodes) + min(max(len(e.nodes), 1), e.queue.tasks)
	}
	for want := e.wanted(); len(e.nodes) < want && !now.Before(e.again); starting++ {
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
	if len(e.nodes) < e.wanted() && (e.failures == 0 || e.starting() == 0) {
		each(e.again, nil)
	}
	if !e.hungry.IsZero() && len(e.nodes) < e.max && e.starting() == 0 {
		each(e.hungry.Add(patience), nil)
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
