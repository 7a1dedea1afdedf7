package local

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/fleetscore/fleetscore/fleet"
)

// act is something that happens to an executor.
type act struct {
	what  string
	run   string
	array fleet.Array
	count int
	cost  float64
	most  int
	pause time.Duration
}

func drawAct(rt *rapid.T) act {
	a := act{
		what:  rapid.SampledFrom([]string{"submit", "submit", "submit", "cancel", "max", "break", "mend"}).Draw(rt, "what"),
		run:   rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "run"),
		count: rapid.IntRange(1, 30).Draw(rt, "count"),
		cost:  rapid.SampledFrom([]float64{0, 0.001, 0.02, 0.2, 5}).Draw(rt, "cost"),
		most:  rapid.IntRange(0, 4).Draw(rt, "most"),
		pause: rapid.SampledFrom([]time.Duration{0, time.Millisecond, 90 * time.Millisecond, time.Second, time.Minute}).Draw(rt, "pause"),
	}
	verb := rapid.SampledFrom([]string{"do", "do", "do", "do", "fail", "crash", "freeze", "deaf"}).Draw(rt, "verb")
	length := rapid.SampledFrom([]string{"0s", "1ms", "30ms", "3s"}).Draw(rt, "length")
	a.array = fleet.Array{Manifest: verb + " " + length, Priority: rapid.IntRange(0, 2).Draw(rt, "priority")}
	if verb == "deaf" || rapid.IntRange(0, 3).Draw(rt, "limited") == 0 {
		a.array.Timeout = rapid.SampledFrom([]time.Duration{20 * time.Millisecond, time.Second}).Draw(rt, "timeout")
	}
	return a
}

// Whatever happens, each attempt is made at most once and has one final state,
// cancels are done in time, and in the end there is nothing.
func TestWhateverHappens(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		least := rapid.IntRange(0, 1).Draw(rt, "least")
		acts := rapid.SliceOfN(rapid.Custom(drawAct), 1, 12).Draw(rt, "acts")
		synctest.Test(t, func(t *testing.T) { play(t, least, acts) })
		if t.Failed() {
			rt.FailNow()
		}
	})
}

func play(t *testing.T, least int, acts []act) {
	w := newWorld(t, Config{Min: least, Max: 4, Idle: time.Second, Hang: 2 * time.Second})
	var tasks []fleet.Task
	for i, a := range acts {
		switch a.what {
		case "submit":
			for j := range a.count {
				a.array.Tasks = append(a.array.Tasks, fleet.Task{Run: a.run, Generation: i, Index: j, Attempt: 1})
				a.array.Costs = append(a.array.Costs, a.cost)
			}
			if err := w.Submit(a.array); err != nil {
				t.Fatal(err)
			}
			tasks = append(tasks, a.array.Tasks...)
		case "cancel":
			w.Cancel(a.run)
			pass(2 * time.Second)
			for _, task := range tasks {
				if e := w.state(task); task.Run == a.run && !e.State.Final() {
					t.Errorf("2 s after it was canceled, task %s is %s", task, e.State)
				}
			}
		case "max":
			w.SetMax(a.most)
		case "break", "mend":
			w.mu.Lock()
			w.broken = a.what == "break"
			w.mu.Unlock()
		}
		pass(a.pause)
	}
	w.SetMax(2)
	pass(24 * time.Hour)
	w.mu.Lock()
	for _, task := range tasks {
		w.check(t, task)
	}
	if w.alive > least || w.most > 4 || least == 0 && len(w.Nodes()) > 0 {
		t.Errorf("%d nodes live in the end, %d at a time: %+v", w.alive, w.most, w.Nodes())
	}
	if least == 0 && w.timer.Stop() {
		t.Error("an executor at rest has a timer")
	}
	w.mu.Unlock()
	w.stopped(t)
	if w.alive > 0 || len(w.Nodes()) > 0 || len(w.open) > 0 {
		t.Errorf("after its end, %d nodes live, and %d tasks are open", w.alive, len(w.open))
	}
}

// check looks at what was told of an attempt that has ended.
func (w *world) check(t *testing.T, task fleet.Task) {
	final := 0
	for _, e := range w.events[task] {
		if e.State.Final() {
			final++
		} else if final > 0 {
			final = 100 // it goes on after its end
		}
	}
	if final != 1 || w.ran[task] > 1 {
		t.Errorf("task %s of %s was run %d times, and told of: %s", task, task.Run, w.ran[task], fmt.Sprint(w.events[task]))
	}
}
