package memstore

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/store"
)

// Store is a store in memory. Any number of goroutines may use it.
type Store struct {
	mu      sync.RWMutex
	objects map[string]object
	folders map[string]int // how many objects are below each folder
}

// object never changes once it is stored, so that readers need no lock.
type object struct {
	body    []byte
	modTime time.Time
}

var _ store.Store = (*Store)(nil)

// New returns an empty store.
func New() *Store {
	return &Store{objects: map[string]object{}, folders: map[string]int{}}
}

// Get implements store.Reader.
func (s *Store) Get(ctx context.Context, key string, buf []byte) ([]byte, error) {
	o, err := s.object(ctx, "getting", key)
	if err != nil {
		return nil, err
	}
	if len(o.body) > store.MaxGet {
		return nil, fmt.Errorf("getting %s: %d bytes are %w", key, len(o.body), store.ErrTooLarge)
	}
	return append(buf[:0], o.body...), nil
}

// GetRange implements store.Reader.
func (s *Store) GetRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	o, err := s.object(ctx, "getting", key)
	if err != nil {
		return nil, err
	}
	size := int64(len(o.body))
	if offset < 0 || offset > size {
		return nil, fmt.Errorf("getting %s: %w: offset %d of %d bytes", key, store.ErrRange, offset, size)
	}
	if left := size - offset; length < 0 || length > left {
		length = left
	}
	return io.NopCloser(reader{ctx, bytes.NewReader(o.body[offset:][:length])}), nil
}

// Stat implements store.Reader.
func (s *Store) Stat(ctx context.Context, key string) (store.Info, error) {
	o, err := s.object(ctx, "looking up", key)
	if err != nil {
		return store.Info{}, err
	}
	return store.Info{Key: key, Size: int64(len(o.body)), ModTime: o.modTime}, nil
}

// Put implements store.Writer.
func (s *Store) Put(ctx context.Context, key string, body io.Reader) error {
	return s.put(ctx, key, body, false)
}

// PutIfAbsent implements store.Writer.
func (s *Store) PutIfAbsent(ctx context.Context, key string, body io.Reader) error {
	return s.put(ctx, key, body, true)
}

// Delete implements store.Writer.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := check(ctx, "deleting", key); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.objects[key]; !ok {
		return nil
	}
	delete(s.objects, key)
	for folder := range foldersOf(key) {
		if s.folders[folder]--; s.folders[folder] == 0 {
			delete(s.folders, folder)
		}
	}
	return nil
}

// List implements store.Lister. It shows the store as it was when the loop
// started.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[store.Info, error] {
	return func(yield func(store.Info, error) bool) {
		if err := store.CheckPrefix(prefix); err != nil {
			yield(store.Info{}, fmt.Errorf("listing: %w", err))
			return
		}
		for _, info := range s.snapshot(prefix) {
			if err := ctx.Err(); err != nil {
				yield(store.Info{}, fmt.Errorf("listing %q: %w", prefix, err))
				return
			}
			if !yield(info, nil) {
				return
			}
		}
	}
}

func (s *Store) snapshot(prefix string) []store.Info {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var infos []store.Info
	for key, o := range s.objects {
		if strings.HasPrefix(key, prefix) {
			infos = append(infos, store.Info{Key: key, Size: int64(len(o.body)), ModTime: o.modTime})
		}
	}
	slices.SortFunc(infos, func(a, b store.Info) int { return strings.Compare(a.Key, b.Key) })
	return infos
}

func (s *Store) object(ctx context.Context, doing, key string) (object, error) {
	if err := check(ctx, doing, key); err != nil {
		return object{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	o, ok := s.objects[key]
	if !ok {
		return object{}, fmt.Errorf("%s %s: %w", doing, key, store.ErrNotFound)
	}
	return o, nil
}

func (s *Store) put(ctx context.Context, key string, body io.Reader, absent bool) error {
	if err := check(ctx, "putting", key); err != nil {
		return err
	}
	all, err := io.ReadAll(reader{ctx, body})
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("putting %s: reading its body: %w", key, err)
	}
	if err := s.insert(key, object{all, time.Now()}, absent); err != nil {
		return fmt.Errorf("putting %s: %w", key, err)
	}
	return nil
}

func (s *Store) insert(key string, o object, absent bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.objects[key]; ok {
		if absent {
			return store.ErrExists
		}
		s.objects[key] = o
		return nil
	}
	if s.folders[key] > 0 {
		return fmt.Errorf("%w: it is a folder of other keys", store.ErrInvalidKey)
	}
	for folder := range foldersOf(key) {
		if _, ok := s.objects[folder]; ok {
			return fmt.Errorf("%w: %q is an object and cannot be a folder too", store.ErrInvalidKey, folder)
		}
	}
	for folder := range foldersOf(key) {
		s.folders[folder]++
	}
	s.objects[key] = o
	return nil
}

// foldersOf yields "a" and "a/b" for "a/b/c".
func foldersOf(key string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range len(key) {
			if key[i] == '/' && !yield(key[:i]) {
				return
			}
		}
	}
}

func check(ctx context.Context, doing, key string) error {
	if err := store.CheckKey(key); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s %s: %w", doing, key, err)
	}
	return nil
}

// reader is a reader that fails once ctx has ended.
type reader struct {
	ctx context.Context
	io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
