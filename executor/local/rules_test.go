package local

import (
	"context"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

func TestHowManyNodesStart(t *testing.T) {
	for name, c := range map[string]struct {
		manifest     string
		count        int
		cost         float64
		atOnce, most int // nodes
	}{
		"nothing to do":   {"do 0s", 3375, 0, 1, 1},
		"little":          {"do 5ms", 3, 0.005, 1, 1},
		"worth two":       {"do 5ms", 20, 0.005, 2, 2},
		"few and long":    {"do 10s", 3, 10, 3, 3},
		"many and long":   {"do 10s", 30, 10, 8, 8},
		"longer than was": {"do 10s", 64, 0.0001, 1, 8},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, Config{Max: 8, Idle: time.Second})
				tasks := w.submit(t, fleet.Array{Manifest: c.manifest}, "r", c.count, c.cost)
				if n := len(w.Nodes()); n != c.atOnce {
					t.Errorf("%d nodes start at once, want %d", n, c.atOnce)
				}
				pass(time.Minute)
				w.all(t, tasks, fleet.TaskDone)
				if w.most != c.most || w.alive > 0 {
					t.Errorf("%d nodes lived, want %d; %d still do", w.most, c.most, w.alive)
				}
				w.stopped(t)
			})
		})
	}
}

// Of more nodes than the target says those with tasks end when they have done them,
// and not before; then the target holds.
func TestTargetDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var target atomic.Int64
		target.Store(4)
		w := newWorld(t, Config{Max: 8, Idle: time.Second, Target: func(fleet.Load) int { return int(target.Load()) }})
		pass(time.Second)
		if n := w.living(); n != 4 {
			t.Errorf("%d nodes live without work, and the target is 4", n)
		}
		tasks := w.submit(t, fleet.Array{Manifest: "do 1m"}, "r", 8, 60)
		pass(time.Second)
		target.Store(1)
		w.Resize()
		pass(50 * time.Second)
		if n := w.living(); n != 4 {
			t.Errorf("%d nodes live, and 4 had tasks", n)
		}
		pass(time.Minute)
		if n := w.living(); n != 1 {
			t.Errorf("%d nodes live, and the target is 1", n)
		}
		pass(time.Hour)
		w.all(t, tasks, fleet.TaskDone)
		target.Store(0)
		w.Resize()
		pass(2 * time.Second)
		if n := w.living(); n != 0 || len(w.starts) != 4 {
			t.Errorf("%d nodes live of %d that started", n, len(w.starts))
		}
		w.stopped(t)
	})
}

// Nodes that take their time to end are in nobody's way: work goes on with the others.
func TestNodesThatEndSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var target atomic.Int64
		w := newWorld(t, Config{Max: 64, Target: func(l fleet.Load) int {
			if l.PendingTasks > 0 && l.StartingNodes == 0 && l.Oldest > patience {
				return 2 * (l.IdleNodes + l.BusyNodes)
			}
			return max(int(target.Load()), l.BusyNodes, min(l.PendingTasks, 1))
		}})
		w.mu.Lock()
		w.slow = time.Second
		w.mu.Unlock()
		target.Store(3)
		w.Resize()
		pass(100 * time.Millisecond)
		target.Store(0)
		w.Resize()
		pass(100 * time.Millisecond) // they end, and none is gone
		tasks := w.submit(t, fleet.Array{Manifest: "do 5ms"}, "r", 1, 10)
		pass(100 * time.Millisecond)
		w.all(t, tasks, fleet.TaskDone)
		pass(2 * time.Second)
		if n := w.living(); n != 0 || len(w.starts) != 4 {
			t.Errorf("%d nodes live of %d that started", n, len(w.starts))
		}
		w.stopped(t)
	})
}

// Of nodes that are idle for as long, the least number stays.
func TestLeastNodesStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Config{Min: 1, Max: 3, Idle: time.Second})
		w.all(t, w.submit(t, fleet.Array{Manifest: "do 1s"}, "r", 3, 1), fleet.TaskWaiting)
		pass(time.Hour)
		if w.alive != 1 || len(w.starts) != 3 {
			t.Errorf("%d nodes live of %d that started", w.alive, len(w.starts))
		}
		w.stopped(t)
	})
}

// A task of another run is not put beside one that may have to be killed.
func TestCancelHurtsNoOtherRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Config{Max: 1})
		deaf := w.submit(t, fleet.Array{Manifest: "deaf 1h"}, "deaf", 3, 0)
		good := w.submit(t, fleet.Array{Manifest: "do 1s"}, "good", 3, 0)
		pass(time.Second)
		w.all(t, deaf, fleet.TaskRunning)
		w.all(t, good, fleet.TaskWaiting)
		w.Cancel("deaf")
		pass(1500 * time.Millisecond)
		w.all(t, deaf, fleet.TaskCanceled)
		pass(time.Second)
		w.all(t, good, fleet.TaskDone)
		w.stopped(t)
	})
}

