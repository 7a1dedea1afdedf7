// Command pool simulates a month of runs on nodes that are sized by the default
// formula, and says where it keeps what it promises, as Markdown:
//
//	go run ./bench/pool
//
// It is the same on every machine, but for how long it takes.
package main

import (
	"fmt"
	"log"
	"time"

	"github.com/fleetscore/fleetscore/pool"
)

// nodes are those of a cloud: eight at most, ready after 90 seconds.
var nodes = pool.Nodes{Max: 8, Boot: 90 * time.Second, Hour: 0.10}

func main() {
	began := time.Now()
	fmt.Printf("A month of 30 days; 0 to %d nodes, ready after %s, %.2f an hour; tasks of 5 s and more, one at a time on a node.\n\n", nodes.Max, nodes.Boot, nodes.Hour)
	fmt.Println("| a run | work | node-hours: always on | zero-min | default | the same, idle 10 s | of always on | begun: zero-min | default | done: always on | zero-min | default |")
	fmt.Println("|-|-|-|-|-|-|-|-|-|-|-|-|")
	for _, gap := range []time.Duration{time.Hour, 10 * time.Minute, 5 * time.Minute} {
		for _, work := range []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute, 36 * time.Minute} {
			row(gap, work)
		}
	}
	sweep()
	fmt.Printf("\nAll of it took %s.\n", time.Since(began).Round(time.Second))
}

// workload is a job that runs again after a time.
func workload(gap, work time.Duration, days int) *pool.Workload {
	w := &pool.Workload{Length: time.Duration(days) * 24 * time.Hour, Last: map[string]pool.Work{}}
	tasks := pool.Even(max(int(work/(5*time.Second)), 1), work)
	if len(tasks) > 240 {
		tasks = pool.Even(240, work)
	}
	for at := gap; at <= w.Length; at += gap {
		w.Runs = append(w.Runs, pool.WorkRun{Job: "job", Due: at, Tasks: tasks})
	}
	w.Last["job"] = w.Runs[0].Work()
	return w
}

func compare(w *pool.Workload, idle time.Duration) *pool.Comparison {
	c, err := pool.Compare(w, nodes, idle, nil)
	if err != nil {
		log.Fatal(err)
	}
	return c
}

func row(gap, work time.Duration) {
	w := workload(gap, work, 30)
	c, stays := compare(w, 0), compare(w, 10*time.Second)
	on, zero, def := c.Of(pool.AlwaysOn), c.Of(pool.ZeroMin), c.Of(pool.DefaultName)
	fmt.Printf("| every %s | %s | %.0f | %.0f | %.0f | %.0f | %.1f %% | %s | %s | %s | %s | %s |\n", gap, work, on.NodeHours, zero.NodeHours, def.NodeHours,
		stays.Of(pool.DefaultName).NodeHours, 100*def.NodeHours/on.NodeHours, late(zero.Start), late(def.Start), late(on.Finish), late(zero.Finish), late(def.Finish))
}

func late(l pool.Latency) string {
	if l.P50 == l.Max {
		return fmt.Sprintf("%.3g s", l.P50)
	}
	return fmt.Sprintf("%.3g to %.3g s", l.P50, l.Max)
}

// sweep looks at every run of all workloads of a grid, every five minutes.
func sweep() {
	all, onCost, onStart, onFinish, zeroCost, zeroStart, zeroFinish := 0, 0, 0, 0, 0, 0, 0
	var dearer, slower []time.Duration
	for work := 5 * time.Second; work <= 39*time.Minute; work += 13 * time.Second {
		w := workload(5*time.Minute, work, 1)
		c := compare(w, 0)
		on, zero, def := c.Of(pool.AlwaysOn), c.Of(pool.ZeroMin), c.Of(pool.DefaultName)
		all++
		count := func(n *int, ok bool) bool {
			if ok {
				*n++
			}
			return ok
		}
		count(&onCost, def.NodeHours <= on.NodeHours+1e-9)
		if !count(&zeroCost, def.NodeHours <= zero.NodeHours+1e-9) {
			dearer = append(dearer, work)
		}
		count(&onStart, never(def, on, began))
		if !count(&onFinish, never(def, on, ended)) {
			slower = append(slower, work)
		}
		count(&zeroStart, never(def, zero, began))
		count(&zeroFinish, never(def, zero, ended))
	}
	fmt.Printf("\nEvery 5 minutes, %d workloads from 5 s to 39 min of work (of 40 min that 8 nodes can do), of each a day, every run of it compared; idle 0:\n\n", all)
	fmt.Println("| the default is never | than always on | than zero-min |")
	fmt.Println("|-|-|-|")
	fmt.Printf("| dearer | %d | %d |\n| later begun | %d | %d |\n| later done | %d | %d |\n", onCost, zeroCost, onStart, zeroStart, onFinish, zeroFinish)
	if len(dearer) > 0 {
		fmt.Printf("\nDearer than zero-min with %s to %s of work.\n", dearer[0], dearer[len(dearer)-1])
	}
	if len(slower) > 0 {
		fmt.Printf("\nLater done than always on with %s to %s of work.\n", slower[0], slower[len(slower)-1])
	}
}

func began(r pool.RunTime) time.Duration { return r.Began }
func ended(r pool.RunTime) time.Duration { return r.Ended }

// never reports whether no run is later in a than in b.
func never(a, b *pool.Alternative, of func(pool.RunTime) time.Duration) bool {
	for i := range a.Each {
		if of(a.Each[i]) > of(b.Each[i]) {
			return false
		}
	}
	return true
}
