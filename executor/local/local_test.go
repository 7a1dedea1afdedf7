package local_test

import (
	"context"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/executor/executortest"
	"github.com/fleetscore/fleetscore/executor/local"
	"github.com/fleetscore/fleetscore/fleet"
)

func TestMain(m *testing.M) { executortest.Main(m, local.Serve) }

func TestExecutor(t *testing.T) { executortest.Run(t, open) }

func BenchmarkExecutor(b *testing.B) { executortest.Benchmark(b, open) }

func open(t testing.TB, cfg executortest.Config) executortest.Executor {
	t.Helper()
	e, err := local.New(local.Config{Command: cfg.Command, Env: cfg.Env, Target: local.Enough(t), Min: cfg.Min, Max: cfg.Max, Idle: cfg.Idle,
		Memory: cfg.Memory, Hang: cfg.Hang, Procs: 2, TaskEvent: cfg.TaskEvent, NodeEvent: cfg.NodeEvent})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Service managers send SIGTERM to all processes of a service. Nodes do not end by
// it, so that the executor can drain.
func TestNodesIgnoreSIGTERM(t *testing.T) {
	events := make(chan fleet.TaskEvent, 100)
	e := open(t, executortest.Config{Command: []string{os.Args[0]}, Env: executortest.NodeEnvironment(), Max: 1, Idle: time.Minute,
		TaskEvent: func(e fleet.TaskEvent) {
			if e.State.Final() {
				events <- e
			}
		}})
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	node := ""
	for attempt := range 3 {
		a := fleet.Array{Manifest: "signal " + strconv.Itoa(int(syscall.SIGTERM)), Tasks: []fleet.Task{{Run: "r", Attempt: attempt + 1}}}
		if err := e.Submit(a); err != nil {
			t.Fatal(err)
		}
		if got := <-events; got.State != fleet.TaskDone || node != "" && got.Node != node {
			t.Errorf("after SIGTERM on %q: %+v", node, got)
		} else {
			node = got.Node
		}
	}
	if err := e.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}
