package local

import (
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/pool"
)

// Enough is a target of the default formula, where nodes start in no time.
func Enough(t testing.TB) func(fleet.Load) int {
	t.Helper()
	f, err := pool.Compile(pool.Default)
	if err != nil {
		t.Fatal(err)
	}
	return func(l fleet.Load) int {
		return f.Decide(pool.Signals{
			PendingTasks: l.PendingTasks, RunningTasks: l.RunningTasks, PendingSensors: l.PendingSensors,
			PendingSeconds: l.PendingWork.Seconds(), OldestSeconds: l.Oldest.Seconds(), Nodes: l.StartingNodes + l.IdleNodes + l.BusyNodes,
			StartingNodes: l.StartingNodes, IdleNodes: l.IdleNodes, BusyNodes: l.BusyNodes, FullNodes: l.FullNodes,
			NextRunSeconds: pool.Never, Max: 1 << 20,
		}).Target
	}
}
