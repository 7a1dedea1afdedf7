// Package task executes one task of a run: it reads a shard of a manifest, the
// readings and the models that the shard names, scores them, and writes the
// predictions, a log and a result. It needs the store and nothing else, so any
// engine that can start a process can execute tasks.
//
//	runner := task.NewRunner(task.Config{Store: s, Node: "node-1"})
//	err := runner.Run(ctx, fleet.ManifestKey(run, 0), fleet.Task{Run: run, Index: 12, Attempt: 1}, nil)
//
// # What an attempt leaves
//
// Every object's name has the attempt in it, so attempts never harm each other.
// The result is stored last: where it is, all that it names is whole and durable, and
// the attempt is not made again.
// An error means that there is no result and that another attempt may do better:
// the store did not answer, or the context ended. One that is fleet.ErrUnserved is
// the store's fault: it is full, away, or may not be written. What would fail again
// (an input that is damaged) is in the result, as are the sensors that failed.
package task
