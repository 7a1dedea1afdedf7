package fleet

import (
	"errors"
	"time"
)

// Array is tasks of one generation of a run, for an executor.
type Array struct {
	Manifest string // its URL
	Tasks    []Task
	// Costs are what each task is expected to take, in seconds of a core.
	Costs []float64
	// Sensors are how many each task has; nil: that is not known.
	Sensors  []int
	Priority int // of the job: higher goes first
	// Timeout is the longest that an attempt may take; 0: no limit.
	Timeout time.Duration
}

// Load is what an executor has to do, and with how many nodes.
type Load struct {
	PendingTasks   int
	RunningTasks   int
	PendingSensors int           // of pending tasks
	PendingWork    time.Duration // of a node, as expected
	Oldest         time.Duration // for which the pending task has waited that came first

	StartingNodes int
	IdleNodes     int
	BusyNodes     int
	FullNodes     int // of those that are busy: they will not soon take another task
}

// TaskState is how an attempt at a task stands.
type TaskState string

// The states of an attempt. All after Running are final.
const (
	TaskWaiting  TaskState = "waiting"
	TaskRunning  TaskState = "running"
	TaskDone     TaskState = "done"      // its result is in the store
	TaskFailed   TaskState = "failed"    // it ended without a result, and said why
	TaskLost     TaskState = "lost"      // its node died or hung
	TaskTimedOut TaskState = "timed_out" // it took too long and was ended
	TaskCanceled TaskState = "canceled"
)

// Final reports whether the state will not change any more.
func (s TaskState) Final() bool { return s != TaskWaiting && s != TaskRunning }

// TaskEvent tells what became of an attempt.
type TaskEvent struct {
	Task  Task
	State TaskState
	Node  string
	Time  time.Time
	// Detail says what went wrong; of a node that died also how, and its last words.
	Detail string
	// Unserved says of an attempt that failed that it was not the task's fault, as
	// errors.Is its error ErrUnserved.
	Unserved bool
	// Progress is how far a running attempt has come.
	Progress Progress
}

// ErrUnserved is that the store did not do what a task asked of it: it is full,
// away, or may not be written. The task is as good as before, once the store is.
var ErrUnserved = errors.New("the store did not serve it")

// Progress is how far an attempt has come.
type Progress struct {
	Sensors   int64 `json:"sensors"` // done
	Rows      int64 `json:"rows"`
	Anomalies int64 `json:"anomalies"`
	Failed    int64 `json:"failed"` // sensors
}

// NodeState is what a node is doing.
type NodeState string

// The states of a node. The last two are final.
const (
	NodeStarting NodeState = "starting"
	NodeIdle     NodeState = "idle"
	NodeBusy     NodeState = "busy"
	NodeEnded    NodeState = "ended"  // as it was told to
	NodeFailed   NodeState = "failed" // it did not start, died, or hung
)

// Node is a process or pod that executes tasks.
type Node struct {
	ID       string    `json:"id"`
	Executor string    `json:"executor"` // local, …
	State    NodeState `json:"state"`
	PID      int       `json:"pid,omitempty"`
	Tasks    int       `json:"tasks"` // under way
	Done     int       `json:"done"`  // tasks it has finished
	Started  time.Time `json:"started"`
	Ready    time.Time `json:"ready,omitzero"`
	Ended    time.Time `json:"ended,omitzero"`
	Detail   string    `json:"detail,omitempty"` // why it failed
}
