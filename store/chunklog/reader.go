package chunklog

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/fleetscore/fleetscore/store"
)

// Source is where chunks are.
type Source interface {
	store.Reader
	store.Lister
}

// Open reads the log whose chunks' keys begin with prefix, from an offset in bytes
// up to what there is now. It is store.ErrNotFound if there is no chunk.
func Open(ctx context.Context, s Source, prefix string, offset int64) (io.ReadCloser, error) {
	if offset < 0 {
		return nil, fmt.Errorf("reading a log: the offset %d is negative", offset)
	}
	r := &reader{ctx: ctx, s: s}
	some := false
	for info, err := range s.List(ctx, prefix) {
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading a log: %w", err)
		}
		some = true
		if offset >= info.Size {
			offset -= info.Size
			continue
		}
		r.chunks = append(r.chunks, chunk{info.Key, offset})
		offset = 0
	}
	if !some {
		return nil, fmt.Errorf("reading the log %s…: %w", prefix, store.ErrNotFound)
	}
	return r, nil
}

// chunk is a chunk that is still to be read, from an offset.
type chunk struct {
	key  string
	from int64
}

// reader reads chunks one after the other.
type reader struct {
	ctx    context.Context
	s      Source
	chunks []chunk
	open   io.ReadCloser
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	for {
		if r.open == nil {
			if len(r.chunks) == 0 {
				return 0, io.EOF
			}
			next, err := r.s.GetRange(r.ctx, r.chunks[0].key, r.chunks[0].from, -1)
			r.chunks = r.chunks[1:]
			if errors.Is(err, store.ErrNotFound) {
				continue // it is past its retention meanwhile
			}
			if err != nil {
				return 0, fmt.Errorf("reading a log: %w", err)
			}
			r.open = next
		}
		n, err := r.open.Read(p)
		if errors.Is(err, io.EOF) {
			err = r.Close()
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// Close implements io.Closer.
func (r *reader) Close() error {
	if r.open == nil {
		return nil
	}
	open := r.open
	r.open = nil
	return open.Close()
}
