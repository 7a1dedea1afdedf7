package task

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync/atomic"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
)

// served is a store that tells its own faults from those of what is asked of it: a
// full disk from an object that is not there. Its faults are fleet.ErrUnserved.
type served struct {
	store.Store
	unread    atomic.Bool // a read was not served
	unwritten atomic.Pointer[error]
}

// unserved makes an error fleet.ErrUnserved, and leaves its words.
type unserved struct{ error }

func (u unserved) Unwrap() error        { return u.error }
func (u unserved) Is(target error) bool { return target == fleet.ErrUnserved }

// believedFrom is the attempt from which on a model that cannot be read is its
// sensor's failure: before, the store may have been away for a moment.
const believedFrom = 4

// fault is why an attempt that came to its end must be made again; nil if it need not.
func (s *served) fault(attempt int) error {
	if err := s.unwritten.Load(); err != nil {
		return *err
	}
	if s.unread.Load() && attempt < believedFrom {
		return unserved{errors.New("some objects could not be read")}
	}
	return nil
}

// isAnswer reports whether an error is what the store had to say, or the end of a context.
func isAnswer(ctx context.Context, err error) bool {
	return err == nil || ctx.Err() != nil || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrExists) || errors.Is(err, store.ErrInvalidKey) ||
		errors.Is(err, store.ErrRange) || errors.Is(err, store.ErrTooLarge) || errors.Is(err, store.ErrChanged)
}

// read judges the error of a read. One that is forbidden is so for this object.
func (s *served) read(ctx context.Context, err error) error {
	if isAnswer(ctx, err) || errors.Is(err, fs.ErrPermission) {
		return err
	}
	s.unread.Store(true)
	return unserved{err}
}

func (s *served) wrote(ctx context.Context, err error) error {
	if isAnswer(ctx, err) {
		return err
	}
	err = unserved{err}
	s.unwritten.CompareAndSwap(nil, &err)
	return err
}

// Get implements store.Reader.
func (s *served) Get(ctx context.Context, key string, buf []byte) ([]byte, error) {
	data, err := s.Store.Get(ctx, key, buf)
	return data, s.read(ctx, err)
}

// GetRange implements store.Reader.
func (s *served) GetRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	stream, err := s.Store.GetRange(ctx, key, offset, length)
	if err != nil {
		return nil, s.read(ctx, err)
	}
	return &servedStream{stream, s, ctx}, nil
}

// Open implements store.Opener.
func (s *served) Open(ctx context.Context, key string) (store.File, error) {
	file, err := s.Store.Open(ctx, key)
	if err != nil {
		return nil, s.read(ctx, err)
	}
	return &servedFile{file, s, ctx}, nil
}

// Put implements store.Writer.
func (s *served) Put(ctx context.Context, key string, body io.Reader) error {
	source := &source{Reader: body}
	err := s.Store.Put(ctx, key, source)
	if source.err != nil { // what was to be stored is at fault
		return err
	}
	return s.wrote(ctx, err)
}

// PutAll implements store.BatchWriter.
func (s *served) PutAll(ctx context.Context, objects []store.Object) []error {
	errs := store.PutAll(ctx, s.Store, objects)
	for i, err := range errs {
		errs[i] = s.wrote(ctx, err)
	}
	return errs
}

// source remembers that a body failed.
type source struct {
	io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

type servedStream struct {
	io.ReadCloser
	store *served
	ctx   context.Context //nolint:containedctx // that of GetRange, for as long
}

func (s *servedStream) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = s.store.read(s.ctx, err)
	}
	return n, err
}

type servedFile struct {
	store.File
	store *served
	ctx   context.Context //nolint:containedctx // that of Open, for as long
}

func (f *servedFile) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.File.ReadAt(p, off)
	if err != nil && err != io.EOF {
		err = f.store.read(f.ctx, err)
	}
	return n, err
}

// OpenError is why a task has no store to begin with.
func OpenError(err error) error { return unserved{fmt.Errorf("opening the store: %w", err)} }
