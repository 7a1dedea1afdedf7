package cloudstore

import (
	"context"
	"fmt"
	"io"
	"slices"

	"gocloud.dev/blob"

	"github.com/fleetscore/fleetscore/store"
)

// Get implements store.Reader.
func (s *Store) Get(ctx context.Context, key string, buf []byte) ([]byte, error) {
	if err := check(ctx, "getting", key); err != nil {
		return nil, err
	}
	r, err := s.bucket.NewReader(ctx, key, nil)
	if err != nil {
		return nil, wrapError(ctx, "getting", key, err)
	}
	defer func() { _ = r.Close() }()
	size := r.Size()
	if size > store.MaxGet {
		return nil, fmt.Errorf("getting %s: it is %d bytes, %w, the most is %d; stream it or remove it", key, size, store.ErrTooLarge, store.MaxGet)
	}
	buf = slices.Grow(buf[:0], int(size))[:size]
	if _, err := io.ReadFull(r, buf); err != nil {
		return nil, wrapError(ctx, "getting", key, err)
	}
	return buf, nil
}

// GetRange implements store.Reader. It is one request, which has one version.
func (s *Store) GetRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := check(ctx, "getting", key); err != nil {
		return nil, err
	}
	if offset < 0 {
		return nil, fmt.Errorf("getting %s: %w: offset %d", key, store.ErrRange, offset)
	}
	if length == 0 || offset > 0 {
		// Clouds differ in what they say of an offset that is not before the end.
		info, err := s.Stat(ctx, key)
		switch {
		case err != nil:
			return nil, err
		case offset > info.Size:
			return nil, fmt.Errorf("getting %s: %w: offset %d of %d bytes", key, store.ErrRange, offset, info.Size)
		case offset == info.Size || length == 0:
			return io.NopCloser(io.LimitReader(nil, 0)), nil
		}
	}
	r, err := s.bucket.NewRangeReader(ctx, key, offset, max(length, -1), nil)
	if err != nil {
		return nil, wrapError(ctx, "getting", key, err)
	}
	return &body{ctx: ctx, key: key, Reader: r}, nil
}

// body is a response whose errors name the key.
type body struct {
	ctx context.Context
	key string
	*blob.Reader
}

func (b *body) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, wrapError(b.ctx, "getting", b.key, err)
	}
	n, err := b.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = wrapError(b.ctx, "getting", b.key, err)
	}
	return n, err
}

// Stat implements store.Reader.
func (s *Store) Stat(ctx context.Context, key string) (store.Info, error) {
	if err := check(ctx, "looking up", key); err != nil {
		return store.Info{}, err
	}
	a, err := s.bucket.Attributes(ctx, key)
	if err != nil {
		return store.Info{}, wrapError(ctx, "looking up", key, err)
	}
	return store.Info{Key: key, Size: a.Size, ModTime: a.ModTime}, nil
}
