package stream

import (
	"context"
	"errors"
)

// What can be wrong with a request, for errors.Is.
var (
	// ErrFull is that the log, or the disk under it, holds as much as it may. It is
	// back-pressure: nothing was stored, and the same can be tried after a Trim.
	ErrFull = errors.New("the stream is full")
	// ErrTrimmed is that entries after the reader's position are no longer there.
	ErrTrimmed = errors.New("entries are no longer in the stream")
	// ErrPosition is that the partition has never come to such a position: it is
	// another log's, or this one has lost what it held.
	ErrPosition = errors.New("the stream has no such position")
	// ErrTooLarge is that a body is larger than MaxBody, or all of them than MaxAppend.
	ErrTooLarge = errors.New("too large for the stream")
	// ErrPartition is that the log has no such partition.
	ErrPartition = errors.New("no such partition")
	// ErrClosed is that the log was stopped, or the reader closed.
	ErrClosed = errors.New("the stream is closed")
)

// MaxBody is the size in bytes of the largest body of a message. Event Hubs takes
// less than 1 MiB in a request.
const MaxBody = 512 << 10

// MaxAppend is how many bytes one Append stores at the most: of bodies, and
// MessageSize for each.
const (
	MaxAppend   = 4 << 20
	MessageSize = 16
)

// Position is where an entry is in its partition. Later entries have higher ones,
// and nothing else follows from the number. 0 is before every entry.
type Position uint64

// Message is what is to be stored: a batch of readings, or a tick if Body is empty.
type Message struct {
	Partition int
	Body      []byte
}

// Entry is a message that was stored.
type Entry struct {
	Position Position
	Time     int64 // when it was appended, by the log's clock: nanoseconds since 1970
	Body     []byte
}

// State is how far a partition reaches.
type State struct {
	// Trimmed is a position: entries up to it are gone, or may go at any time.
	Trimmed Position
	Last    Position // of the last entry there ever was; 0: there was none
	Time    int64    // when Last was appended
}

// A Log is durable and has partitions from 0 on. It may be used by many goroutines
// at once.
type Log interface {
	// Append stores messages, of any partitions, in the order given. When it returns
	// nil all are durable: fsynced, or on a quorum. Calls at the same time share a
	// sync. With an error (ctx ended, a disk failed, the process died) some may have
	// been stored, of each partition the first; none were if it is ErrFull,
	// ErrTooLarge or ErrPartition. Bodies are not touched once Append has returned.
	Append(ctx context.Context, messages []Message) error

	// Read gives the entries of a partition that come after a position, which is one
	// of an entry of that partition, or 0: from the first that is there. It does no
	// I/O. The caller closes the reader.
	Read(partition int, after Position) Reader

	// State describes every partition.
	State(ctx context.Context) ([]State, error)

	// Trim allows entries of a partition up to a position to be deleted: nobody will
	// ask for them any more. They go when it suits the log, which may be once other
	// partitions are trimmed as far, and need not remember it when it is opened again.
	Trim(ctx context.Context, partition int, through Position) error
}

// A Reader reads a partition, for one goroutine at a time. Readers of one log share
// what they read, so many of them cost little more than one.
type Reader interface {
	// Next waits for the next entry. The body is the reader's, valid until the next
	// call of Next or Close, and not to be written to. When ctx has ended it is ctx's error
	// and nothing is lost: the next call goes on. All other errors are final.
	Next(ctx context.Context) (Entry, error)

	// Close ends a Next that waits, too.
	Close() error
}
