package local

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// Whatever a node tells, each of its tasks has one final state in the end.
func FuzzReport(f *testing.F) {
	for _, seed := range []string{
		`{"hello":{"protocol":1}}` + "\n" + `{"started":[1,2],"ended":[{"id":1}]}` + "\n" + `{"progress":[{"id":2,"progress":{"rows":3}}]}` + "\n" + `{"ended":[{"id":2,"error":"x"},{"id":3}]}` + "\n",
		`{"hello":{"protocol":2}}` + "\n", `{"started":[1]}` + "\n", "usage: fleetscore\n", "{}\n{}\n",
		`{"hello":{"protocol":1},"started":[1,1]}` + "\n", `{"hello":{"protocol":1},"ended":[{"id":1},{"id":1}]}` + "\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		final := map[fleet.Task]int{}
		e, err := New(Config{Command: []string{"none"}, Target: func(fleet.Load) int { return 1 }, Max: 1, TaskEvent: func(e fleet.TaskEvent) {
			if e.State.Final() {
				final[e.Task]++
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		e.phase, e.events = running, newEvents(&e.cfg)
		e.timer = time.AfterFunc(time.Hour, e.tick)
		defer e.timer.Stop()
		n := &node{Node: fleet.Node{Started: time.Now()}, wake: make(chan struct{}, 1)}
		e.nodes = []*node{n}
		a := fleet.Array{Manifest: "m", Costs: []float64{0, 0, 0}}
		for i := range a.Costs {
			a.Tasks = append(a.Tasks, fleet.Task{Run: "r", Index: i, Attempt: 1})
		}
		if err := e.Submit(a); err != nil {
			t.Fatal(err)
		}
		if err := e.read(n, bytes.NewReader(data)); err != nil && !errors.Is(err, errProtocol) {
			t.Errorf("a node that talks nonsense is %v", err)
		}
		e.mu.Lock()
		e.phase = stopping
		e.mu.Unlock()
		e.Cancel("r")
		e.exited(n, exit{how: "it is over"})
		e.events.close()
		for _, task := range a.Tasks {
			if final[task] != 1 {
				t.Errorf("task %s has %d final states", task, final[task])
			}
		}
	})
}

// Whatever a node is told, it ends with its input, and tells what makes sense.
func FuzzOrder(f *testing.F) {
	const welcome = `{"welcome":{"protocol":1,"beat":250000000}}` + "\n"
	for _, seed := range []string{
		welcome + `{"tasks":[{"id":1,"manifest":"m","task":{"run":"r"}}],"cancel":[1,2]}` + "\n" + `{"end":true}` + "\n",
		welcome + `{"tasks":[{"id":1},{"id":1}]}` + "\n", `{"welcome":{"protocol":2,"beat":1}}` + "\n", `{"tasks":[{"id":1}]}` + "\n", "hello\n", "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var out bytes.Buffer
		s := newServer(&out, func(context.Context, string, fleet.Task, func(fleet.Progress)) error { return nil })
		s.orphaned, s.exhausted = func() {}, func(string) {}
		_ = s.serve(t.Context(), bytes.NewReader(data)) // nearly always an error
		l := lines(&out)
		for l.Scan() {
			if err := parse(l.Bytes(), new(report)); err != nil {
				t.Error(err)
			}
		}
	})
}
