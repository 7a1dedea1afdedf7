package pool

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Workload is what a simulated pool is given to do. Times are from its beginning, and
// counted in whole milliseconds.
type Workload struct {
	Length time.Duration // how long it is looked at; no run is due later
	Runs   []WorkRun
	// Last is the work of the last run of each job before: what is known of it when the
	// first is due. Without it a job's first run is not prepared for.
	Last map[string]Work
}

// WorkRun is one run.
type WorkRun struct {
	Job     string
	Due     time.Duration
	Prepare time.Duration // from due until its tasks wait: planning
	Tasks   []WorkTask    // may be shared, and is not changed
}

// WorkTask is a task: it has a node to itself.
type WorkTask struct {
	Time    time.Duration
	Sensors int
}

// Work sums up what a run has to do.
func (r *WorkRun) Work() Work {
	w := Work{Tasks: len(r.Tasks)}
	for _, t := range r.Tasks {
		w.Seconds += t.Time.Seconds()
	}
	return w
}

// Bounds of a simulation, which is meant to answer while somebody waits.
const (
	mostSimulated = 50_000_000 // tasks
	mostLength    = 366 * 24 * time.Hour
)

// Check says what is wrong with a workload.
func (w *Workload) Check() error {
	if w.Length < time.Millisecond || w.Length > mostLength {
		return fmt.Errorf("a workload of %s: it must last from 1 ms to %s", w.Length, mostLength)
	}
	tasks := 0
	for i := range w.Runs {
		tasks += len(w.Runs[i].Tasks)
	}
	if tasks > mostSimulated {
		return fmt.Errorf("%d tasks are more than %d; simulate fewer days", tasks, mostSimulated)
	}
	for i := range w.Runs {
		r := &w.Runs[i]
		if r.Due < 0 || r.Due > w.Length || r.Prepare < 0 || r.Prepare > mostLength {
			return fmt.Errorf("run %d is due after %s and prepared for %s: it must be due within the %s of the workload", i, r.Due, r.Prepare, w.Length)
		}
		for _, t := range r.Tasks {
			if t.Time < 0 || t.Time > mostLength || t.Sensors < 0 {
				return fmt.Errorf("run %d has a task of %s and %d sensors", i, t.Time, t.Sensors)
			}
		}
	}
	return nil
}

// Even makes n tasks of work that is divided evenly.
func Even(n int, work time.Duration) []WorkTask {
	tasks := make([]WorkTask, n)
	for i := range tasks {
		tasks[i] = WorkTask{Time: (work * time.Duration(i+1) / time.Duration(n)).Truncate(time.Millisecond) - (work * time.Duration(i) / time.Duration(n)).Truncate(time.Millisecond), Sensors: 1}
	}
	return tasks
}

// Nodes is what the nodes of a simulated pool are like.
type Nodes struct {
	Min, Max int
	Boot     time.Duration // from the start of a node until it is ready
	Hour     float64       // what one costs, from its start to its end, boot included
	Billed   time.Duration // what is begun of it is paid; 0: to the millisecond
}

// Policy is how a simulated pool is sized.
type Policy struct {
	Formula *Formula
	Idle    time.Duration // a node of which there are too many ends when it has been idle for so long
	Blind   bool          // nothing is known of the runs to come
}

// Check says what is wrong with nodes.
func (n *Nodes) Check() error {
	var errs []error
	if n.Min < 0 || n.Max < 1 || n.Min > n.Max || n.Max > 4096 {
		errs = append(errs, fmt.Errorf("min %d and max %d: there must be 0 ≤ min ≤ max, and max from 1 to 4096", n.Min, n.Max))
	}
	if n.Boot < 0 || n.Boot > 24*time.Hour {
		errs = append(errs, fmt.Errorf("boot: %s is not from 0s to 24h", n.Boot))
	}
	if !(n.Hour >= 0 && n.Hour <= 1e6) {
		errs = append(errs, fmt.Errorf("node cost: %g an hour is not from 0 to 1,000,000", n.Hour))
	}
	if n.Billed < 0 || n.Billed > 24*time.Hour {
		errs = append(errs, fmt.Errorf("billed by %s: it is not from 0s to 24h", n.Billed))
	}
	return errors.Join(errs...)
}

// Simulate plays a workload on nodes that are sized by a policy. It is exact to the
// millisecond: the formula is followed after everything that happens, and when time
// alone changes what it gives; a formula other than Default that looks at times is
// asked every second for that. As in a pool, busy nodes are not ended, those that
// start become ready first, and of the idle ones the newest end. Unlike in one, a
// node has one task at a time, and tasks take what they are expected to.
//
// What is not done a day after the end of the workload is left, and counted.
func Simulate(w *Workload, n Nodes, p Policy) (*Report, error) {
	if err := errors.Join(w.Check(), n.Check()); err != nil {
		return nil, err
	}
	s := newSimulation(w, n, p)
	for s.step() {
	}
	return s.report(), nil
}

// inOrder are the runs that have something to do, by when they are due.
func (w *Workload) inOrder() []WorkRun {
	runs := slices.DeleteFunc(slices.Clone(w.Runs), func(r WorkRun) bool { return len(r.Tasks) == 0 })
	slices.SortStableFunc(runs, func(a, b WorkRun) int { return cmp.Compare(a.Due, b.Due) })
	return runs
}
