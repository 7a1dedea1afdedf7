package cloudstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/smithy-go"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
	"golang.org/x/sync/errgroup"

	"github.com/fleetscore/fleetscore/store"
)

// putsAtOnce is how many small objects are on their way at a time: they wait for
// the network, not for processors.
const putsAtOnce = 64

// partSize is how many bytes of a large object are sent at a time, and partsAtOnce how
// many parts. A bucket takes 10,000 parts at most: 80 GiB.
const (
	partSize    = 8 << 20
	partsAtOnce = 3
)

const contentType = "application/octet-stream"

// Put implements store.Writer.
func (s *Store) Put(ctx context.Context, key string, body io.Reader) error {
	return s.put(ctx, key, body, false)
}

// PutIfAbsent implements store.Writer.
func (s *Store) PutIfAbsent(ctx context.Context, key string, body io.Reader) error {
	return s.put(ctx, key, body, true)
}

func (s *Store) put(ctx context.Context, key string, body io.Reader, ifAbsent bool) error {
	if err := check(ctx, "putting", key); err != nil {
		return err
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	source := &upload{ctx: ctx, body: body, cancel: cancel}
	size := partSize
	if sized, ok := body.(interface{ Len() int }); ok {
		size = min(max(sized.Len(), 1), size)
	}
	// Upload and not a Writer: with IfNotExist, Azure's Writer panics when the object is there.
	err := s.bucket.Upload(inner, key, source, &blob.WriterOptions{
		ContentType: contentType, BufferSize: size, MaxConcurrency: partsAtOnce, IfNotExist: ifAbsent,
	})
	switch {
	case source.err != nil:
		return fmt.Errorf("putting %s: reading what to store: %w", key, source.err)
	case ifAbsent && ctx.Err() == nil && conflicts(err):
		return s.lost(ctx, key, err)
	case err != nil && ctx.Err() == nil && !ifAbsent && gcerrors.Code(err) == gcerrors.FailedPrecondition:
		return fmt.Errorf("putting %s: %w", key, oneLine{err})
	case err != nil:
		return wrapError(ctx, "putting", key, err)
	}
	return nil
}

// conflicts reports whether S3 ended a conditional write because of another one
// at the same time.
func conflicts(err error) bool {
	var fault smithy.APIError
	return errors.As(err, &fault) && fault.ErrorCode() == "ConditionalRequestConflict"
}

// lost tells who wins of several that wrote an object at the same time, for one who did not.
func (s *Store) lost(ctx context.Context, key string, err error) error {
	if _, statErr := s.Stat(ctx, key); statErr == nil {
		return fmt.Errorf("putting %s: %w", key, store.ErrExists)
	}
	return wrapError(ctx, "putting", key, err)
}

// upload is a body that calls the upload off when it fails: some clients would
// store what they had.
type upload struct {
	ctx    context.Context
	body   io.Reader
	cancel context.CancelFunc
	err    error
}

func (u *upload) Read(p []byte) (int, error) {
	n, err := 0, u.ctx.Err()
	if err == nil {
		n, err = u.body.Read(p)
	}
	if err != nil && err != io.EOF {
		u.err = err
		u.cancel()
	}
	return n, err
}

// PutAll implements store.BatchWriter.
func (s *Store) PutAll(ctx context.Context, objects []store.Object) []error {
	errs := make([]error, len(objects))
	var puts errgroup.Group
	puts.SetLimit(putsAtOnce)
	for i, o := range objects {
		puts.Go(func() error {
			errs[i] = s.Put(ctx, o.Key, bytes.NewReader(o.Body))
			return nil
		})
	}
	_ = puts.Wait() // every error is in errs
	return errs
}

// Delete implements store.Writer.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := check(ctx, "deleting", key); err != nil {
		return err
	}
	if err := s.bucket.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return wrapError(ctx, "deleting", key, err)
	}
	return nil
}
