package filestore

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/fleetscore/fleetscore/store"
)

const (
	fileMode   = 0o644
	folderMode = 0o755
)

// Options are how a store works. The zero Options are right for most disks.
type Options struct {
	// Parallel is how many files PutAll writes and syncs at a time; 0 is 32.
	// More pays where each sync waits long: network disks, NFS.
	Parallel int
}

// Store is a store in a folder. Any number of goroutines may use it, and any
// number of processes the same folder.
type Store struct {
	dir      string // absolute
	parallel int
	root     atomic.Pointer[os.Root] // nil until the folder has been opened
	direct   *direct                 // set before root

	mu      sync.Mutex // for opening and what follows
	closed  bool
	durable map[string]struct{} // see settle

	// watch is told of each step of a write before it is taken, and may fail
	// it. It is nil but in tests.
	watch func(step, name string) error
}

var (
	_ store.Store       = (*Store)(nil)
	_ store.BatchWriter = (*Store)(nil)
	_ store.KeyLister   = (*Store)(nil)
)

// Open returns the store in the folder dir. A folder that is missing is made by
// the first write, with those above it.
func Open(dir string, opt Options) (*Store, error) {
	switch {
	case dir == "":
		return nil, errors.New("opening a store: the folder's name is empty")
	case opt.Parallel < 0:
		return nil, fmt.Errorf("opening the store %s: Parallel is %d, it must not be negative", dir, opt.Parallel)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the store %s: %w", dir, err)
	}
	switch info, err := os.Stat(abs); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("opening the store %s: %w", dir, bare(err))
	case !info.IsDir():
		return nil, fmt.Errorf("opening the store %s: it is a file, not a folder", dir)
	}
	return &Store{
		dir:      abs,
		parallel: cmp.Or(opt.Parallel, 32),
		durable:  map[string]struct{}{},
	}, nil
}

// Close lets go of the folder. Afterwards every call fails.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if root := s.root.Load(); root != nil {
		s.direct.close()
		return root.Close()
	}
	return nil
}

// Dir is the absolute path of the store's folder.
func (s *Store) Dir() string { return s.dir }

// existing returns the store's folder, or an error that wraps store.ErrNotFound
// if it does not exist.
func (s *Store) existing() (*os.Root, error) {
	if root := s.root.Load(); root != nil {
		return root, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.openRoot()
}

// made returns the store's folder, and makes it if it does not exist.
func (s *Store) made() (*os.Root, error) {
	root, err := s.existing()
	if !errors.Is(err, store.ErrNotFound) {
		return root, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.makeRoot(); err != nil {
		return nil, err
	}
	return s.openRoot()
}

// openRoot needs mu.
func (s *Store) openRoot() (*os.Root, error) {
	if root := s.root.Load(); root != nil {
		return root, nil
	}
	if s.closed {
		return nil, fmt.Errorf("the store %s: %w", s.dir, fs.ErrClosed)
	}
	// Opening something else than a folder could block.
	switch info, err := os.Stat(s.dir); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: the folder %s does not exist", store.ErrNotFound, s.dir)
	case err != nil:
		return nil, fmt.Errorf("opening the folder %s: %w", s.dir, bare(err))
	case !info.IsDir():
		return nil, fmt.Errorf("%s is not a folder", s.dir)
	}
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		return nil, fmt.Errorf("opening the folder %s: %w", s.dir, bare(err))
	}
	s.direct = openDirect(root)
	s.root.Store(root)
	return root, nil
}

// makeRoot makes the store's folder and those above it, and syncs them all but
// the last, whose entry settle will sync.
func (s *Store) makeRoot() error {
	var missing []string
	for dir := filepath.Dir(s.dir); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			break
		}
		missing = append(missing, dir)
	}
	err := s.do("make folder", s.dir, func() error { return os.MkdirAll(s.dir, folderMode) })
	for _, dir := range missing {
		if err == nil {
			err = s.syncOutside(filepath.Dir(dir))
		}
	}
	if err != nil {
		return fmt.Errorf("making the folder %s: %w", s.dir, bare(err))
	}
	return nil
}

// do takes one step of a write.
func (s *Store) do(step, name string, take func() error) error {
	if s.watch != nil {
		if err := s.watch(step, name); err != nil {
			return err
		}
	}
	return take()
}
