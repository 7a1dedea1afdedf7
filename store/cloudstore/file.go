package cloudstore

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"cloud.google.com/go/storage"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	azblobblob "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"github.com/fleetscore/fleetscore/store"
)

// A file is read in chunks, each a request of its own; some are kept, and the one
// after the last is fetched ahead.
const (
	chunkSize  = 4 << 20
	chunksKept = 8
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
	f := &file{s: s, info: store.Info{Key: key, Size: a.Size, ModTime: a.ModTime}, pin: pin(a)}
	f.ctx, f.stop = context.WithCancel(ctx)
	return f, nil
}

// pin makes a request one for the version of an object that a describes.
func pin(a *blob.Attributes) func(as func(any) bool) error {
	var attrs storage.ObjectAttrs
	isGCS := a.As(&attrs)
	etag := a.ETag
	return func(as func(any) bool) error {
		var in *s3.GetObjectInput
		var stream *azblob.DownloadStreamOptions
		var object **storage.ObjectHandle
		switch {
		case as(&in):
			in.IfMatch = &etag
		case as(&stream):
			match := azcore.ETag(etag)
			stream.AccessConditions = &azblobblob.AccessConditions{ModifiedAccessConditions: &azblobblob.ModifiedAccessConditions{IfMatch: &match}}
		case isGCS && as(&object):
			*object = (*object).Generation(attrs.Generation)
		}
		return nil
	}
}

// pins reports whether the cloud knows pin.
func (s *Store) pins() bool { return slices.Contains(Schemes(), s.scheme) }

type file struct {
	s    *Store
	ctx  context.Context
	stop context.CancelFunc
	info store.Info
	pin  func(as func(any) bool) error

	mu     sync.Mutex
	chunks []*chunk // the one used last is the last
	ahead  sync.WaitGroup
}

type chunk struct {
	number int64
	once   sync.Once
	data   []byte
	err    error
}

func (f *file) Info() store.Info { return f.info }

func (f *file) ReadAt(p []byte, offset int64) (int, error) {
	if offset < 0 {
		return 0, fmt.Errorf("reading %s: %w: offset %d", f.info.Key, store.ErrRange, offset)
	}
	if err := f.ctx.Err(); err != nil {
		return 0, wrapError(f.ctx, "reading", f.info.Key, err)
	}
	done := 0
	for done < len(p) && offset < f.info.Size {
		data, err := f.get(offset / chunkSize)
		if err != nil {
			return done, err
		}
		n := copy(p[done:], data[offset%chunkSize:])
		done, offset = done+n, offset+int64(n)
	}
	if done < len(p) {
		return done, io.EOF
	}
	return done, nil
}

// get is a chunk, kept or fetched. Whoever reads one chunk after the other finds
// the next under way.
func (f *file) get(number int64) ([]byte, error) {
	c, before := f.find(number)
	if next := number + 1; before && next*chunkSize < f.info.Size {
		ahead, _ := f.find(next)
		f.ahead.Go(func() { f.load(ahead) })
	}
	f.load(c)
	return c.data, c.err
}

func (f *file) load(c *chunk) {
	c.once.Do(func() { c.data, c.err = f.fetch(c.number*chunkSize, min(chunkSize, f.info.Size-c.number*chunkSize)) })
}

// find is the chunk of a number, and whether the one before it is there too.
func (f *file) find(number int64) (c *chunk, before bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	before = number > 0 && slices.ContainsFunc(f.chunks, func(c *chunk) bool { return c.number == number-1 })
	i := slices.IndexFunc(f.chunks, func(c *chunk) bool { return c.number == number })
	if i < 0 {
		c = &chunk{number: number}
		if len(f.chunks) == chunksKept {
			i = 0
		}
	} else {
		c = f.chunks[i]
	}
	if i >= 0 {
		f.chunks = slices.Delete(f.chunks, i, i+1)
	}
	f.chunks = append(f.chunks, c)
	return c, before
}

func (f *file) fetch(offset, length int64) ([]byte, error) {
	r, err := f.s.bucket.NewRangeReader(f.ctx, f.info.Key, offset, length, &blob.ReaderOptions{BeforeRead: f.pin})
	if err != nil {
		return nil, f.explain(err)
	}
	defer func() { _ = r.Close() }()
	// The times are those of the clouds' headers, which have whole seconds; but then the version is pinned.
	if r.Size() != f.info.Size || r.ModTime().Sub(f.info.ModTime).Abs() >= time.Second || !f.s.pins() && !r.ModTime().Equal(f.info.ModTime) {
		return nil, fmt.Errorf("reading %s: %w", f.info.Key, store.ErrChanged)
	}
	data := make([]byte, length)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, f.explain(err)
	}
	return data, nil
}

func (f *file) explain(err error) error {
	switch gcerrors.Code(err) {
	case gcerrors.NotFound, gcerrors.FailedPrecondition:
		return fmt.Errorf("reading %s: %w", f.info.Key, store.ErrChanged)
	}
	return wrapError(f.ctx, "reading", f.info.Key, err)
}

func (f *file) Close() error {
	f.stop()
	f.ahead.Wait()
	return nil
}
