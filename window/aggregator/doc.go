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
// # Files
//
//	windows/window=1m/date=2026-11-23/hour=13/p=007-000000000042-x3k9f.parquet
//
// holds the windows of partition 7 that start in that hour of UTC and came out
// between checkpoints 41 and 42, sorted by device, tag and start. A window that comes
// out again is in a later file, with a higher rev, and supersedes the one before.
// When an hour is over, its files are merged to one, in which each window is once.
// Checkpoints name the files of the newest hours; of those before them, which were
// cleaned then, every file counts. Sweep deletes files of the newest hours that no
// checkpoint names, and what is past its retention, but for what runs read.
//
// Columns: device, tag (text); start, end (milliseconds); rev, count; sum, mean, min,
// max, first, last, stddev, coverage (double); p50 and the like, where percentiles are
// asked for; state (bytes, of package window, for late readings).
//
// # Late readings
//
//	late/window=1m/p=007/000000000042.ndjson
//
// holds the readings that were late or early between checkpoints 41 and 42, a JSON
// object a line: device, tag, ts, value, cause, and seq and received if it has them. It
// counts once there is a checkpoint of that number or a later one. Replay puts readings
// into the stream again, marked, and when they are durable takes them out of the file.
//
// # Time
//
// Time is the stream's: the append time of what was read last. Where a window is due
// and nothing comes, the worker appends a tick, an empty message, to the partition:
// what is emitted depends on the log alone.
package aggregator
