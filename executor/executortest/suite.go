package executortest

import (
	"context"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// Executor is what the suite drives.
type Executor interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	Submit(a fleet.Array) error
	Cancel(run string)
	Nodes() []fleet.Node
	SetMax(n int)
}

// Config is what an executor is opened with.
type Config struct {
	Command   []string // starts a node
	Env       []string // of a node
	Min, Max  int      // nodes
	Idle      time.Duration
	Memory    int64         // bytes of a node; 0: any
	Hang      time.Duration // 0: the executor's own
	TaskEvent func(fleet.TaskEvent)
	NodeEvent func(fleet.Node)
}

// Open makes an executor that is not started yet.
type Open = func(t testing.TB, cfg Config) Executor

// Run holds an executor to the contract.
func Run(t *testing.T, open Open) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Open)
	}{
		{"every task is done once", doneOnce},
		{"3375 empty tasks", manyEmpty},
		{"submissions that make no sense", badArrays},
		{"progress", progress},
		{"a task fails", taskFails},
		{"a node crashes", nodeCrashes},
		{"a node hangs", nodeHangs},
		{"a node takes all memory", nodeHogs},
		{"what a node started ends with it", grandchild},
		{"no node starts", noNodeStarts},
		{"nodes start again", startsAgain},
		{"a task takes too long", timeout},
		{"a deaf task takes too long", deafTimeout},
		{"cancel", cancel},
		{"priority", priority},
		{"as many nodes as there is work for", sideBySide},
		{"zero nodes at rest", zeroAtRest},
		{"a least number of nodes", leastNodes},
		{"fewer nodes are allowed", fewerNodes},
		{"stop drains", stopDrains},
		{"stop kills", stopKills},
		{"no orphan", noOrphan},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open) })
	}
}
