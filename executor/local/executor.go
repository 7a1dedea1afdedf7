package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/executor"
	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/internal/counted"
)

// Executor executes tasks on nodes that are child processes.
type Executor struct {
	cfg    Config
	log    *slog.Logger
	start  func(id string) (*process, error)
	forks  *forks
	events *events
	lives  sync.WaitGroup // a goroutine for each node

	mu       sync.Mutex
	phase    phase
	max      int // nodes
	prefix   string
	last     int // number of a node
	lastTask uint64
	queue    queue
	nodes    []*node                 // in the order of their start
	open     map[fleet.Task]struct{} // attempts that have no final state
	broken   int                     // attempts that were ended with the executor
	timer    *time.Timer
	empty    chan struct{} // closed when it stops and there are no nodes
	ended    chan struct{} // closed when it has stopped
	growth
}

type phase int

const (
	created phase = iota
	running
	stopping
)

// New makes an executor, or says all that is wrong with its configuration.
func New(cfg Config) (*Executor, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("the local executor: %w", err)
	}
	cfg.setDefaults()
	e := &Executor{cfg: cfg, log: cfg.Log, max: cfg.Max, open: make(map[fleet.Task]struct{}),
		empty: make(chan struct{}), ended: make(chan struct{})}
	e.start = e.startChild
	return e, nil
}

// Start begins to take tasks. What has begun goes on when ctx ends; Stop ends it.
func (e *Executor) Start(ctx context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if e.phase != created {
		return errors.New("the local executor was started before")
	}
	e.phase = running
	e.prefix = "local-" + strconv.FormatInt(time.Now().UnixMilli(), 36) + "-"
	e.events = newEvents(&e.cfg)
	e.forks = newForks()
	e.timer = time.AfterFunc(time.Hour, e.tick)
	e.step()
	return nil
}

// stubborn is how long Stop waits for a process that was killed. Only one that
// hangs in the system, on a dead disk, takes more than a moment.
const stubborn = 5 * time.Second

// Stop gives up what waits, lets what runs end until ctx does, kills it then, and
// returns when all nodes are gone and all events given. It fails if there was
// something to kill.
func (e *Executor) Stop(ctx context.Context) error {
	if first := e.beginStop(); !first {
		<-e.ended
		return nil
	}
	defer close(e.ended)
	select {
	case <-e.empty:
	case <-ctx.Done():
		e.killAll()
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		e.lives.Wait()
		e.forks.close()
	}()
	limit := time.NewTimer(stubborn)
	defer limit.Stop()
	var err error
	select {
	case <-gone:
	case <-limit.C:
		err = errors.New("a node was killed and does not die")
	}
	e.mu.Lock()
	e.timer.Stop()
	broken := e.broken
	e.mu.Unlock()
	e.events.close()
	if broken > 0 {
		err = errors.Join(fmt.Errorf("%s ended before done: %w", counted.Of(broken, "task"), context.Cause(ctx)), err)
	}
	return err
}

// beginStop reports whether there is something to stop, and for the first time.
func (e *Executor) beginStop() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch e.phase {
	case created:
		e.phase = stopping
		close(e.ended)
		return false
	case stopping:
		return false
	}
	e.phase = stopping
	e.giveUp(func(string) bool { return true }, fleet.TaskCanceled, "the executor stops")
	for _, n := range e.nodes {
		if !n.ready {
			n.stopped = true
			n.kill("the executor stops", time.Now())
		}
	}
	e.step()
	return true
}

func (e *Executor) killAll() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, n := range e.nodes {
		n.stopped = n.stopped || n.killed.IsZero()
		n.kill("killed: the executor stops", time.Now())
	}
	e.step()
}

// Submit takes in the tasks of an array, all of them or none.
func (e *Executor) Submit(a fleet.Array) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.phase != running {
		return executor.ErrNotRunning
	}
	if err := e.check(&a); err != nil || len(a.Tasks) == 0 {
		return err
	}
	for _, t := range a.Tasks {
		e.open[t] = struct{}{}
	}
	if e.queue.tasks == 0 {
		e.retry()
	}
	e.queue.push(a, time.Now())
	e.step()
	return nil
}

func (e *Executor) check(a *fleet.Array) error {
	if a.Manifest == "" || len(a.Manifest) > mostManifest {
		return fmt.Errorf("an array's manifest must have 1 to %d bytes, and this has %d", mostManifest, len(a.Manifest))
	}
	if len(a.Costs) != 0 && len(a.Costs) != len(a.Tasks) {
		return fmt.Errorf("an array has %d costs for %d tasks", len(a.Costs), len(a.Tasks))
	}
	if len(a.Sensors) != 0 && len(a.Sensors) != len(a.Tasks) {
		return fmt.Errorf("an array has numbers of sensors of %d tasks, and %d tasks", len(a.Sensors), len(a.Tasks))
	}
	if a.Timeout < 0 {
		return fmt.Errorf("an array's timeout is %s", a.Timeout)
	}
	if len(a.Tasks) > 0 && len(a.Tasks[0].Run) > mostRun {
		return fmt.Errorf("a run's name must have at most %d bytes, and this has %d", mostRun, len(a.Tasks[0].Run))
	}
	seen := make(map[fleet.Task]struct{}, len(a.Tasks))
	for _, t := range a.Tasks {
		if t.Run != a.Tasks[0].Run {
			return fmt.Errorf("an array is of one run, and this has tasks of %.100q and %.100q", a.Tasks[0].Run, t.Run)
		}
		_, open := e.open[t]
		if _, twice := seen[t]; open || twice {
			return fmt.Errorf("attempt %s of run %.100s is there already; an attempt is made once", t, t.Run)
		}
		seen[t] = struct{}{}
	}
	return nil
}

// Cancel ends all tasks of a run.
func (e *Executor) Cancel(run string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.timer == nil {
		return // it was never started
	}
	e.giveUp(func(r string) bool { return r == run }, fleet.TaskCanceled, "")
	now := time.Now()
	for _, n := range e.nodes {
		for _, a := range n.tasks {
			if a.task.Run == run {
				n.ask(a, fleet.TaskCanceled, now)
			}
		}
	}
	e.step()
}

// Nodes are the nodes that there are, in the order of their start.
func (e *Executor) Nodes() []fleet.Node {
	e.mu.Lock()
	defer e.mu.Unlock()
	nodes := make([]fleet.Node, len(e.nodes))
	for i, n := range e.nodes {
		nodes[i] = n.Node
	}
	return nodes
}

// SetMax changes how many nodes there may be, which must not be less than none.
// Where there are more, the last to start end as soon as their tasks do.
func (e *Executor) SetMax(most int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.max = max(most, 0)
	if e.phase == running {
		e.step()
	}
}
