package executortest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

func nodeCrashes(t *testing.T, open Open) {
	r := newRig(t, open, config(1))
	for _, crash := range []struct{ manifest, word string }{
		{"exit", "exit status 3"},
		{"kill", "signal: killed"},
		{"panic of fear", "panic: of fear"},
	} {
		lost := r.ends(fleet.TaskLost, r.submit(fleet.Array{Manifest: crash.manifest, Costs: costs(1, 100)}, crash.manifest, 1), crash.word)
		n := r.nodeOf(lost[0])
		if n.State != fleet.NodeFailed || n.PID == 0 || !strings.Contains(n.Detail, crash.word) {
			t.Errorf("the node of a task %q is %+v", crash.manifest, n)
		}
	}
	r.ends(fleet.TaskDone, r.submit(fleet.Array{Manifest: "nothing"}, "good", 1))
	// Those that are on a node together share its fate, once each.
	r.ends(fleet.TaskLost, r.submit(fleet.Array{Manifest: "exit", Costs: costs(40, 0)}, "many", 40), "exit status 3")
	r.ends(fleet.TaskDone, r.submit(fleet.Array{Manifest: "nothing"}, "still good", 1))
}

func nodeHangs(t *testing.T, open Open) {
	cfg := config(1)
	cfg.Hang = time.Second
	r := newRig(t, open, cfg)
	lost := r.ends(fleet.TaskLost, r.submit(fleet.Array{Manifest: "stop"}, "bad", 1), "no sign of life for 1s")
	if n := r.nodeOf(lost[0]); n.State != fleet.NodeFailed {
		t.Errorf("the node that hung is %+v", n)
	}
	r.ends(fleet.TaskDone, r.submit(fleet.Array{Manifest: "nothing"}, "good", 1))
}

func nodeHogs(t *testing.T, open Open) {
	cfg := config(1)
	cfg.Memory = 256 << 20
	r := newRig(t, open, cfg)
	r.ends(fleet.TaskLost, r.submit(fleet.Array{Manifest: "hog"}, "bad", 1), "killed: used more than 256 MiB")
	r.ends(fleet.TaskDone, r.submit(fleet.Array{Manifest: "nothing"}, "good", 1))
}

func grandchild(t *testing.T, open Open) {
	r := newRig(t, open, config(1))
	pipe := newPipe(t, "left")
	w := watch(t, pipe)
	r.ends(fleet.TaskLost, r.submit(fleet.Array{Manifest: "leave " + pipe, Costs: costs(1, 100)}, "leaves", 1), "panic: left")
	w.dead(t)
	pipe = newPipe(t, "kept")
	w = watch(t, pipe)
	tasks := r.submit(fleet.Array{Manifest: "grow " + pipe}, "grows", 1)
	w.alive(t)
	r.Cancel("grows")
	w.dead(t)
	r.ends(fleet.TaskCanceled, tasks)
}

func noNodeStarts(t *testing.T, open Open) {
	for name, change := range map[string]struct {
		do   func(*Config)
		word string
	}{
		"no program": {func(c *Config) { c.Command = []string{"/nowhere/at/all"} }, "no such file"},
		"broken":     {func(c *Config) { c.Env = environment(asBroken) }, "last words of a node"},
		"no node":    {func(c *Config) { c.Env = environment(asStranger) }, "usage: I am no node"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(3)
			change.do(&cfg)
			r := newRig(t, open, cfg)
			for _, run := range []string{"a", "b"} { // later ones are tried again
				r.ends(fleet.TaskFailed, r.submit(fleet.Array{Manifest: "nothing", Costs: costs(9, 100)}, run, 9), "no node starts", change.word)
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			for _, n := range r.nodes {
				if n.State != fleet.NodeFailed || !strings.Contains(n.Detail, change.word) {
					t.Errorf("a node that did not start is %+v", n)
				}
			}
		})
	}
}

func startsAgain(t *testing.T, open Open) {
	cfg := config(1)
	mood := filepath.Join(t.TempDir(), "mood")
	cfg.Env = append(environment(asMoody), moodName+"="+mood)
	r := newRig(t, open, cfg)
	r.ends(fleet.TaskFailed, r.submit(fleet.Array{Manifest: "nothing"}, "early", 1), "no node starts")
	if err := os.WriteFile(mood, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r.ends(fleet.TaskDone, r.submit(fleet.Array{Manifest: "nothing"}, "late", 1))
}

// orphans are what the parent's children do, each with a pipe of that name.
func orphans() []string { return []string{"deaf", "grow", "freeze", "spin"} }

// noOrphan kills a process that has an executor with busy nodes. That is
// this test again, in a process of its own.
func noOrphan(t *testing.T, open Open) {
	const folderName = "FLEETSCORE_TEST_FOLDER"
	if folder := os.Getenv(folderName); folder != "" {
		r := newRig(t, open, config(len(orphans())))
		for _, verb := range orphans() {
			r.submit(fleet.Array{Manifest: verb + " " + filepath.Join(folder, verb), Costs: costs(1, 100)}, verb, 1)
		}
		select {}
	}
	var witnesses []*witness
	folder := t.TempDir()
	for _, verb := range orphans() {
		witnesses = append(witnesses, watch(t, newPipeIn(t, folder, verb)))
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := strings.Split(t.Name(), "/")
	for i := range path {
		path[i] = "^" + path[i] + "$"
	}
	cmd := exec.CommandContext(context.Background(), self, "-test.run="+strings.Join(path, "/")) //nolint:gosec // itself
	cmd.Env = append(environment(asParent), folderName+"="+folder)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for _, w := range witnesses {
		w.alive(t)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // it was killed
	for _, w := range witnesses {
		w.dead(t)
	}
}
