package executortest

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

func doneOnce(t *testing.T, open Open) {
	r := newRig(t, open, config(3))
	folder := t.TempDir()
	small := r.submit(fleet.Array{Manifest: "mark " + folder, Costs: costs(300, 0.002)}, "small", 300)
	r.ends(fleet.TaskDone, small)
	var large []fleet.Task // of the same folder, so with other names
	for i := range 20 {
		large = append(large, fleet.Task{Run: "large", Generation: 1, Index: i, Attempt: 2})
	}
	if err := r.Submit(fleet.Array{Manifest: "mark " + folder, Tasks: large}); err != nil { // nobody knows the costs
		t.Fatal(err)
	}
	r.ends(fleet.TaskDone, large)
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 320 {
		t.Errorf("320 tasks left %d files, %v", len(files), err)
	}
}

func manyEmpty(t *testing.T, open Open) {
	const count = 15 * 15 * 15
	r := newRig(t, open, config(2))
	begin := time.Now()
	r.ends(fleet.TaskDone, r.submit(fleet.Array{Manifest: "nothing", Costs: costs(count, 0)}, "r", count))
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("%d empty tasks took %s", count, took)
	}
}

func badArrays(t *testing.T, open Open) {
	r := newRig(t, open, config(1))
	if err := r.Submit(fleet.Array{Manifest: "nothing"}); err != nil {
		t.Errorf("no tasks: %v", err)
	}
	same := fleet.Task{Run: "r", Attempt: 1}
	for name, a := range map[string]fleet.Array{
		"costs of others": {Manifest: "nothing", Tasks: tasksOf("r", 2), Costs: costs(3, 1)},
		"two runs":        {Manifest: "nothing", Tasks: []fleet.Task{same, {Run: "q", Attempt: 1}}},
		"twice":           {Manifest: "nothing", Tasks: []fleet.Task{same, same}},
		"no manifest":     {Tasks: tasksOf("r", 1)},
		"a timeout":       {Manifest: "nothing", Tasks: tasksOf("r", 1), Timeout: -1},
		"long":            {Manifest: strings.Repeat("x", 1<<20), Tasks: tasksOf("r", 1)},
	} {
		if err := r.Submit(a); err == nil {
			t.Errorf("%s: submitted", name)
		}
	}
	running := r.submit(fleet.Array{Manifest: "obey"}, "r", 1)
	if err := r.Submit(fleet.Array{Manifest: "obey", Tasks: running}); err == nil {
		t.Error("an attempt that runs was submitted again")
	}
	r.Cancel("another")
	r.Cancel("r")
	r.ends(fleet.TaskCanceled, running)
}

func progress(t *testing.T, open Open) {
	r := newRig(t, open, config(1))
	tasks := r.submit(fleet.Array{Manifest: "count"}, "r", 1)
	want := fleet.Progress{Sensors: 3, Rows: 100}
	r.await("progress", func() bool { return r.last[tasks[0]].Progress == want })
	r.Cancel("r")
	r.ends(fleet.TaskCanceled, tasks)
}

func taskFails(t *testing.T, open Open) {
	r := newRig(t, open, config(1))
	failed := r.ends(fleet.TaskFailed, r.submit(fleet.Array{Manifest: "fail of thirst", Costs: costs(3, 0)}, "bad", 3), "of thirst")
	done := r.ends(fleet.TaskDone, r.submit(fleet.Array{Manifest: "nothing"}, "good", 1))
	unserved := r.ends(fleet.TaskFailed, r.submit(fleet.Array{Manifest: "unserved no room"}, "full", 1), "no room")
	if !unserved[0].Unserved || failed[0].Unserved {
		t.Errorf("a task that the store did not serve: %+v, and one that failed of itself: %+v", unserved[0], failed[0])
	}
	if failed[0].Node != done[0].Node || done[0].Node == "" {
		t.Errorf("a failed task cost node %q; the next one had %q", failed[0].Node, done[0].Node)
	}
}

func timeout(t *testing.T, open Open) {
	r := newRig(t, open, config(1))
	late := r.ends(fleet.TaskTimedOut, r.submit(fleet.Array{Manifest: "obey", Timeout: 50 * time.Millisecond}, "late", 1), "longer than 50ms")
	done := r.ends(fleet.TaskDone, r.submit(fleet.Array{Manifest: "nothing"}, "good", 1))
	if late[0].Node != done[0].Node {
		t.Errorf("a task that obeyed cost a node: %q, then %q", late[0].Node, done[0].Node)
	}
}

func deafTimeout(t *testing.T, open Open) {
	r := newRig(t, open, config(1))
	pipe := newPipe(t, "deaf")
	w := watch(t, pipe)
	late := r.ends(fleet.TaskTimedOut, r.submit(fleet.Array{Manifest: "deaf " + pipe, Timeout: 50 * time.Millisecond}, "late", 1), "longer than 50ms")
	w.dead(t)
	r.ends(fleet.TaskDone, r.submit(fleet.Array{Manifest: "nothing"}, "good", 1))
	if n := r.nodeOf(late[0]); n.State != fleet.NodeFailed {
		t.Errorf("the node of a deaf task is %+v", n)
	}
}

func cancel(t *testing.T, open Open) {
	r := newRig(t, open, config(3))
	pipe, gate := newPipe(t, "deaf"), newPipe(t, "gate")
	w := watch(t, pipe)
	obeys := r.submit(fleet.Array{Manifest: "obey", Costs: costs(1, 100)}, "canceled", 1)
	deaf := []fleet.Task{{Run: "canceled", Index: 7, Attempt: 1}}
	if err := r.Submit(fleet.Array{Manifest: "deaf " + pipe, Tasks: deaf, Costs: costs(1, 100)}); err != nil {
		t.Fatal(err)
	}
	other := r.submit(fleet.Array{Manifest: "gate " + gate, Costs: costs(1, 100)}, "other", 1)
	r.running(append(append(obeys, deaf...), other...)...)
	w.alive(t)
	waiting := []fleet.Task{{Run: "canceled", Index: 8, Attempt: 1}}
	if err := r.Submit(fleet.Array{Manifest: "obey", Tasks: waiting, Costs: costs(1, 100)}); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	r.Cancel("canceled")
	r.ends(fleet.TaskCanceled, append(append(obeys, deaf...), waiting...))
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("canceling took %s", took)
	}
	w.dead(t)
	release(t, gate)
	r.ends(fleet.TaskDone, other)
}

func priority(t *testing.T, open Open) {
	r := newRig(t, open, config(1))
	gate := newPipe(t, "gate")
	first := r.submit(fleet.Array{Manifest: "gate " + gate, Costs: costs(1, 100)}, "first", 1)
	r.running(first...)
	var tasks []fleet.Task
	for _, a := range []struct {
		run      string
		priority int
	}{{"low", -1}, {"middle", 0}, {"high", 7}, {"later", 0}, {"higher", 8}} {
		tasks = append(tasks, r.submit(fleet.Array{Manifest: "nothing", Priority: a.priority, Costs: costs(2, 100)}, a.run, 2)...)
	}
	release(t, gate)
	r.ends(fleet.TaskDone, tasks)
	var order []string
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.State == fleet.TaskRunning && e.Task.Run != "first" {
			order = append(order, e.Task.Run+e.Task.String()[1:4])
		}
	}
	want := "higher-0- higher-1- high-0- high-1- middle-0- middle-1- later-0- later-1- low-0- low-1-"
	if got := strings.Join(order, " "); got != want {
		t.Errorf("the order was %s\nwant %s", got, want)
	}
}
