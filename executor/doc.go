// Package executor says what those promise who do arrays of tasks: child
// processes here, the jobs of an engine elsewhere. The executors are in folders
// of their own, and the suite executortest holds each of them to this page.
//
//	e, err := local.New(local.Config{Command: …, Max: 8, TaskEvent: …})
//	err = e.Start(ctx)
//	err = e.Submit(fleet.Array{Manifest: url, Tasks: tasks, Costs: costs})
//	…                // events come
//	err = e.Stop(ctx) // those under way may end until ctx does
//
// # Tasks
//
//   - Every attempt that Submit accepted gets exactly one event with a final
//     state, whatever happens to nodes, and none after it. Once it has begun it has
//     a TaskRunning, and more of them as it progresses.
//   - An executor starts an attempt once. It never makes another attempt: what is
//     to follow a TaskLost is for whoever submitted it to say, under a new name.
//   - TaskFailed is what the task itself said, or that no node starts at all.
//     TaskLost is a node that died or hung with the task on it. Its Detail has how
//     that was and the last words of the node.
//   - Higher priorities go first, and among equals what was submitted first.
//   - A task over its timeout is asked to end and, if it does not, killed with its
//     node: TaskTimedOut. What else was on the node is TaskLost.
//   - Cancel takes back what waits at once, and has ended what runs within two
//     seconds. The tasks of other runs do not suffer from it.
//   - A task that was done before it heard of its end is TaskDone.
//   - Nothing waits for ever: if no node starts, the waiting tasks fail and say
//     why, and what is submitted later is tried again.
//
// # Nodes
//
//   - Without work there are no nodes beyond the least that are asked for, and the
//     executor uses no processor time.
//   - No more nodes exist than the most that are allowed.
//   - No node outlives its executor, even one that is killed with kill -9.
//   - A node, and what it started, is gone when NodeEnded or NodeFailed tells so,
//     which comes before the fate of the tasks that it had.
//
// # Events
//
// Events are given to one goroutine's calls, in order. The callbacks may call the
// executor, but for Stop, and may block for a short time; tasks go on meanwhile.
package executor
