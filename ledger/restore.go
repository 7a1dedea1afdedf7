package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// Restore puts a copy in the place of the ledger in the SQLite file at path, which
// no process may have open (ErrLocked), and keeps what was there: aside is where;
// "" if there was none. Whatever crashes, there is the one or the other, whole.
func Restore(ctx context.Context, from, path string, now time.Time) (aside string, err error) {
	if _, err := Inspect(ctx, from); err != nil {
		return "", fmt.Errorf("%w; use another copy, the ledger has not changed", err)
	}
	if path, err = resolve(path); err == nil {
		aside, err = restore(ctx, from, path, now)
	}
	if err != nil {
		return aside, fmt.Errorf("putting %s in the place of the ledger %s: %w", from, path, err)
	}
	return aside, nil
}

func restore(ctx context.Context, from, path string, now time.Time) (aside string, err error) {
	lock, err := acquire(path + ".lock")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	fresh, err := copyBeside(from, path)
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(fresh) // the error that led here is told
		}
	}()
	if _, err := os.Stat(path); err == nil {
		aside = unused(path + ".before-" + now.UTC().Format("20060102T150405"))
		if err := setAside(ctx, path, aside); err != nil {
			return "", err
		}
	}
	if err := os.Rename(fresh, path); err != nil {
		return aside, err
	}
	return aside, syncFolder(filepath.Dir(path))
}

// copyBeside copies what is sealed in a file to one beside another, durably, and says
// what it is called.
func copyBeside(from, path string) (name string, err error) {
	in, err := os.Open(from)
	if err != nil {
		return "", err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+"-*") // of mode 600
	if err != nil {
		return "", err
	}
	_, err = unseal(in, out)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return "", errors.Join(err, os.Remove(out.Name()))
	}
	return out.Name(), nil
}

// unused is a name, with a number if others are there already.
func unused(name string) string {
	for free, n := name, 2; ; n++ {
		if _, err := os.Lstat(free); err != nil {
			return free
		}
		free = fmt.Sprintf("%s-%d", name, n)
	}
}

// setAside gives a ledger a second name, with all that belongs to it. Its log must not
// stay where it is: SQLite would play it into the file that comes in its place.
func setAside(ctx context.Context, path, aside string) error {
	if db, err := connect(path, url.Values{"_pragma": always()}); err == nil {
		_, _ = db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)") // what is damaged is kept as it is
		_ = db.Close()
	}
	for _, end := range []string{"-wal", "-shm"} {
		if err := os.Rename(path+end, aside+end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Link(path, aside); err != nil {
		return fmt.Errorf("keeping what was there: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}
