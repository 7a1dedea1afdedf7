package store

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"
)

// What can be wrong with a request, for errors.Is. Drivers wrap them with what
// they were doing and the key: "getting models/a.pkl: not found".
var (
	ErrNotFound   = errors.New("not found")
	ErrExists     = errors.New("already exists")
	ErrInvalidKey = errors.New("invalid key")
	ErrRange      = errors.New("range outside the object")
	ErrTooLarge   = errors.New("too large to be held in memory")
	ErrNoObject   = errors.New("it is no object") // but a link that leads out of the store, or a pipe
)

// MaxGet is the size in bytes of the largest object that Get returns, so that a
// hostile one cannot use up the memory. GetRange streams those of any size.
const MaxGet = 1 << 30

// Info describes an object.
type Info struct {
	Key     string
	Size    int64 // bytes
	ModTime time.Time
	// Version, of an object that a List shows, is another when the object is, even
	// if whoever replaced it kept its time. 0: the store knows no more than the time.
	Version uint64
}

// A Reader reads objects. It may be used by many goroutines at once.
type Reader interface {
	// Get returns the whole object. It is written into buf if buf's capacity
	// suffices, from its start, and into new memory if not; buf may be nil. The
	// result belongs to the caller. With an error the result is nil, and what
	// buf held is undefined. An object larger than MaxGet is ErrTooLarge.
	Get(ctx context.Context, key string, buf []byte) ([]byte, error)

	// GetRange streams length bytes from offset, fewer if the object ends
	// before, all to the end if length is negative. An offset that is negative
	// or past the end is ErrRange; one at the end gives no bytes. What is read
	// is one version of the object, even while it is replaced, or the reader
	// fails (with ErrChanged, if it was changed in place); a read fails when ctx
	// ends. The caller closes the reader.
	GetRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)

	// Stat describes the object without reading it.
	Stat(ctx context.Context, key string) (Info, error)
}

// A Writer writes objects. It may be used by many goroutines at once. When ctx
// ends before an object is in place, nothing changes; a body that blocks is
// not interrupted.
type Writer interface {
	// Put stores all of body under key, in place of what was there, atomically;
	// when it returns nil, the object is durable. If body fails, nothing
	// changes and the error is wrapped. After any other error the object is
	// either the old or the new one, whole.
	Put(ctx context.Context, key string, body io.Reader) error

	// PutIfAbsent is Put for a key that has no object, and ErrExists if it has
	// one: of many concurrent callers, in many processes, exactly one succeeds.
	// It need not read body when the key is there.
	PutIfAbsent(ctx context.Context, key string, body io.Reader) error

	// Delete removes the object. It returns nil when there is none. A power
	// cut shortly after may bring the object back.
	Delete(ctx context.Context, key string) error
}

// A Lister enumerates objects.
type Lister interface {
	// List yields the objects whose keys start with prefix, sorted by key, byte
	// by byte. The prefix is any start of a key that CheckPrefix accepts, not
	// only a folder; "" is all. Temporary files are never shown. What is
	// written or deleted meanwhile may or may not show; the loop itself may
	// write and delete. An error is the last thing yielded. A driver whose
	// whole store is missing (a folder that does not exist) yields an error
	// that wraps ErrNotFound; an empty store yields nothing.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]
}

// A Store is all of it.
type Store interface {
	Reader
	Opener
	Writer
	Lister
}
