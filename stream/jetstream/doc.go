// Package jetstream is the log of one machine: a NATS server with JetStream inside
// the process, which listens to nobody, over a folder. It syncs each message before
// it acknowledges it.
//
// # Groups
//
// A sync costs milliseconds whatever it holds, and JetStream makes one for each
// message. So everything that is appended at one time, for all partitions, goes into
// one message: a group. JetStream's atomic batches are meant for this, but on one
// server they write every message twice, into a store that is made for the batch and
// removed again: 64 messages of 16 KiB took 28 ms as a batch and 3 ms as a group.
// A group is also whole or not there after a crash.
//
// Every reader thus needs all groups, so readers share those that were read or
// appended lately, and what is new reaches them without being read at all.
//
// The message is, in varints (uvarint, but for the first time; bytes of bodies last):
//
//	version     byte     1
//	time        varint   when it was appended, nanoseconds since 1970
//	partitions  uvarint  then of each how it stood before this group:
//	  back      uvarint  sequence of this group less that of its last; 0: none
//	  index     uvarint  which entry there; left out, with age, if none
//	  age       uvarint  time of this group less the time of that
//	entries     uvarint  then of each
//	  partition uvarint
//	  size      uvarint  of its body
//	bodies
//
// A position is the group's sequence, 44 bits, and the index of the entry, 20 bits.
// Sequences begin with the time at which the log was made, in milliseconds: a log in
// the place of one that was deleted has no position of that.
// How partitions stood makes opening a log a matter of two messages, and lets a
// reader prove that nothing is missing between two of its entries.
//
// # Durability
//
// A body is acknowledged after the fsync of the file that it is in. JetStream
// does not sync the folder when it begins a new file, which some file systems need; so
// the log does, before it acknowledges. Entries reach readers after that, so that none
// sees what a power cut could still undo.
//
// A log that reaches its MaxBytes, or a disk with less than MinFree to spare, refuses with
// stream.ErrFull until it is trimmed. The last group is never deleted. Only one
// process may open a folder.
package jetstream
