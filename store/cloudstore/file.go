package cloudstore

import (
	"context"
	"fmt"
	"io"

	"gocloud.dev/gcerrors"

	"github.com/fleetscore/fleetscore/store"
)

// Open implements store.Opener.
func (s *Store) Open(ctx context.Context, key string) (store.File, error) {
	if err := check(ctx, "opening", key); err != nil {
		return nil, err
	}
	a, err := s.bucket.Attributes(ctx, key)
	if err != nil {
		return nil, wrapError(ctx, "opening", key, err)
	}
	f := &file{s: s, info: store.Info{Key: key, Size: a.Size, ModTime: a.ModTime}, version: versionOf(a)}
	f.chunks.size, f.chunks.fetch = a.Size, f.fetch
	f.ctx, f.stop = context.WithCancel(ctx)
	return f, nil
}

type file struct {
	s       *Store
	ctx     context.Context
	stop    context.CancelFunc
	info    store.Info
	version version
	chunks  chunks
}

func (f *file) Info() store.Info { return f.info }

func (f *file) ReadAt(p []byte, offset int64) (int, error) {
	if offset < 0 {
		return 0, fmt.Errorf("reading %s: %w: offset %d", f.info.Key, store.ErrRange, offset)
	}
	if err := f.ctx.Err(); err != nil {
		return 0, wrapError(f.ctx, "reading", f.info.Key, err)
	}
	n, err := f.chunks.readAt(p, offset)
	if err == nil && n < len(p) {
		err = io.EOF
	}
	return n, err
}

// fetch is a part of the object.
func (f *file) fetch(offset, length int64) (data []byte, err error) {
	for try := 1; ; try++ {
		r, err := f.s.bucket.NewRangeReader(f.ctx, f.info.Key, offset, length, f.version.options())
		if err != nil {
			return nil, f.explain(err)
		}
		if !f.version.matches(r) {
			_ = r.Close()
			return nil, fmt.Errorf("reading %s: %w", f.info.Key, store.ErrChanged)
		}
		data := make([]byte, length)
		_, err = io.ReadFull(r, data)
		_ = r.Close()
		if err == nil {
			return data, nil
		}
		if try == bodyTries || f.ctx.Err() != nil {
			return nil, f.explain(err)
		}
	}
}

func (f *file) explain(err error) error {
	if f.ctx.Err() == nil && (notFound(err) || gcerrors.Code(err) == gcerrors.FailedPrecondition) {
		return fmt.Errorf("reading %s: %w", f.info.Key, store.ErrChanged)
	}
	return wrapError(f.ctx, "reading", f.info.Key, err)
}

func (f *file) Close() error {
	f.stop()
	f.chunks.ahead.Wait()
	return nil
}
