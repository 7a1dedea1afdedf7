// Package window aggregates readings over event-time windows. It is pure: the same
// calls give the same windows, byte for byte, on every machine, after any restart. It
// does no I/O, starts nothing and asks no clock; time inside is what the stream says.
//
//	e, err := window.New(window.Defaults(), states)
//	...
//	err = e.Add(appended, readings, sink) // for each message of the stream, in its order
//	err = e.Tick(now, sink)               // when the stream has a tick record
//
// # Windows
//
// A window is [start, start+every), where start is a multiple of hop since 1970 in
// UTC: daylight saving time is unknown here. hop = every makes windows tumble; else a
// reading is in every/hop of them.
//
// A device's watermark is its highest event time less the tolerance; all its tags
// share it, and no other device does. A window comes out when the watermark reaches its
// end. If the device's time has stood still for idle, it also comes out when the
// stream's time is idle past its end.
//
// That only emits. A reading is late when the first of its windows to end is closed
// for good: when the watermark has passed its end by lateness. Until then it counts, in
// all of its windows: in a revision (rev 1, 2, …) of those that are out, else in rev
// 0. What comes for a window that is out, or that the watermark has passed, is
// gathered for settle, by the stream's time, so that a burst makes one revision. A
// reading that is further ahead of the stream's time than early is early. It does not
// move the watermark, nor does one that was filtered. One that is replayed, as
// somebody wants what was late to count, is never late; all else holds for it too.
//
// # Identity
//
// A reading is identified by (device, tag, time, seq if it has one). The same one with
// the same value, as the filters left it, is a duplicate; with another value, a
// conflict. Both are found exactly, in every window that takes readings, because their
// readings are kept, compressed: times as differences from a steady step, values as
// differences of decimal numbers where they are such (71.3, 1013.25), else of bits.
// Readings stamped at receipt have no identity. They are aggregated as they come, and
// count as often as they come.
//
// # Invariants
//
//   - Every reading ends in exactly one Cause. Those but Counted are passed to Sink.
//   - Readings that have an identity are aggregated in the order of their times. So
//     the order in which they came does not change a bit of the result.
//   - How the readings of one append time are divided among calls of Add makes no difference.
//   - A window leaves memory when it is emitted. Its State goes with it; where a late
//     reading needs that, it is asked back from States.
//   - A device that has nothing open is forgotten when its time has stood still for
//     forget. It comes back as a new one, without a watermark; its windows are still
//     found by States, so that nothing is emitted twice as rev 0.
//
// Aggregates are one file each: count, sum, mean, min, max, first, last, stddev,
// percentile, coverage.
//
// # States and snapshots
//
// Numbers are varints (u: unsigned), floats their 8 bytes, little-endian; text is a
// length u and bytes. A State, which is also how a snapshot has a pane, is
//
//	1                              version
//	start, rev                     rev is -1 if the window has not been emitted
//	parts                          byte: 1 changed, 2 received follows, 4 it has a sketch
//	blocks u                       then for each block
//	    count, kind                bytes, as in the file block.go
//	    bits u, base, first u      of its payload
//	    payload                    ⌈bits/8⌉ bytes
//	received                       the aggregate of readings without identity
//	    count u, 7 floats          sum, its low part, spread, min, max, first, last
//	    first u, last u            times since start
//	    joins, bins u              a byte; then for each bin of the sketch
//	        key, n u               the key as the difference from the one before
//
// It has the readings of [start, start+hop). A snapshot is
//
//	"fsw" 1                        version
//	every, hop, now                ns
//	counts u                       as in Counts
//	devices u                      from the oldest on, for each
//	    name                       text
//	    high, moved, due, settle   times
//	    1 tag, mark, unit, scale, panes u, then (start, State) for each; for each sensor
//	    0
//	CRC-32C                        4 bytes, little-endian, of all that
//
// Restore reads it with a Config that may differ in all but every and hop.
package window
