package executortest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/executor"
	"github.com/fleetscore/fleetscore/fleet"
)

func sideBySide(t *testing.T, open Open) {
	r := newRig(t, open, config(3))
	var gates []string
	var tasks []fleet.Task
	for _, run := range []string{"1", "2", "3", "4"} {
		gate := newPipe(t, "gate")
		gates = append(gates, gate)
		tasks = append(tasks, r.submit(fleet.Array{Manifest: "gate " + gate, Costs: costs(1, 100)}, run, 1)...)
	}
	r.running(tasks[:3]...)
	nodes := r.Nodes()
	if len(nodes) != 3 {
		t.Errorf("three tasks run on %+v", nodes)
	}
	for _, n := range nodes {
		if n.State != fleet.NodeBusy || n.Tasks != 1 || n.Ready.IsZero() {
			t.Errorf("a node with a task is %+v", n)
		}
	}
	for _, gate := range gates {
		release(t, gate)
	}
	r.ends(fleet.TaskDone, tasks)
}

func zeroAtRest(t *testing.T, open Open) {
	cfg := config(3)
	cfg.Idle = 20 * time.Millisecond
	r := newRig(t, open, cfg)
	for _, run := range []string{"a", "b"} {
		r.ends(fleet.TaskDone, r.submit(fleet.Array{Manifest: "nothing", Costs: costs(3, 1)}, run, 3))
		r.await("the nodes to end", func() bool { return r.started > 0 && r.live() == 0 })
		if nodes := r.Nodes(); len(nodes) != 0 {
			t.Errorf("at rest there are %+v", nodes)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	done := 0
	for _, n := range r.nodes {
		done += n.Done
		if n.State != fleet.NodeEnded || n.Ended.IsZero() || n.Detail != "" {
			t.Errorf("an idle node's end is %+v", n)
		}
	}
	if done != 6 {
		t.Errorf("the nodes say that they did %d tasks of 6", done)
	}
}

func leastNodes(t *testing.T, open Open) {
	cfg := config(3)
	cfg.Min, cfg.Idle = 1, 20*time.Millisecond
	r := newRig(t, open, cfg)
	r.await("a node without work", func() bool { return r.live() == 1 && r.idle() == 1 })
	r.ends(fleet.TaskDone, r.submit(fleet.Array{Manifest: "nothing", Costs: costs(3, 100)}, "r", 3))
	r.await("one node", func() bool { return r.live() == 1 && r.idle() == 1 })
}

// idle is how many nodes have nothing to do. The lock is held.
func (r *rig) idle() int {
	count := 0
	for _, n := range r.nodes {
		if n.State == fleet.NodeIdle {
			count++
		}
	}
	return count
}

func fewerNodes(t *testing.T, open Open) {
	cfg := config(2)
	cfg.Idle = time.Hour
	r := newRig(t, open, cfg)
	gates := []string{newPipe(t, "1"), newPipe(t, "2")}
	first := r.submit(fleet.Array{Manifest: "gate " + gates[0], Costs: costs(1, 100)}, "1", 1)
	second := r.submit(fleet.Array{Manifest: "gate " + gates[1], Costs: costs(1, 100)}, "2", 1)
	r.running(first[0], second[0])
	r.SetMax(1)
	rest := r.submit(fleet.Array{Manifest: "nothing", Costs: costs(5, 100)}, "3", 5)
	release(t, gates[1])
	release(t, gates[0])
	r.ends(fleet.TaskDone, append(append(first, second...), rest...))
	r.await("one node to end", func() bool { return r.live() == 1 })
	r.SetMax(0)
	r.await("no node", func() bool { return r.live() == 0 })
	more := r.submit(fleet.Array{Manifest: "nothing"}, "4", 1)
	r.SetMax(1)
	r.ends(fleet.TaskDone, more)
}

func stopDrains(t *testing.T, open Open) {
	r := newRig(t, open, config(1))
	gate := newPipe(t, "gate")
	runs := r.submit(fleet.Array{Manifest: "gate " + gate, Costs: costs(1, 100)}, "runs", 1)
	r.running(runs...)
	waits := r.submit(fleet.Array{Manifest: "nothing", Costs: costs(2, 100)}, "waits", 2)
	stopped := make(chan error, 1)
	go func() { stopped <- r.Stop(context.Background()) }()
	r.ends(fleet.TaskCanceled, waits)
	if err := r.Submit(fleet.Array{Manifest: "nothing", Tasks: tasksOf("late", 1)}); !errors.Is(err, executor.ErrNotRunning) {
		t.Errorf("Submit to one that stops: %v", err)
	}
	release(t, gate)
	if err := <-stopped; err != nil {
		t.Errorf("Stop: %v", err)
	}
	r.ends(fleet.TaskDone, runs)
}

func stopKills(t *testing.T, open Open) {
	r := newRig(t, open, config(1))
	pipe := newPipe(t, "deaf")
	w := watch(t, pipe)
	tasks := r.submit(fleet.Array{Manifest: "deaf " + pipe}, "r", 1)
	w.alive(t)
	r.running(tasks...)
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if err := r.Stop(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Stop that killed a task: %v", err)
	}
	w.dead(t)
	r.ends(fleet.TaskCanceled, tasks)
}
