package pool

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func compiled(t testing.TB, text string) *Formula {
	t.Helper()
	f, err := Compile(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const ms = time.Millisecond

// drawn is a small workload, and nodes and a policy for it.
func drawn(r *rand.Rand, formulas []*Formula) (*Workload, Nodes, Policy) {
	w := &Workload{Length: time.Duration(300+r.IntN(900)) * ms, Last: map[string]Work{}}
	if r.IntN(2) == 0 {
		w.Last["a"] = Work{Tasks: 1 + r.IntN(4), Seconds: r.Float64() / 2}
	}
	for range r.IntN(6) {
		run := WorkRun{Job: []string{"a", "b"}[r.IntN(2)], Due: time.Duration(r.Int64N(int64(w.Length))).Truncate(ms)}
		if r.IntN(3) == 0 {
			run.Prepare = time.Duration(r.IntN(80)) * ms
		}
		for range r.IntN(7) {
			run.Tasks = append(run.Tasks, WorkTask{Time: time.Duration(r.IntN(120)) * ms, Sensors: r.IntN(5)})
		}
		w.Runs = append(w.Runs, run)
	}
	n := Nodes{Min: r.IntN(3), Boot: time.Duration(r.IntN(3)*r.IntN(60)) * ms, Hour: 3600, Billed: time.Duration(r.IntN(2)*r.IntN(50)) * ms}
	n.Max = n.Min + 1 + r.IntN(5)
	return w, n, Policy{Formula: formulas[r.IntN(len(formulas))], Idle: time.Duration(r.IntN(2)*r.IntN(100)) * ms, Blind: r.IntN(4) == 0}
}

// What holds whatever the formula: no work is lost, the bounds hold, busy nodes are
// not ended, and all the time of nodes is accounted for.
func TestSimulationHolds(t *testing.T) {
	formulas := []*Formula{compiled(t, Default), compiled(t, "max"), compiled(t, "0"), compiled(t, "nodes + 1"), compiled(t, "nodes - 1"),
		compiled(t, "pending_tasks"), compiled(t, "next_run_seconds < 1 ? 3 : running_tasks"), compiled(t, "oldest_seconds > 0.05 ? max : 1"),
		compiled(t, "nodes == 2 ? 1 / (nodes - 2) : 2")}
	r := rand.New(rand.NewPCG(11, 12))
	for range 3000 {
		w, n, p := drawn(r, formulas)
		s := newSimulation(w, n, p)
		tasks, work := 0, time.Duration(0)
		for _, run := range s.runs {
			tasks += len(run.Tasks)
			for _, task := range run.Tasks {
				work += task.Time
			}
		}
		s.watch = func(s *simulation) {
			g := s.signal
			if g.Nodes < n.Min || g.Nodes > n.Max || g.Nodes != len(s.all) || g.Nodes != g.BusyNodes+g.IdleNodes+g.StartingNodes || len(s.idle) != g.IdleNodes {
				t.Fatalf("%+v at %d of %+v", g, s.now, n)
			}
			if g.PendingTasks > 0 && g.IdleNodes > 0 {
				t.Fatalf("tasks wait for idle nodes: %+v", g)
			}
		}
		for s.step() {
		}
		rep := s.report()
		var did int64
		for _, run := range s.runs {
			for _, task := range run.Tasks[:run.done] {
				did += task.Time.Milliseconds()
			}
			if run.done > run.next || run.first >= 0 && run.first < run.submit || run.end >= 0 && run.end < run.first {
				t.Fatalf("%+v", run)
			}
		}
		if rep.Unfinished == 0 && rep.busy != work.Milliseconds() || rep.busy < did {
			t.Fatalf("%d ms of work were %d ms of nodes", work.Milliseconds(), rep.busy)
		}
		if rep.Unfinished > 0 && p.Formula.String() == Default {
			t.Fatalf("%s leaves %d of %d tasks", p.Formula, rep.Unfinished, tasks)
		}
		// What came to be within the workload is what the timeline has of it.
		area, at := 0.0, w.Length
		for _, step := range slices.Backward(rep.Timeline) {
			if step.At < at {
				area, at = area+float64(step.Nodes)*(at-step.At).Hours(), step.At
			}
		}
		if math.Abs(area-rep.Within.NodeHours) > 1e-9 || rep.Within.Left < rep.Unfinished || rep.Within.NodeHours > rep.NodeHours+1e-9 {
			t.Fatalf("within %s it is %g node hours, and the timeline has %g: %+v", w.Length, rep.Within.NodeHours, area, rep)
		}
		if idle := rep.life - rep.busy - rep.boot; idle < 0 || rep.billed < rep.life || n.Billed <= ms && rep.billed != rep.life {
			t.Fatalf("%d ms of nodes, billed %d, busy %d, boot %d", rep.life, rep.billed, rep.busy, rep.boot)
		}
		again, err := Simulate(w, n, p)
		if err != nil || !reflect.DeepEqual(again, rep) {
			t.Fatalf("the same again is another: %v", err)
		}
	}
}

// stepped is another simulation of the same, which knows nothing of events: it looks
// at everything every millisecond.
func stepped(w *Workload, n Nodes, p Policy) (life, busy, boot int64, each []RunTime) {
	type node struct{ start, ready, since, until, run int }
	type run struct{ due, submit, next, done, first, end int }
	toMS := func(d time.Duration) int { return int(d / ms) }
	var nodes []*node // in the order of their start; until > 0: busy
	works := w.inOrder()
	runs := make([]run, len(works))
	left := 0
	for i, r := range works {
		runs[i] = run{due: toMS(r.Due), submit: toMS(r.Due) + toMS(r.Prepare), first: -1, end: -1}
		left += len(r.Tasks)
	}
	last := map[string]Work{}
	for k, v := range w.Last {
		last[k] = v
	}
	for range n.Min {
		nodes = append(nodes, &node{since: 0, until: -1, run: -1})
	}
	var queue []int
	startup := float64(n.Boot.Milliseconds()) / 1000
	signals := func(now int) Signals {
		s := Signals{StartupSeconds: startup, Min: n.Min, Max: n.Max, NextRunSeconds: Never, Nodes: len(nodes)}
		for _, x := range nodes {
			switch {
			case x.until >= 0:
				s.BusyNodes++
				s.FullNodes++
				s.RunningTasks++
			case x.ready > now:
				s.StartingNodes++
			default:
				s.IdleNodes++
			}
		}
		waits := 0
		for _, i := range queue {
			for _, task := range works[i].Tasks[runs[i].next:] {
				s.PendingTasks++
				s.PendingSensors += task.Sensors
				waits += toMS(task.Time)
			}
		}
		s.PendingSeconds = float64(waits) / 1000
		if len(queue) > 0 {
			s.OldestSeconds = float64(now-runs[queue[0]].submit) / 1000
		}
		if p.Blind {
			return s
		}
		for _, r := range runs {
			if r.submit > now {
				s.NextRunSeconds = min(s.NextRunSeconds, float64(max(r.due-now, 0))/1000)
			}
		}
		var sum Work
		future := map[string]bool{}
		for i, r := range runs { // in the order in which they are due
			if r.submit <= now || r.due > now+int(s.NextRunSeconds*1000+0.5)+toMS(n.Boot) || r.due > now && future[works[i].Job] {
				continue
			}
			future[works[i].Job] = r.due > now || future[works[i].Job]
			known := last[works[i].Job]
			sum.Tasks, sum.Seconds = sum.Tasks+known.Tasks, sum.Seconds+known.Seconds
		}
		s.NextRunNodes = NodesFor(sum.Tasks, sum.Seconds, startup)
		return s
	}
	gone := func(x *node, now int) {
		life += int64(now - x.start)
		boot += int64(min(x.ready, now) - x.start)
	}
	now := 0
	for ; ; now++ {
		for i := range runs {
			if runs[i].submit == now {
				queue = append(queue, i)
			}
		}
		for settled := false; !settled; {
			settled = true
			for _, x := range nodes {
				if x.until == now {
					r := &runs[x.run]
					r.done++
					left--
					if r.done == len(works[x.run].Tasks) {
						r.end = now
						last[works[x.run].Job] = works[x.run].Work()
					}
					x.until, x.since = -1, now
				}
				if x.ready == now && x.until < 0 {
					x.since = now
				}
			}
			for _, x := range nodes {
				if len(queue) > 0 && x.until < 0 && x.ready <= now {
					i := queue[0]
					r := &runs[i]
					task := works[i].Tasks[r.next]
					if r.next++; r.next == len(works[i].Tasks) {
						queue = queue[1:]
					}
					if r.first < 0 {
						r.first = now
					}
					x.run, x.until = i, now+toMS(task.Time)
					busy += int64(toMS(task.Time))
					settled = settled && task.Time > 0
				}
			}
			target := p.Formula.Decide(signals(now)).Target
			for len(nodes) < target {
				nodes = append(nodes, &node{start: now, ready: now + toMS(n.Boot), since: -1, until: -1, run: -1})
				settled = settled && n.Boot > 0
			}
			for i := len(nodes) - 1; i >= 0 && len(nodes) > target; i-- {
				if x := nodes[i]; x.until < 0 && x.ready <= now && x.since >= 0 && now-x.since >= toMS(p.Idle) {
					gone(x, now)
					nodes = append(nodes[:i], nodes[i+1:]...)
				}
			}
		}
		if now >= toMS(w.Length) && left == 0 {
			break
		}
	}
	for _, x := range nodes {
		gone(x, now)
	}
	for _, r := range runs {
		if r.end >= 0 {
			each = append(each, RunTime{time.Duration(r.due) * ms, time.Duration(r.first) * ms, time.Duration(r.end) * ms})
		}
	}
	return life, busy, boot, each
}

// To the millisecond, what is simulated is what looking at every millisecond gives.
func TestSimulationIsExact(t *testing.T) {
	formulas := []*Formula{compiled(t, Default), compiled(t, Default), compiled(t, "max"), compiled(t, "busy_nodes + pending_tasks"), compiled(t, Warm)}
	r := rand.New(rand.NewPCG(13, 14))
	for range 400 {
		w, n, p := drawn(r, formulas)
		rep, err := Simulate(w, n, p)
		if err != nil {
			t.Fatal(err)
		}
		life, busy, boot, each := stepped(w, n, p)
		if !reflect.DeepEqual(each, rep.Each) {
			t.Fatalf("%+v\n%+v\n%+v\nruns %v\nand  %v", w, n, p, rep.Each, each)
		}
		if busy != rep.busy || boot != rep.boot || life != rep.life {
			t.Fatalf("%+v\n%+v\n%+v\nlife %d busy %d boot %d,\nand  %d %d %d", w, n, p, rep.life, rep.busy, rep.boot, life, busy, boot)
		}
	}
}

// A month of runs every five minutes with a formula that must be asked every second.
func TestSimulatedMonth(t *testing.T) {
	w := every(5*time.Minute, 30, Even(20, 3*time.Minute))
	for _, text := range []string{Default, "next_run_seconds < 77 ? 3 : math.greatest(busy_nodes, pending_tasks / 5)"} {
		rep, err := Simulate(w, Nodes{Max: 8, Boot: 90 * time.Second, Hour: 0.1}, Policy{Formula: compiled(t, text), Idle: 10 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		if rep.Runs != 8640 || rep.Unfinished != 0 || rep.busy != 8640*180_000 {
			t.Errorf("%s: %+v", text, rep)
		}
	}
}

// every is a workload of one job.
func every(gap time.Duration, days int, tasks []WorkTask) *Workload {
	w := &Workload{Length: time.Duration(days) * 24 * time.Hour, Last: map[string]Work{}}
	for at := gap; at <= w.Length; at += gap {
		w.Runs = append(w.Runs, WorkRun{Job: "j", Due: at, Tasks: tasks})
	}
	w.Last["j"] = w.Runs[0].Work()
	return w
}

// Without runs there are no nodes; after each the default comes to rest, and wants no
// other number until something happens.
func TestDefaultComesToRest(t *testing.T) {
	rep, err := Simulate(every(time.Hour, 2, Even(40, 10*time.Minute)), Nodes{Max: 50, Boot: 90 * time.Second}, Policy{Formula: compiled(t, Default)})
	if err != nil {
		t.Fatal(err)
	}
	if rep.Starts != 47*14+14 || rep.Most != 14 || rep.Start.Max != 0 {
		t.Errorf("14 nodes have 45 s of work each, once an hour: %+v", rep)
	}
}

func TestSimulateRefuses(t *testing.T) {
	ok := Nodes{Max: 1}
	for want, do := range map[string]func() (*Report, error){
		"must last": func() (*Report, error) { return Simulate(&Workload{}, ok, Policy{}) },
		"due within": func() (*Report, error) {
			return Simulate(&Workload{Length: 1e9, Runs: []WorkRun{{Due: 2e9}}}, ok, Policy{})
		},
		"a task of": func() (*Report, error) {
			return Simulate(&Workload{Length: 1e9, Runs: []WorkRun{{Tasks: []WorkTask{{Time: -1}}}}}, ok, Policy{})
		},
		"min 2": func() (*Report, error) {
			return Simulate(&Workload{Length: 1e9}, Nodes{Min: 2, Max: 1, Boot: -1}, Policy{})
		},
	} {
		if _, err := do(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
