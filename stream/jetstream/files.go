package jetstream

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// files is the folder in which the server writes a stream: 1.blk, 2.blk and so on.
// The server syncs the files, and files the folder.
type files struct {
	dir   string
	block int // the newest that is known to be in the folder durably
}

// openFiles syncs the folder of the stream and all above it up to dir's parent.
func openFiles(dir string) (*files, error) {
	top, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("looking for its folder: %w", err)
	}
	f := &files{dir: filepath.Join(top, "jetstream", "$G", "streams", streamName, "msgs")}
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, fmt.Errorf("looking for its files: %w", err)
	}
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".blk"); ok {
			if n, err := strconv.Atoi(name); err == nil {
				f.block = max(f.block, n)
			}
		}
	}
	for folder := f.dir; ; folder = filepath.Dir(folder) {
		if err := syncPath(folder); err != nil {
			return nil, err
		}
		if len(folder) < len(top) || folder == filepath.Dir(folder) {
			return f, nil
		}
	}
}

// sync syncs the folder if a file was begun.
func (f *files) sync() error {
	began := false
	for {
		_, err := os.Lstat(filepath.Join(f.dir, strconv.Itoa(f.block+1)+".blk"))
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return fmt.Errorf("looking for the stream's files: %w", err)
		}
		f.block++
		began = true
	}
	if !began {
		return nil
	}
	return syncPath(f.dir)
}

// syncAll syncs all files, and the folder.
func (f *files) syncAll() error {
	names, err := filepath.Glob(filepath.Join(f.dir, "*.blk"))
	if err != nil {
		return fmt.Errorf("looking for the stream's files: %w", err)
	}
	for _, name := range append(names, f.dir) {
		if err := syncPath(name); err != nil {
			return err
		}
	}
	return nil
}

// free is how many bytes its disk has left.
func (f *files) free() (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(f.dir, &s); err != nil {
		return 0, fmt.Errorf("asking how full the disk of %s is: %w", f.dir, err)
	}
	return int64(s.Bavail) * int64(s.Bsize), nil //nolint:unconvert // on darwin they are other types
}

// syncPath syncs a file or a folder.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("syncing: %w", err)
	}
	err = f.Sync()
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("syncing %s: %w", path, err)
	}
	return nil
}
