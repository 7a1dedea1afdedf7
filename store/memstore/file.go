package memstore

import (
	"bytes"
	"context"

	"github.com/fleetscore/fleetscore/store"
)

// Open implements store.Opener. What is replaced can still be read.
func (s *Store) Open(ctx context.Context, key string) (store.File, error) {
	o, err := s.object(ctx, "opening", key)
	if err != nil {
		return nil, err
	}
	return &file{ctx: ctx, info: store.Info{Key: key, Size: int64(len(o.body)), ModTime: o.modTime}, body: bytes.NewReader(o.body)}, nil
}

type file struct {
	ctx  context.Context
	info store.Info
	body *bytes.Reader
}

func (f *file) Info() store.Info { return f.info }

func (f *file) ReadAt(p []byte, offset int64) (int, error) {
	if err := f.ctx.Err(); err != nil {
		return 0, err
	}
	return f.body.ReadAt(p, offset)
}

func (f *file) Close() error { return nil }
