// Package stream is the durable log between ingest and the window aggregator:
// readings go in by partition, are on disk before anybody is told so, and come out
// in order from any position that a checkpoint remembers. [Log] is the contract;
// stream/jetstream keeps it with an embedded NATS server, and stream/streamtest is
// the suite that every log passes.
//
// # Invariants
//
//   - What an Append returned nil for is still there after a power cut.
//   - Entries of a partition have one order, for every reader and for ever. Their
//     positions rise, and their append times never fall.
//   - A reader gets every entry after its position, none twice and none left out;
//     if one is gone, it gets ErrTrimmed and not the next.
//   - Nothing is deleted that was not trimmed. A log that is full refuses.
//   - A log knows nothing of what is read: who reads keeps its position with what it
//     made of the entries, and resumes from there.
//
// An entry whose body is empty is a tick: it says only that the time of its
// partition has come to its append time, so that windows end where nothing is sent.
//
// # Reading
//
// A consumer keeps the position of the last entry it has made use of, in one piece with
// what it made of it, and begins there again:
//
//	r := log.Read(partition, checkpoint.Position)
//	defer r.Close()
//	for {
//		entry, err := r.Next(ctx)
//		if err != nil {
//			return err
//		}
//		readings, err = decoder.Decode(entry.Body, readings[:0])
//		…
//	}
//
// Once a checkpoint is stored, what it covers is trimmed.
//
// # A batch
//
// The body of a message is a batch: readings of devices of one partition. Numbers are
// varints as encoding/binary has them, signed ones zigzag, unless said otherwise.
//
//	version    byte      1
//	readings   uvarint   how many follow the names
//	unit       byte      bits 0-6: 0…9, times are in 10^unit ns; bit 7: all of its
//	                     readings are replayed; else none is
//	names      uvarint   how many, then each its length (uvarint) and its bytes
//	then each reading
//	  head     byte      bits 0-3 how the value is written, bit 4 has a seq, bit 5
//	                     was stamped at receipt, bit 6 device and bit 7 tag as before
//	  device   uvarint   index of its name; left out if as before
//	  tag      uvarint   the same
//	  time     varint    less the time before, in units
//	  seq      varint    less the seq before; left out if it has none
//	  value              by the head: 0…8 the first so many bytes of its bits, big
//	                     endian, of which the others are 0; 9…15 a varint, to be
//	                     divided by 10^(head-9), which gives these very bits
//
// Before the first reading are name 0 twice, time 0 and seq 0. Sums wrap around.
// There is no length and no checksum: every log that we know of has its own.
// A reading takes 2 bytes at the least, so that a body bounds what it decodes to.
package stream
