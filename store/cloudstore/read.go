package cloudstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"github.com/fleetscore/fleetscore/store"
)

// bodyTries is how often an object is asked for whose connection breaks while it
// comes: clients repeat requests, but not what is lost after the answer's start.
const bodyTries = 3

// Get implements store.Reader.
func (s *Store) Get(ctx context.Context, key string, buf []byte) ([]byte, error) {
	if err := check(ctx, "getting", key); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		r, err := s.bucket.NewReader(ctx, key, version{}.options())
		if err != nil {
			return nil, wrapError(ctx, "getting", key, err)
		}
		data, err := readWhole(r, buf)
		_ = r.Close()
		switch {
		case err == nil:
			return data, nil
		case errors.Is(err, store.ErrTooLarge):
			return nil, fmt.Errorf("getting %s: %w", key, err)
		case try == bodyTries || ctx.Err() != nil:
			return nil, wrapError(ctx, "getting", key, err)
		}
	}
}

func readWhole(r *blob.Reader, buf []byte) ([]byte, error) {
	size := r.Size()
	switch {
	case size > store.MaxGet:
		return nil, fmt.Errorf("it is %d bytes, %w, the most is %d; stream it or remove it", size, store.ErrTooLarge, store.MaxGet)
	case size < 0:
		return nil, errors.New("the answer does not tell its size")
	}
	buf = slices.Grow(buf[:0], int(size))[:size]
	_, err := io.ReadFull(r, buf)
	return buf, err
}

// GetRange implements store.Reader. It is one request, which has one version.
func (s *Store) GetRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := check(ctx, "getting", key); err != nil {
		return nil, err
	}
	if offset < 0 {
		return nil, fmt.Errorf("getting %s: %w: offset %d", key, store.ErrRange, offset)
	}
	var v version
	if length == 0 || offset > 0 {
		// Clouds differ in what they say of an offset that is not before the end.
		a, err := s.bucket.Attributes(ctx, key)
		switch {
		case err != nil:
			return nil, wrapError(ctx, "getting", key, err)
		case offset > a.Size:
			return nil, fmt.Errorf("getting %s: %w: offset %d of %d bytes", key, store.ErrRange, offset, a.Size)
		case offset == a.Size || length == 0:
			return io.NopCloser(strings.NewReader("")), nil
		}
		v = versionOf(a)
	}
	r, err := s.bucket.NewRangeReader(ctx, key, offset, max(length, -1), v.options())
	if gcerrors.Code(err) == gcerrors.FailedPrecondition {
		return nil, fmt.Errorf("getting %s: %w", key, store.ErrChanged)
	}
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
