// Package aggregator turns the stream's readings into files of windows, exactly
// once. For each window that the settings define, and each partition, a worker reads
// the log from its last checkpoint on, passes the readings to an engine (package
// window), and stores what comes out.
//
//	service, err := aggregator.New(aggregator.Config{Log: l, Store: s, Windows: w, …})
//	err = service.Start(ctx)
//
// # Checkpoints
//
// A checkpoint is what a worker knows: how far it has read, the engine's state, and
// which files count. Files of windows come first, then the state, then
// checkpoints/<window>/p=007/000000000042.json by PutIfAbsent, which makes all that
// it names real. Who dies before leaves files that nothing names; the log is read
// again from the checkpoint before, and as the engine is deterministic the same windows
// come out. Of two workers on one partition, one loses the PutIfAbsent, and stops.
//
// It says which log was read, and how far others were that have fed this store: of
// machines that aggregate in turns, each with a log of its own. Who comes after
// another goes on in its own log where that was left. What the other had not read is in
// the other's log, and is read when that machine has its turn again: then it is late,
// and counts in later revisions, or is kept aside.
//
// There is one at least ten times as long after something was read as windows are
// held, whatever comes out, so that the log can be trimmed. A log that does not go on
// from the checkpoint (it was deleted, or brought back from a copy) is read from the
// first entry that is there, and the worker's log says so. Settings may change between
// two starts, but for the number of partitions and how long windows are: that is
// another window, and needs another name.
//
// # Files
//
//	windows/window=1m/date=2026-11-23/hour=13/p=007-000000000042-x3k9f.parquet
//
// holds the windows of partition 7 that start in that hour of UTC and came out
// between checkpoints 41 and 42, sorted by device, tag and start. A window that comes
// out again is in a later file, with a higher rev, and supersedes the one before.
// When an hour is over, its files are merged to one, in which each window is once;
// what comes for it later is merged in after a while. Files that were merged stay
// for a grace period, and for as long as a run has them pinned. Sweep deletes files of
// the newest hours that no checkpoint names, and what is past its retention.
//
// A checkpoint names the files of the hours from its Since on, and of earlier ones that
// something has come for lately. Of an earlier hour of which it names none every file
// counts: what was left in it was deleted, and what was left since has a higher number
// than the checkpoint.
//
// Columns: device, tag (text); start, end (milliseconds); rev, count; sum, mean, min,
// max, first, last, stddev, coverage (double); p50 and the like, where percentiles are
// asked for; state (bytes, of package window, for late readings).
//
// # Late readings
//
//	late/window=1m/p=007/000000000042-x3k9f.ndjson
//
// holds the readings that no window took, late or early, between checkpoints 41 and 42,
// a JSON object a line (LateReading): device, tag, ts, value, cause, and seq and
// received if it has them. It counts once there is a checkpoint of that number or a
// later one: of each number there is one file, as what a crash has left of another is
// deleted by who goes on. Replay puts readings into the stream again, marked, and when
// they are durable takes them out of the file, or deletes it with the last of them.
//
// # Time
//
// Time is the stream's: the append time of what was read last. Where a window is due
// and nothing comes, the worker appends a tick, an empty message, to the partition:
// what is emitted depends on the log alone.
package aggregator
