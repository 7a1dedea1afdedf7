package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"sync"

	"github.com/fleetscore/fleetscore/sklearn"
	"github.com/fleetscore/fleetscore/store"
)

// Inspection is what was found out about one model file.
type Inspection struct {
	Path string `json:"path"`
	sklearn.Info
	// Error is why the file could not be read as a model at all.
	Error string `json:"error,omitempty"`
}

// Inspect looks at model files, and at all files of folders. It executes
// nothing. The error says that a location could not be looked at; what is wrong
// with a file is in its Inspection, as is what is wrong with a folder below one.
func Inspect(ctx context.Context, texts []string) (found []Inspection, err error) {
	locations, err := parseLocations(texts)
	if err != nil {
		return nil, err
	}
	var b buckets
	defer func() { err = errors.Join(err, b.close()) }()
	found = []Inspection{}
	for _, l := range locations {
		files := inspectLocal(l)
		if l.remote() {
			files = b.inspectRemote(ctx, l)
		}
		for inspection, err := range files {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			if err != nil {
				return nil, fmt.Errorf("inspecting %s: %w", l.at(), err)
			}
			found = append(found, inspection)
		}
	}
	return found, nil
}

func inspectLocal(l location) iter.Seq2[Inspection, error] {
	return func(yield func(Inspection, error) bool) {
		paths := []string{l.path}
		var unreadable []error
		info, err := os.Stat(l.path)
		if err == nil && info.IsDir() {
			paths, unreadable, err = files(l.path)
		}
		if err != nil {
			yield(Inspection{}, err)
			return
		}
		for _, err := range unreadable {
			if !yield(inspect(unreadablePath(err), nil, err), nil) {
				return
			}
		}
		for _, path := range paths {
			data, err := readModel(path)
			if !yield(inspect(path, data, err), nil) {
				return
			}
		}
	}
}

func unreadablePath(err error) string {
	if path := (*os.PathError)(nil); errors.As(err, &path) {
		return path.Path
	}
	return ""
}

// inspectRemote looks at an object, or at those below it.
func (b *buckets) inspectRemote(ctx context.Context, l location) iter.Seq2[Inspection, error] {
	return func(yield func(Inspection, error) bool) {
		s, err := b.of(ctx, l)
		if err != nil {
			yield(Inspection{}, err)
			return
		}
		prefix := ""
		if l.path != "" {
			data, err := s.Get(ctx, l.path, nil)
			if !errors.Is(err, store.ErrNotFound) {
				yield(inspect(l.at(), data, err), nil)
				return
			}
			prefix = l.path + "/"
		}
		some := false
		for object, err := range getAhead(ctx, s, store.Keys(ctx, s, prefix)) {
			some = true
			if err != nil {
				yield(Inspection{}, err)
				return
			}
			if !yield(inspect(s.String()+"/"+object.key, object.data, object.err), nil) {
				return
			}
		}
		if !some {
			yield(Inspection{}, store.ErrNotFound)
		}
	}
}

// inspectAhead is how many objects are fetched at a time.
const inspectAhead = 16

// fetched is an object, or why it could not be had.
type fetched struct {
	key  string
	data []byte
	err  error
}

// getAhead yields the objects of keys in their order, and fetches those that follow meanwhile.
func getAhead(ctx context.Context, s store.Reader, keys iter.Seq2[string, error]) iter.Seq2[fetched, error] {
	return func(yield func(fetched, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		var gets sync.WaitGroup
		defer gets.Wait()
		defer stop()
		next, end := iter.Pull2(keys)
		defer end()
		var coming []chan fetched
		var failed error // of the keys; those before it come first
		for more := true; more || len(coming) > 0; {
			if more && len(coming) < inspectAhead {
				var key string
				if key, failed, more = next(); !more || failed != nil {
					more = false
					continue
				}
				one := make(chan fetched, 1)
				coming = append(coming, one)
				gets.Go(func() {
					data, err := s.Get(ctx, key, nil)
					one <- fetched{key, data, err}
				})
				continue
			}
			if !yield(<-coming[0], nil) {
				return
			}
			coming = coming[1:]
		}
		if failed != nil {
			yield(fetched{}, failed)
		}
	}
}

// inspect looks at the bytes of a model, or at why they could not be read.
func inspect(path string, data []byte, err error) Inspection {
	found := Inspection{Path: path}
	if err == nil {
		found.Info, err = sklearn.Inspect(data)
	}
	if err != nil {
		found.Error = err.Error()
	}
	return found
}

func readModel(path string) (data []byte, err error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("not a regular file")
	case info.Size() > store.MaxGet:
		return nil, fmt.Errorf("%d bytes; the largest model that is read has %d", info.Size(), store.MaxGet)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return io.ReadAll(io.LimitReader(file, store.MaxGet))
}
