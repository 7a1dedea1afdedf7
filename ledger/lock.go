package ledger

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// lock is an exclusive lock on a file, which the system releases when its process
// ends. The file says whose it is, and stays when it is released: to remove it
// would let two processes lock two files of one name.
type lock struct {
	file *os.File
	once sync.Once
}

// acquire takes the lock at once, or returns an ErrLocked that names its holder.
func acquire(path string) (*lock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("making its lock: %w", err)
	}
	err = flock(file)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = &LockedError{readHolder(file).String(), "stop it, or give each its own data"}
	} else if err == nil {
		err = writeHolder(file, self())
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &lock{file: file}, nil
}

func flock(file *os.File) error {
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil || errors.Is(err, unix.EWOULDBLOCK) {
			return err
		}
		if !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("locking %s, which the file system may not be able to: %w", file.Name(), err)
		}
	}
}

// Release gives the lock up.
func (l *lock) Release() (err error) {
	l.once.Do(func() { err = errors.Join(l.file.Truncate(0), l.file.Close()) })
	return err
}

// Holder says which process has the ledger in the SQLite file at path open, by what its
// lock says and whether that process lives; "" if there is none. It takes no lock,
// which would be in the way of who does.
func Holder(path string) (string, error) {
	file, err := os.Open(path + ".lock")
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer file.Close()
	h := readHolder(file)
	if host, err := os.Hostname(); h.pid == 0 || err == nil && h.host == host && errors.Is(unix.Kill(h.pid, 0), unix.ESRCH) {
		return "", nil
	}
	return h.String(), nil
}

func writeHolder(file *os.File, h holder) error {
	if err := file.Truncate(0); err != nil {
		return fmt.Errorf("writing its lock: %w", err)
	}
	if _, err := file.WriteAt([]byte(h.text()), 0); err != nil {
		return fmt.Errorf("writing its lock: %w", err)
	}
	return nil
}

func readHolder(file *os.File) holder {
	text := make([]byte, maxHolder)
	n, err := file.ReadAt(text, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return holder{}
	}
	return parseHolder(string(text[:n]))
}
