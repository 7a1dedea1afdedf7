package local_test

import (
	"testing"

	"github.com/fleetscore/fleetscore/executor/executortest"
	"github.com/fleetscore/fleetscore/executor/local"
)

func TestMain(m *testing.M) { executortest.Main(m, local.Serve) }

func TestExecutor(t *testing.T) { executortest.Run(t, open) }

func BenchmarkExecutor(b *testing.B) { executortest.Benchmark(b, open) }

func open(t testing.TB, cfg executortest.Config) executortest.Executor {
	t.Helper()
	e, err := local.New(local.Config{Command: cfg.Command, Env: cfg.Env, Min: cfg.Min, Max: cfg.Max, Idle: cfg.Idle,
		Memory: cfg.Memory, Hang: cfg.Hang, Procs: 2, TaskEvent: cfg.TaskEvent, NodeEvent: cfg.NodeEvent})
	if err != nil {
		t.Fatal(err)
	}
	return e
}