// What a hung node had is lost within Config.Hang; one that works is let be.
func TestHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Config{Max: 2})
		long := w.submit(t, fleet.Array{Manifest: "do 1h"}, "long", 1, 10)
		bad := w.submit(t, fleet.Array{Manifest: "freeze 1ms"}, "bad", 1, 10)
		pass(9900 * time.Millisecond)
		w.all(t, bad, fleet.TaskRunning)
		pass(200 * time.Millisecond)
		w.all(t, bad, fleet.TaskLost)
		pass(time.Hour)
		w.all(t, long, fleet.TaskDone)
		w.stopped(t)
	})
}

func TestMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Config{Max: 1, Memory: 64 << 20})
		tasks := w.submit(t, fleet.Array{Manifest: "do 1h"}, "r", 1, 10)
		pass(time.Minute)
		w.all(t, tasks, fleet.TaskRunning)
		w.mu.Lock()
		w.memory = 65 << 20
		w.mu.Unlock()
		pass(measure)
		if looksItself {
			w.Cancel("r")
		} else if e := w.state(tasks[0]); e.State != fleet.TaskLost || !strings.HasPrefix(e.Detail, "killed: used more than 64 MiB") {
			t.Errorf("the task of a node that uses too much: %+v", e)
		}
		w.stopped(t)
	})
}

// Where the system does not tell, a node finds by itself that it uses too much.
func TestNodeLooksAtItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		r, in := io.Pipe()
		s := newServer(io.Discard, func(ctx context.Context, _ string, _ fleet.Task, _ func(fleet.Progress)) error {
			<-ctx.Done()
			return ctx.Err()
		})
		said := ""
		s.orphaned, s.exhausted = stop, func(text string) { said = text; stop() }
		done := make(chan error, 1)
		go func() { done <- s.serve(ctx, r) }()
		for _, o := range []order{{Welcome: &welcome{Protocol: protocol, Beat: time.Second, Memory: 1 << 10}}, {Tasks: []job{{ID: 1, Manifest: "m"}}}} {
			if err := send(in, &o); err != nil {
				t.Fatal(err)
			}
		}
		if err := <-done; err == nil || said == "" {
			t.Errorf("a node that uses more than a KiB ended with %v, and said %q", err, said)
		}
		_ = in.Close()
	})
}

// Nodes that do not start are tried ever less often, also without tasks.
func TestStartsBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Config{Min: 1, Max: 4})
		w.mu.Lock()
		w.broken = true
		w.starts = nil
		w.mu.Unlock()
		w.SetMax(0) // ends the one that started before
		pass(time.Minute)
		w.SetMax(4)
		pass(time.Hour)
		if n := len(w.starts); n < 100 || n > 150 {
			t.Errorf("%d starts were tried in an hour", n)
		}
		begin := time.Now()
		tasks := w.submit(t, fleet.Array{Manifest: "do 0s"}, "r", 50, 1)
		pass(5 * time.Second)
		w.all(t, tasks, fleet.TaskFailed)
		if e := w.state(tasks[0]); !strings.HasPrefix(e.Detail, "no node starts: ") || e.Time.Sub(begin) > time.Second {
			t.Errorf("after %s, a task for which no node starts: %+v", e.Time.Sub(begin), e)
		}
		w.stopped(t)
	})
}

// Those that start together and fail count once.
func TestStartsThatFailTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Config{Max: 4})
		w.mu.Lock()
		w.broken = true
		w.mu.Unlock()
		begin := time.Now()
		tasks := w.submit(t, fleet.Array{Manifest: "do 0s"}, "r", 50, 1)
		pass(time.Minute)
		w.all(t, tasks, fleet.TaskFailed)
		if took := w.state(tasks[0]).Time.Sub(begin); len(w.starts) != 6 || took != 300*time.Millisecond {
			t.Errorf("%d starts were tried within %s", len(w.starts), took)
		}
		w.stopped(t)
	})
}

func TestNodeThatIsNeverReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Config{Max: 4})
		w.mu.Lock()
		w.mute = true
		w.mu.Unlock()
		tasks := w.submit(t, fleet.Array{Manifest: "do 0s"}, "r", 4, 1)
		pass(time.Minute)
		w.all(t, tasks, fleet.TaskFailed)
		if e := w.state(tasks[0]); !strings.Contains(e.Detail, "not ready 10s after its start") {
			t.Errorf("a node that is never ready: %s", e.Detail)
		}
		w.stopped(t)
	})
}

// A process that the system cannot end holds up nobody.
func TestProcessThatDoesNotDie(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Config{Max: 1})
		w.mu.Lock()
		w.undead = true
		w.mu.Unlock()
		deaf := w.submit(t, fleet.Array{Manifest: "deaf 1h"}, "deaf", 1, 1)
		pass(time.Second)
		w.mu.Lock()
		w.undead = false
		w.mu.Unlock()
		good := w.submit(t, fleet.Array{Manifest: "do 1s"}, "good", 1, 1)
		w.Cancel("deaf")
		pass(2 * time.Second)
		w.all(t, deaf, fleet.TaskCanceled)
		pass(2 * time.Second)
		w.all(t, good, fleet.TaskDone)
		if err := w.Stop(context.Background()); err == nil {
			t.Error("Stop says nothing of a process that does not die")
		}
		w.fakes[0].die()
		synctest.Wait()
	})
}
