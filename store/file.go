package store

import (
	"context"
	"errors"
	"io"
)

// ErrChanged is that an object was replaced, changed or deleted while it was read.
var ErrChanged = errors.New("it changed while it was read")

// An Opener opens objects of which parts are read, in any order.
type Opener interface {
	// Open opens the object that is there now. Reads fail once ctx ends. The
	// caller closes the file.
	Open(ctx context.Context, key string) (File, error)
}

// A File is an object as it was when it was opened: a read gives bytes of that
// version, or fails with ErrChanged where they are no longer to be had. It may be
// used by many goroutines at once.
type File interface {
	io.ReaderAt
	io.Closer
	Info() Info
}
