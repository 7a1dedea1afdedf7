package local

import (
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// attempt is an attempt at a task, from its submission to its final state.
type attempt struct {
	id       uint64 // on the wire
	task     fleet.Task
	manifest string
	cost     time.Duration // that is expected
	timeout  time.Duration // 0: none
	started  bool          // as its node said
	deadline time.Time     // zero: none
	progress fleet.Progress
	// ending is the state for which it was asked to end, at asked; "" if it was not.
	ending fleet.TaskState
	asked  time.Time
	// unserved is that it failed for the store.
	unserved bool
}

// queue is what waits: higher priorities first, then in the order in which it came.
type queue struct {
	arrays  []*array
	tasks   int
	sensors int
	cost    time.Duration
}

// array is what waits of one that was submitted.
type array struct {
	fleet.Array
	next int
	came time.Time
}

// Bounds of an expected cost. One that is not known is taken for a task that
// wants a node for itself; beyond the most, all are alike to us, and sums stay
// far from the end of a number.
const (
	unknownCost = time.Second
	mostCost    = 10 * time.Minute
)

func (a *array) cost(i int) time.Duration {
	if len(a.Costs) == 0 || !(a.Costs[i] >= 0) {
		return unknownCost
	}
	return time.Duration(min(a.Costs[i], mostCost.Seconds()) * float64(time.Second))
}

func (a *array) run() string { return a.Tasks[0].Run }

// sensors is how many a task has, if that is known.
func (a *array) sensors(i int) int {
	if len(a.Sensors) == 0 {
		return 0
	}
	return a.Sensors[i]
}

func (q *queue) push(a fleet.Array, now time.Time) {
	at := len(q.arrays)
	for at > 0 && q.arrays[at-1].Priority < a.Priority {
		at--
	}
	next := &array{Array: a, came: now}
	q.arrays = slices.Insert(q.arrays, at, next)
	for i := range a.Tasks {
		q.tasks++
		q.cost += next.cost(i)
		q.sensors += next.sensors(i)
	}
}

// oldest is for how long a task has waited, of those that wait the longest.
func (q *queue) oldest(now time.Time) time.Duration {
	longest := time.Duration(0)
	for _, a := range q.arrays {
		longest = max(longest, now.Sub(a.came))
	}
	return longest
}

// head is the run of the next task and what it is expected to cost. There must be one.
func (q *queue) head() (run string, cost time.Duration) {
	a := q.arrays[0]
	return a.run(), a.cost(a.next)
}

// pop takes the next task. There must be one.
func (q *queue) pop() *attempt {
	a := q.arrays[0]
	t := &attempt{task: a.Tasks[a.next], manifest: a.Manifest, cost: a.cost(a.next), timeout: a.Timeout}
	q.sensors -= a.sensors(a.next)
	a.next++
	if a.next == len(a.Tasks) {
		q.arrays = slices.Delete(q.arrays, 0, 1)
	}
	q.tasks--
	q.cost -= t.cost
	if q.tasks == 0 {
		q.cost = 0
	}
	return t
}

// remove takes all tasks for which of says so of their run.
func (q *queue) remove(of func(run string) bool) []fleet.Task {
	var tasks []fleet.Task
	q.arrays = slices.DeleteFunc(q.arrays, func(a *array) bool {
		if !of(a.run()) {
			return false
		}
		tasks = append(tasks, a.Tasks[a.next:]...)
		for i := a.next; i < len(a.Tasks); i++ {
			q.cost -= a.cost(i)
			q.sensors -= a.sensors(i)
		}
		return true
	})
	q.tasks -= len(tasks)
	if q.tasks == 0 {
		q.cost = 0
	}
	return tasks
}
