package jetstream

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// ErrLocked is that another process has the log open.
var ErrLocked = errors.New("another process has it open")

// lock is an exclusive lock on a folder, which the system releases when its process ends.
type lock struct{ file *os.File }

// acquire makes the folder if it is missing, and takes its lock at once or not at all.
func acquire(dir string) (*lock, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making its folder: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("making its lock: %w", err)
	}
	for {
		err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case err == nil:
			return &lock{file}, nil
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EWOULDBLOCK):
			err = fmt.Errorf("%w; stop it, or give each its own data", ErrLocked)
		default:
			err = fmt.Errorf("locking %s, which the file system may not be able to: %w", file.Name(), err)
		}
		return nil, errors.Join(err, file.Close())
	}
}

// Release gives the lock up.
func (l *lock) Release() error { return l.file.Close() }
