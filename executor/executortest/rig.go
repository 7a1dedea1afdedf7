package executortest

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// rig is an executor under test, and all that it told.
type rig struct {
	Executor
	t   testing.TB
	max int

	mu      sync.Mutex
	events  []fleet.TaskEvent
	last    map[fleet.Task]fleet.TaskEvent
	final   int // attempts that have their final state
	nodes   map[string]fleet.Node
	started int           // nodes
	most    int           // nodes at one time
	changed chan struct{} // closed at the next event
}

// config is one with nodes that do what they are told.
func config(most int) Config {
	self, err := os.Executable()
	if err != nil {
		panic(err) // there is no test then
	}
	return Config{Command: []string{self}, Env: NodeEnvironment(), Max: most, Idle: 10 * time.Second}
}

// newRig starts an executor, and ends it with the test.
func newRig(t testing.TB, open Open, cfg Config) *rig {
	t.Helper()
	r := &rig{t: t, max: cfg.Max, last: map[fleet.Task]fleet.TaskEvent{}, nodes: map[string]fleet.Node{}, changed: make(chan struct{})}
	cfg.TaskEvent, cfg.NodeEvent = r.task, r.node
	r.Executor = open(t, cfg)
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.end)
	return r
}

// end stops the executor, and looks whether anything is left.
func (r *rig) end() {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	_ = r.Stop(ctx) // what still runs is of no interest
	r.mu.Lock()
	defer r.mu.Unlock()
	for task, e := range r.last {
		if !e.State.Final() {
			r.t.Errorf("task %s of %s ends as %s", task, task.Run, e.State)
		}
	}
	for _, n := range r.nodes {
		if n.State != fleet.NodeEnded && n.State != fleet.NodeFailed {
			r.t.Errorf("a node ends as %+v", n)
		}
	}
	if left := r.Nodes(); len(left) > 0 {
		r.t.Errorf("after the end there are nodes: %+v", left)
	}
	if r.most > r.max {
		r.t.Errorf("%d nodes at a time, of %d that may be", r.most, r.max)
	}
}

func (r *rig) tell() {
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *rig) task(e fleet.TaskEvent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if before := r.last[e.Task]; before.State.Final() && before.State != "" {
		r.t.Errorf("task %s was %s, and is now %+v", e.Task, before.State, e)
	}
	if e.State != fleet.TaskRunning && !e.State.Final() || e.Time.IsZero() {
		r.t.Errorf("a strange event: %+v", e)
	}
	r.events = append(r.events, e)
	r.last[e.Task] = e
	if e.State.Final() {
		r.final++
	}
	r.tell()
}

func (r *rig) node(n fleet.Node) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before, ok := r.nodes[n.ID]
	if ok && (before.State == fleet.NodeEnded || before.State == fleet.NodeFailed || n.State == fleet.NodeStarting) ||
		!ok && n.State != fleet.NodeStarting {
		r.t.Errorf("a node was %+v, and is now %+v", before, n)
	}
	if !ok {
		r.started++
	}
	r.nodes[n.ID] = n
	r.most = max(r.most, r.live())
	r.tell()
}

// live is how many nodes there are, by what was told. The lock is held.
func (r *rig) live() int {
	count := 0
	for _, n := range r.nodes {
		if n.State != fleet.NodeEnded && n.State != fleet.NodeFailed {
			count++
		}
	}
	return count
}

// await returns when ok, which is called with the lock held, says so.
func (r *rig) await(what string, ok func() bool) {
	r.t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		r.mu.Lock()
		done, changed := ok(), r.changed
		r.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-limit.C:
			r.mu.Lock()
			defer r.mu.Unlock()
			r.t.Fatalf("waited in vain for %s; nodes: %+v; tasks: %+v", what, r.nodes, r.last)
		}
	}
}

// submit submits an array of tasks that all do the same, and returns them.
func (r *rig) submit(a fleet.Array, run string, tasks int) []fleet.Task {
	r.t.Helper()
	a.Tasks = tasksOf(run, tasks)
	if err := r.Submit(a); err != nil {
		r.t.Fatal(err)
	}
	return a.Tasks
}

func tasksOf(run string, count int) []fleet.Task {
	tasks := make([]fleet.Task, count)
	for i := range tasks {
		tasks[i] = fleet.Task{Run: run, Index: i, Attempt: 1}
	}
	return tasks
}

// costs are those of tasks that cost the same, in seconds.
func costs(count int, each float64) []float64 {
	list := make([]float64, count)
	for i := range list {
		list[i] = each
	}
	return list
}

// running returns when all the tasks run.
func (r *rig) running(tasks ...fleet.Task) {
	r.t.Helper()
	r.await("tasks to begin", func() bool {
		for _, t := range tasks {
			if r.last[t].State != fleet.TaskRunning {
				return false
			}
		}
		return true
	})
}

// ends returns when all the tasks have ended, and fails if one has not in the
// state, or its detail lacks one of the words.
func (r *rig) ends(state fleet.TaskState, tasks []fleet.Task, words ...string) []fleet.TaskEvent {
	r.t.Helper()
	var events []fleet.TaskEvent
	r.await("tasks to end", func() bool {
		events = events[:0]
		for _, t := range tasks {
			e, ok := r.last[t]
			if !ok || !e.State.Final() {
				return false
			}
			events = append(events, e)
		}
		return true
	})
	for _, e := range events {
		if e.State != state {
			r.t.Errorf("task %s of %s is %s, want %s: %s", e.Task, e.Task.Run, e.State, state, e.Detail)
		}
		for _, w := range words {
			if !strings.Contains(e.Detail, w) {
				r.t.Errorf("task %s of %s is %s without %q: %s", e.Task, e.Task.Run, e.State, w, e.Detail)
			}
		}
	}
	return events
}

// nodeOf is what was last told of an event's node.
func (r *rig) nodeOf(e fleet.TaskEvent) fleet.Node {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.nodes[e.Node]
}
