package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/fleetscore/fleetscore/store"
)

func check(ctx context.Context, key string) error {
	if err := store.CheckKey(key); err != nil {
		return err
	}
	return ctx.Err()
}

// readError says that doing something to the object key failed with err.
func (s *Store) readError(doing, key string, err error) error {
	if !errors.Is(err, store.ErrNotFound) && absent(err) {
		err = fmt.Errorf("%w in %s", store.ErrNotFound, s.dir)
	}
	return s.keyError(doing, key, err)
}

// keyError is readError where what is missing is more than the object.
func (s *Store) keyError(doing, key string, err error) error {
	if store.CheckKey(key) != nil {
		return fmt.Errorf("%s: %w", doing, err) // which has the key, quoted
	}
	return fmt.Errorf("%s %s: %w", doing, key, s.explain(err))
}

// absent reports whether err says that there is no such file, or that one of its
// folders is not a folder.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// bodyError is what went wrong in the caller's body, not in the store.
type bodyError struct{ err error }

func (e bodyError) Error() string { return "reading its body: " + e.err.Error() }
func (e bodyError) Unwrap() error { return e.err }

// explain adds what to do to an error of the file system.
func (s *Store) explain(err error) error {
	var body bodyError
	if errors.As(err, &body) {
		return err
	}
	plain := bare(err)
	switch {
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrInvalidKey):
		return err
	case s.escapes(err):
		return fmt.Errorf("%w: a link in it leads out of %s: put the file itself there, or open the folder that the link leads to", store.ErrNoObject, s.dir)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: free some space below %s", plain, s.dir)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: mount %s for writing, or choose another folder", plain, s.dir)
	case errors.Is(err, syscall.ENAMETOOLONG):
		return fmt.Errorf("%w: %w for the file system of %s: shorten it", store.ErrInvalidKey, plain, s.dir)
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return fmt.Errorf("%w: raise the limit (ulimit -n) or do less at a time", plain)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: was the folder %s removed while it is in use?", plain, s.dir)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: give user %d access below %s", plain, os.Getuid(), s.dir)
	}
	return plain
}

// escapes reports whether err is what os.Root says to a path that leads out. It
// has no name, so one is provoked.
func (s *Store) escapes(err error) bool {
	root := s.root.Load()
	if root == nil {
		return false
	}
	_, out := root.Lstat("..")
	return out != nil && !errors.Is(out, fs.ErrClosed) && errors.Is(err, bare(out))
}

// bare is err without the call and the path of a file error, which are the
// store's own affair.
func bare(err error) error {
	switch e := err.(type) {
	case *fs.PathError:
		return e.Err
	case *os.LinkError:
		return e.Err
	}
	return err
}
