package filestore

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"golang.org/x/sync/errgroup"
)

// settle makes durable what was renamed or linked in the folders, and the
// folders themselves.
//
// A folder is durable when its entry in the one above is synced, and so on up
// to the folder that holds the store. That it exists proves nothing: another
// goroutine or process may have made it a moment ago and not have synced it
// yet. So each process syncs the chain once for each folder that it writes to,
// and remembers it.
func (s *Store) settle(folders ...string) error {
	for _, err := range s.settleAll(folders) {
		if err != nil {
			return err
		}
	}
	return nil
}

// settleAll is settle with an error for each folder.
func (s *Store) settleAll(folders []string) []error {
	chains := make([][]string, len(folders))
	failed := map[string]error{} // by folder to sync
	for i, folder := range folders {
		chains[i] = s.chain(folder)
		for _, name := range chains[i] {
			failed[name] = nil
		}
	}
	s.syncFolders(failed)

	errs := make([]error, len(folders))
	for i, chain := range chains {
		for _, name := range chain {
			errs[i] = cmp.Or(errs[i], failed[name])
		}
		if errs[i] == nil {
			s.remember(folders[i])
		}
	}
	return errs
}

// above is the folder that holds the store's.
const above = ".."

// chain is folder and those above it whose entries must be synced with it.
func (s *Store) chain(folder string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	chain := []string{folder}
	for folder != above {
		if _, ok := s.durable[folder]; ok {
			break
		}
		folder = parent(folder)
		chain = append(chain, folder)
	}
	return chain
}

func parent(folder string) string {
	if folder == "." {
		return above
	}
	return path.Dir(folder)
}

// mostDurable bounds the memory that remembering folders takes; past it, the
// chains are synced once more.
const mostDurable = 1 << 16

// remember notes that folder and all above it are durable.
func (s *Store) remember(folder string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.durable) >= mostDurable {
		clear(s.durable)
	}
	for ; folder != above; folder = parent(folder) {
		s.durable[folder] = struct{}{}
	}
}

// forget is for a folder that turned out to be missing: it and those above it
// that are missing too are no longer durable.
func (s *Store) forget(root *os.Root, folder string) {
	for ; folder != "."; folder = parent(folder) {
		if _, err := root.Stat(folder); err == nil {
			return
		}
		s.mu.Lock()
		delete(s.durable, folder)
		s.mu.Unlock()
	}
}

// syncFolders syncs each key of folders and sets its value to the error.
func (s *Store) syncFolders(folders map[string]error) {
	names := make([]string, 0, len(folders))
	for name := range folders {
		names = append(names, name)
	}
	errs := make([]error, len(names))
	var syncs errgroup.Group
	syncs.SetLimit(s.parallel)
	for i, name := range names {
		syncs.Go(func() error {
			errs[i] = s.openAndSync(name)
			return nil
		})
	}
	_ = syncs.Wait() // every error is in errs
	for i, name := range names {
		folders[name] = errs[i]
	}
}

func (s *Store) openAndSync(name string) error {
	if name == above {
		err := s.syncOutside(filepath.Dir(s.dir))
		if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
			return nil // nobody like us can have made the entry a moment ago
		}
		return err
	}
	root, err := s.existing()
	if err != nil {
		return err
	}
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	return s.syncFolder(f, name)
}

// syncOutside syncs a folder that is not in the store.
func (s *Store) syncOutside(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return s.syncFolder(f, dir)
}

// syncFolder syncs and closes an open folder.
func (s *Store) syncFolder(f *os.File, name string) error {
	defer f.Close()
	err := s.do("sync folder", name, f.Sync)
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil // this file system (SMB, some of FUSE) has nothing to sync in a folder
	}
	return err
}
