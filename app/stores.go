package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/cloudstore"
	"github.com/fleetscore/fleetscore/store/filestore"
)

// closingStore is a store that holds files or connections.
type closingStore interface {
	store.Store
	io.Closer
}

// openStore opens the store at a location: a folder, or what is below a path of a bucket.
func openStore(ctx context.Context, l location) (closingStore, error) {
	if l.remote() {
		return cloudstore.Open(ctx, l.text)
	}
	return filestore.Open(l.path, filestore.Options{})
}

// openExisting opens the store at a location, which must be there.
func openExisting(ctx context.Context, l location) (closingStore, error) {
	if !l.remote() {
		if info, err := os.Stat(l.path); err != nil {
			return nil, err
		} else if !info.IsDir() {
			return nil, fmt.Errorf("%s is not a folder", l.text)
		}
	}
	return openStore(ctx, l)
}

// buckets opens each bucket once.
type buckets struct{ open map[string]*cloudstore.Store }

// of is the bucket of a location, without its path.
func (b *buckets) of(ctx context.Context, l location) (*cloudstore.Store, error) {
	if s := b.open[l.bucket]; s != nil {
		return s, nil
	}
	s, err := cloudstore.Open(ctx, l.bucket)
	if err != nil {
		return nil, err
	}
	if b.open == nil {
		b.open = make(map[string]*cloudstore.Store)
	}
	b.open[l.bucket] = s
	return s, nil
}

func (b *buckets) close() error {
	var errs []error
	for _, s := range b.open {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
