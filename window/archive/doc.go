// Package archive keeps the raw readings of the stream as Parquet files, for whoever
// trains models on them: each reading that was appended is in one file, exactly once.
//
//	service, err := archive.New(archive.Config{Log: l, Store: s, Partitions: 64, …})
//	err = service.Start(ctx)
//
// # Files
//
//	readings/date=2026-11-23/hour=13/p=007-000000000042-x3k9f.parquet
//
// holds readings of partition 7 that were appended to the stream in that hour of UTC,
// sorted by device, tag and ts, of one of them in the order of the stream. Columns:
// device, tag (text, a dictionary); ts (timestamp, microseconds, UTC: what is finer is
// cut off, as few readers know nanoseconds); value (double); seq (uint64, null if the
// reading has none); received (timestamp, milliseconds: when it was appended). What a
// device sent twice is there twice; what was replayed is not, as it was archived when it came
// first. A file that is there counts: nothing needs to be looked up, and none supersedes
// another.
//
// A file is stored when its partition holds half of FlushBytes to all of it, when the hour is
// over, and at the latest Every after its first reading was read.
//
// # Claims
//
// Before a file there is its claim: checkpoints/_archive/p=007/000000000042.json, by
// PutIfAbsent, says from which entry of the stream to which the file goes, and what its
// key is. Who dies between the two finds the claim when he starts again, reads the same
// entries, which nobody has trimmed, and stores the file. So there is never a second
// file of an entry, no leftover, and of two processes on one store one loses the
// PutIfAbsent, and stops. A claim without a file says only how far the stream was read:
// there was nothing to archive. The last claims are kept.
//
// Machines that archive into one store in turns have a stream each, and claims each, in
// checkpoints/_archive-<stream>/p=007/….
//
// The stream keeps what is not in a file yet. A stream that does not go on from the
// last claim was deleted, brought back from a copy, or trimmed while there was no archive:
// reading goes on with the first entry that is there and was appended later than what
// is archived.
//
// # Memory
//
// What is held is held as it is in the stream, 10 to 15 bytes a reading, up to
// FlushBytes in each partition. One partition at a time makes a file of it, with about 100
// bytes a reading.
package archive
