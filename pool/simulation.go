package pool

import (
	"cmp"
	"container/heap"
	"slices"
	"time"
)

// simulation is a pool in a time of its own.
type simulation struct {
	nodes  Nodes
	policy Policy
	runs   []simRun
	length int64 // ms, as all times here
	now    int64
	events events

	coming int             // the first run that is not submitted
	last   map[string]Work // by job
	queue  []int           // runs that have tasks which wait
	signal Signals
	work   int64 // that waits
	left   int   // tasks that are not done

	idle    []*simNode // by when they were started
	all     map[*simNode]struct{}
	started int
	grid    grid
	known   map[Signals]int // decisions, as a schedule repeats itself
	failed  string          // an error of the formula
	out     Report

	watch func(*simulation) // for tests: after every step
}

type simRun struct {
	WorkRun
	due, submit int64
	submitted   bool
	next, done  int // tasks: to be begun, done
	first, end  int64
}

type simNode struct {
	number              int
	start, ready, since int64 // since: idle
	busy                int64
	run                 int // that it does a task of; -1: none
	task                int64
}

type simEvent struct {
	at   int64
	node *simNode // becomes ready, is done, or has been idle for long enough
	run  int      // is due or is submitted; -1: none
}

// before orders what happens at one time, so that the same gives the same.
func (e *simEvent) before(o *simEvent) bool {
	order := cmp.Or(cmp.Compare(e.at, o.at), cmp.Compare(e.run, o.run))
	if order == 0 && e.node != nil && o.node != nil {
		order = e.node.number - o.node.number
	}
	return order < 0
}

type events []simEvent

func (e events) Len() int           { return len(e) }
func (e events) Less(i, j int) bool { return e[i].before(&e[j]) }
func (e events) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)        { *e = append(*e, x.(simEvent)) }
func (e *events) Pop() any {
	x := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return x
}

// overtime is how long after the end of a workload tasks may be done.
const overtime = 24 * 3600 * 1000

func newSimulation(w *Workload, n Nodes, p Policy) *simulation {
	s := &simulation{nodes: n, policy: p, length: w.Length.Milliseconds(), last: map[string]Work{}, all: map[*simNode]struct{}{}, known: map[Signals]int{}}
	for job, work := range w.Last {
		s.last[job] = work
	}
	s.grid = gridOf(p)
	s.signal.StartupSeconds, s.signal.Min, s.signal.Max = float64(n.Boot.Milliseconds())/1000, n.Min, n.Max
	for i, r := range w.inOrder() {
		run := simRun{WorkRun: r, due: r.Due.Milliseconds(), first: -1, end: -1}
		run.submit = run.due + r.Prepare.Milliseconds()
		s.runs = append(s.runs, run)
		s.left += len(r.Tasks)
		s.add(simEvent{at: max(run.due-n.Boot.Milliseconds(), 0), run: i}) // it begins to be near
		s.add(simEvent{at: run.due, run: i})
		s.add(simEvent{at: run.submit, run: i})
	}
	s.add(simEvent{run: -1})
	s.add(simEvent{at: s.length, run: -1})
	for range n.Min { // they have been there for long
		s.out.Starts--
		s.launch(0)
	}
	return s
}

func (s *simulation) add(e simEvent) { heap.Push(&s.events, e) }

// step does all that happens at the next time at which something does. It reports
// whether there is more.
func (s *simulation) step() bool {
	at, ok := s.wakes()
	if !ok || s.now >= s.length && s.left == 0 || at > s.length+overtime {
		s.close()
		return false
	}
	s.now = at
	for again := true; again; {
		for len(s.events) > 0 && s.events[0].at <= s.now {
			s.happens(heap.Pop(&s.events).(simEvent))
		}
		s.assign()
		s.decide()
		again = len(s.events) > 0 && s.events[0].at <= s.now
	}
	s.note()
	if s.now == s.length {
		s.out.Within = s.within()
	}
	if s.watch != nil {
		s.watch(s)
	}
	return true
}

func (s *simulation) happens(e simEvent) {
	if e.run >= 0 {
		if r := &s.runs[e.run]; !r.submitted && r.submit <= s.now {
			s.submit(e.run)
		}
		return
	}
	n := e.node
	switch {
	case n == nil:
	case n.run >= 0 && n.task <= s.now:
		s.done(n)
	case n.run < 0 && n.ready == s.now && n.since < n.ready:
		s.rest(n)
		s.signal.StartingNodes--
	}
}

