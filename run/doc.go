// Package run takes runs from the ledger to a commit: it plans a run as an array
// of tasks, has an executor do them, and commits what they left in the store.
//
//	service, err := run.New(run.Config{Ledger: l, Store: s, Executor: e, …})
//	err = service.Start(ctx)
//
// # What a run is made of
//
// A run is an array job over the store. Planning writes generation 0: the shards,
// one object of which each task reads its own range, and then the manifest, which
// makes the generation real. A task reads (manifest, index) and leaves a result;
// attempts have names of their own. When every task has a result, or has been
// given up, one PutIfAbsent of fleet.CommitKey says which attempts count.
//
// # Crashes of tasks
//
// An attempt whose node dies is made again. A task that goes on killing nodes is
// split into pieces, which make another generation that replaces it, until the
// sensor that kills stands alone; that one has failed as "crashed", and all
// others are scored. Where all pieces of a task die it is not a sensor but their
// input that kills, and all of them have failed. An attempt that fails because the
// store does not answer is made again for as long as that lasts.
//
// # Crashes of this process
//
// The ledger says which runs there are, the store how far they came: after a
// restart each run goes on from the manifests and results it finds there. Two
// processes can never commit the same revision.
package run
