package filestore

import (
	"context"
	"maps"
	"os"
	"path"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/fleetscore/fleetscore/store"
)

// PutAll implements store.BatchWriter: files are written, synced and renamed in
// parallel, and each folder is synced once, at the end.
func (s *Store) PutAll(ctx context.Context, objects []store.Object) []error {
	errs := make([]error, len(objects))
	var puts errgroup.Group
	puts.SetLimit(s.parallel)
	for i, o := range objects {
		puts.Go(func() error {
			errs[i] = s.put(ctx, o.Key, writeBody(o.Body), s.replace)
			return nil
		})
	}
	_ = puts.Wait() // every error is in errs

	unsettled := map[string]error{}
	for i, o := range objects {
		if errs[i] == nil {
			unsettled[path.Dir(o.Key)] = nil
		}
	}
	// Even if ctx has ended: the objects are in place, only not yet durable.
	folders := slices.Collect(maps.Keys(unsettled))
	for i, err := range s.settleAll(folders) {
		unsettled[folders[i]] = err
	}

	failed := false
	for i, o := range objects {
		if errs[i] == nil {
			errs[i] = unsettled[path.Dir(o.Key)]
		}
		if errs[i] != nil {
			errs[i] = s.keyError("putting", o.Key, errs[i])
			failed = true
		}
	}
	if !failed {
		return nil
	}
	return errs
}

func writeBody(body []byte) func(*os.File) error {
	return func(f *os.File) error {
		_, err := f.Write(body)
		return err
	}
}