func (s *simulation) submit(i int) {
	r := &s.runs[i]
	r.submitted = true
	for s.coming < len(s.runs) && s.runs[s.coming].submitted {
		s.coming++
	}
	s.queue = append(s.queue, i)
	s.signal.PendingTasks += len(r.Tasks)
	for _, t := range r.Tasks {
		s.work += t.Time.Milliseconds()
		s.signal.PendingSensors += t.Sensors
	}
}

// launch starts a node.
func (s *simulation) launch(boot int64) {
	s.started++
	s.out.Starts++
	n := &simNode{number: s.started, start: s.now, ready: s.now + boot, since: -1, run: -1}
	s.all[n] = struct{}{}
	s.signal.Nodes++
	s.signal.StartingNodes++
	s.add(simEvent{at: n.ready, node: n, run: -1})
}

// rest is that a node has nothing to do.
func (s *simulation) rest(n *simNode) {
	n.since = s.now
	at, _ := slices.BinarySearchFunc(s.idle, n.number, func(n *simNode, number int) int { return n.number - number })
	s.idle = slices.Insert(s.idle, at, n)
	s.signal.IdleNodes++
	s.add(simEvent{at: s.now + s.policy.Idle.Milliseconds(), node: n, run: -1})
}

func (s *simulation) done(n *simNode) {
	r := &s.runs[n.run]
	r.done++
	s.left--
	if r.done == len(r.Tasks) {
		r.end = s.now
		s.last[r.Job] = r.Work()
	}
	n.run = -1
	s.signal.BusyNodes--
	s.signal.FullNodes--
	s.signal.RunningTasks--
	s.rest(n)
}

// assign gives the tasks that wait to idle nodes, the oldest first.
func (s *simulation) assign() {
	for len(s.idle) > 0 && len(s.queue) > 0 {
		n, i := s.idle[0], s.queue[0]
		s.idle = slices.Delete(s.idle, 0, 1)
		r := &s.runs[i]
		t := r.Tasks[r.next]
		if r.next++; r.next == len(r.Tasks) {
			s.queue = s.queue[1:]
		}
		if r.first < 0 {
			r.first = s.now
		}
		length := t.Time.Milliseconds()
		n.run, n.task = i, s.now+length
		n.busy += length
		s.work -= length
		s.signal.PendingTasks--
		s.signal.PendingSensors -= t.Sensors
		s.signal.IdleNodes--
		s.signal.BusyNodes++
		s.signal.FullNodes++
		s.signal.RunningTasks++
		s.add(simEvent{at: n.task, node: n, run: -1})
	}
}

// end ends a node.
func (s *simulation) end(n *simNode, at int64) {
	delete(s.all, n)
	s.signal.Nodes--
	s.out.bill.add(s.taken(n, at))
	s.out.boot += min(n.ready, at) - n.start
}

// bill is what nodes have taken, in ms.
type bill struct{ life, busy, billed int64 }

func (b *bill) add(o bill) {
	b.life, b.busy, b.billed = b.life+o.life, b.busy+o.busy, b.billed+o.billed
}

// taken is what a node has taken up to a time.
func (s *simulation) taken(n *simNode, at int64) bill {
	b := bill{life: at - n.start, busy: n.busy}
	if n.run >= 0 { // it is cut short
		b.busy -= n.task - at
	}
	unit := max(s.nodes.Billed.Milliseconds(), 1)
	b.billed = (b.life + unit - 1) / unit * unit
	return b
}

// within sums up what has come to be so far.
func (s *simulation) within() Within {
	b := s.out.bill
	for n := range s.all {
		b.add(s.taken(n, s.now))
	}
	const hour = 3600 * 1000
	return Within{NodeHours: float64(b.life) / hour, Busy: share(float64(b.busy), float64(b.life)), Money: float64(b.billed) / hour * s.nodes.Hour, Starts: s.out.Starts, Left: s.left}
}

// close ends what is left.
func (s *simulation) close() {
	s.now = max(s.now, s.length)
	for n := range s.all {
		s.end(n, s.now)
	}
	s.idle = nil
	s.signal = Signals{}
	s.note()
}

func (s *simulation) note() {
	step := Step{At: time.Duration(s.now) * time.Millisecond, Nodes: s.signal.Nodes, Busy: s.signal.BusyNodes}
	if last := len(s.out.Timeline) - 1; last >= 0 && s.out.Timeline[last].Nodes == step.Nodes && s.out.Timeline[last].Busy == step.Busy {
		return
	}
	s.out.Timeline = append(s.out.Timeline, step)
}
