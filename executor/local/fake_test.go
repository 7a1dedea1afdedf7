package local

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// world has nodes that are goroutines, in fake time, and hears all events.
type world struct {
	*Executor
	mu     sync.Mutex
	broken bool          // no node starts
	mute   bool          // nodes say nothing
	undead bool          // nodes do not die
	slow   time.Duration // nodes take to end
	memory int64
	alive  int
	most   int // nodes at one time
	starts []time.Time
	fakes  []*fake
	ran    map[fleet.Task]int
	events map[fleet.Task][]fleet.TaskEvent
	nodes  []fleet.Node
}

func newWorld(t *testing.T, cfg Config) *world {
	t.Helper()
	w := &world{ran: map[fleet.Task]int{}, events: map[fleet.Task][]fleet.TaskEvent{}}
	cfg.Command = []string{"none"}
	if cfg.Target == nil {
		cfg.Target = Enough(t)
	}
	cfg.TaskEvent = func(e fleet.TaskEvent) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.events[e.Task] = append(w.events[e.Task], e)
	}
	cfg.NodeEvent = func(n fleet.Node) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.nodes = append(w.nodes, n)
	}
	var err error
	if w.Executor, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	w.start = w.startFake
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// living is how many nodes live.
func (w *world) living() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.alive
}

// fake is a node's process that is none.
type fake struct {
	w      *world
	ctx    context.Context
	die    context.CancelFunc
	frozen chan struct{} // closed when it was stopped
	freeze sync.Once
	out    *io.PipeWriter
}

func (w *world) startFake(string) (*process, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.starts = append(w.starts, time.Now())
	if w.broken {
		return nil, errors.New("no such program")
	}
	w.alive++
	w.most = max(w.most, w.alive)
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	f := &fake{w: w, frozen: make(chan struct{}), out: outW}
	f.ctx, f.die = context.WithCancel(context.Background())
	w.fakes = append(w.fakes, f)
	over := make(chan exit, 1)
	undead, mute, slow := w.undead, w.mute, w.slow
	go func() {
		s := newServer(f, f.run)
		s.orphaned = f.die
		s.exhausted = func(string) { f.die() }
		var err error
		if mute {
			go func() { _, _ = io.Copy(io.Discard, inR) }()
			<-f.ctx.Done()
			err = f.ctx.Err()
		} else {
			err = s.serve(f.ctx, inR)
		}
		if slow > 0 {
			select {
			case <-time.After(slow):
			case <-f.ctx.Done():
			}
		}
		x := exit{clean: err == nil, how: "exit status 0"}
		if err != nil {
			x.how = "signal: killed"
		}
		f.die()
		_ = inR.Close()
		_ = outW.Close()
		w.mu.Lock()
		w.alive--
		w.mu.Unlock()
		over <- x
	}()
	kill := func() {
		if !undead {
			f.die()
		}
	}
	return &process{pid: 1, in: inW, out: outR, kill: kill, wait: func() exit { return <-over }, memory: func() int64 {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.memory
	}}, nil
}

// Write is the node's output, on which nothing comes once it is frozen.
func (f *fake) Write(p []byte) (int, error) {
	select {
	case <-f.frozen:
		<-f.ctx.Done()
	default:
	}
	if f.ctx.Err() != nil {
		return 0, io.ErrClosedPipe
	}
	return f.out.Write(p)
}

// run does as the manifest says: "verb duration".
func (f *fake) run(ctx context.Context, manifest string, task fleet.Task, progress func(fleet.Progress)) error {
	f.w.mu.Lock()
	f.w.ran[task]++
	f.w.mu.Unlock()
	verb, text, _ := strings.Cut(manifest, " ")
	duration, err := time.ParseDuration(text)
	if err != nil {
		return err
	}
	progress(fleet.Progress{Rows: 1})
	deaf := verb == "deaf"
	over := make(chan struct{})
	if duration == 0 {
		// Timers that are due when they are set, on several threads, confuse the race
		// detector in fake time.
		close(over)
	} else {
		timer := time.AfterFunc(duration, func() { close(over) })
		defer timer.Stop()
	}
	select {
	case <-over:
	case <-f.ctx.Done():
		return f.ctx.Err()
	case <-ctx.Done():
		if !deaf {
			return ctx.Err()
		}
		<-f.ctx.Done()
	}
	switch verb {
	case "fail":
		return errors.New("it fails")
	case "crash":
		f.die()
	case "freeze":
		f.freeze.Do(func() { close(f.frozen) })
		<-f.ctx.Done()
	case "deaf":
		<-f.ctx.Done()
	}
	return f.ctx.Err()
}

// pass lets fake time pass, and all that happens in it.
func pass(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // in fake time
	synctest.Wait()
}

// state is a task's last one.
func (w *world) state(task fleet.Task) fleet.TaskEvent {
	w.mu.Lock()
	defer w.mu.Unlock()
	if list := w.events[task]; len(list) > 0 {
		return list[len(list)-1]
	}
	return fleet.TaskEvent{State: fleet.TaskWaiting}
}

// stopped ends the world.
func (w *world) stopped(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	if err := w.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func (w *world) submit(t *testing.T, a fleet.Array, run string, count int, cost float64) []fleet.Task {
	t.Helper()
	a.Tasks = nil
	for i := range count {
		a.Tasks = append(a.Tasks, fleet.Task{Run: run, Index: i, Attempt: 1})
		a.Costs = append(a.Costs, cost)
	}
	if err := w.Submit(a); err != nil {
		t.Fatal(err)
	}
	return a.Tasks
}

// all fails unless all tasks are in a state.
func (w *world) all(t *testing.T, tasks []fleet.Task, s fleet.TaskState) {
	t.Helper()
	for _, task := range tasks {
		if e := w.state(task); e.State != s {
			t.Errorf("task %s of %s is %s, want %s: %s", task, task.Run, e.State, s, e.Detail)
		}
	}
}
