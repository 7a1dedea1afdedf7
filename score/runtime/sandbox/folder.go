package sandbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Folder is a folder for what programs read and write, which does not outlive this process
// for long: whoever makes the next one there removes those whose makers are gone.
type Folder struct {
	Path string
	held *os.File // locked, which the kernel undoes however we end
}

// folderPrefix is how their names begin.
const folderPrefix = "fleetscore-scratch-"

// NewFolder makes a folder in parent; empty: where temporary files are.
func NewFolder(parent string) (*Folder, error) {
	if parent == "" {
		parent = os.TempDir()
	}
	sweepFolders(parent)
	for {
		path, err := os.MkdirTemp(parent, folderPrefix)
		if err != nil {
			return nil, fmt.Errorf("making a folder for programs: %w", err)
		}
		held, err := hold(path)
		if err == nil {
			return &Folder{path, held}, nil
		}
		// Another has taken it for one that was left, before it was locked.
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, os.ErrNotExist) {
			return nil, errors.Join(fmt.Errorf("locking a folder for programs: %w", err), os.RemoveAll(path))
		}
	}
}

// Remove removes it, and all that is in it.
func (f *Folder) Remove() error {
	return errors.Join(os.RemoveAll(f.Path), f.held.Close())
}

// hold locks a folder, if nobody else has and it is still there.
func hold(path string) (*os.File, error) {
	held, err := os.OpenFile(path, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	if err = syscall.Flock(int(held.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
		_, err = os.Lstat(path)
	}
	if err != nil {
		return nil, errors.Join(err, held.Close())
	}
	return held, nil
}

// sweepFolders removes those whose makers are gone. What is not ours to remove stays.
func sweepFolders(parent string) {
	entries, _ := os.ReadDir(parent) // where it cannot be read, making one says why
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), folderPrefix) {
			continue
		}
		path := filepath.Join(parent, entry.Name())
		if held, err := hold(path); err == nil {
			_ = os.RemoveAll(path)
			_ = held.Close()
		}
	}
}
