package filestore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/fleetscore/fleetscore/store"
)

// Put implements store.Writer.
func (s *Store) Put(ctx context.Context, key string, body io.Reader) error {
	err := s.put(ctx, key, copyFrom(ctx, body), s.replace)
	if err == nil {
		err = s.settle(path.Dir(key))
	}
	if err != nil {
		return s.keyError("putting", key, err)
	}
	return nil
}

// PutIfAbsent implements store.Writer.
func (s *Store) PutIfAbsent(ctx context.Context, key string, body io.Reader) error {
	err := s.occupied(ctx, key)
	if err == nil {
		err = s.put(ctx, key, copyFrom(ctx, body), s.claim)
	}
	// Whoever is told that the object exists will rely on it, as its writer
	// does; and that one may not have synced it yet.
	if err == nil || err == store.ErrExists {
		err = cmp.Or(s.settle(path.Dir(key)), err)
	}
	if err != nil {
		return s.keyError("putting", key, err)
	}
	return nil
}

// Delete implements store.Writer.
func (s *Store) Delete(ctx context.Context, key string) error {
	err := check(ctx, key)
	if err == nil {
		err = s.remove(key)
	}
	if err != nil && !absent(err) && !errors.Is(err, store.ErrNotFound) {
		return s.keyError("deleting", key, err)
	}
	return nil
}

func (s *Store) remove(key string) error {
	root, err := s.existing()
	if err != nil {
		return err
	}
	// An empty folder would be removed, and is no object.
	info, err := root.Lstat(key)
	if err != nil || info.IsDir() {
		return err
	}
	return root.Remove(key)
}

// occupied returns store.ErrExists if there is an object, which spares the work
// of writing a second one.
func (s *Store) occupied(ctx context.Context, key string) error {
	if err := check(ctx, key); err != nil {
		return err
	}
	root, _ := s.existing()
	if root == nil {
		return nil // put will make it, or say why not
	}
	if info, err := root.Lstat(key); err == nil && !info.IsDir() {
		return store.ErrExists
	}
	return nil
}

// put writes a file and gives it its name with install. Its folder is not yet
// synced.
func (s *Store) put(ctx context.Context, key string, write func(*os.File) error, install func(root *os.Root, temp, key string) error) error {
	if err := check(ctx, key); err != nil {
		return err
	}
	root, err := s.made()
	if err != nil {
		return err
	}
	f, temp, err := s.createTemp(root, path.Dir(key))
	if err != nil {
		return clash(root, key, err)
	}
	// Whatever happens from here, the temporary file goes: renamed or removed.
	// What cannot be removed now is left to Sweep.
	defer func() { _ = root.Remove(temp) }()
	if err := s.fill(f, temp, write); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return clash(root, key, install(root, temp, key))
}

// fill writes, syncs and closes the file.
func (s *Store) fill(f *os.File, name string, write func(*os.File) error) error {
	err := s.do("write", name, func() error { return write(f) })
	if err == nil {
		err = s.do("sync", name, f.Sync)
	}
	// Some file systems report only at the end that the quota is used up.
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}

// replace puts temp in place of whatever object key has.
func (s *Store) replace(root *os.Root, temp, key string) error {
	return s.do("rename", key, func() error { return root.Rename(temp, key) })
}

// claim gives temp the name key, or returns store.ErrExists if another file has
// it.
func (s *Store) claim(root *os.Root, temp, key string) error {
	err := s.do("link", key, func() error { return root.Link(temp, key) })
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, fs.ErrExist):
		// There are too many ways to say that there are no links here. If that
		// is not why it failed, the next attempt fails as well.
		return s.claimEmpty(root, temp, key)
	case sameFile(root, temp, key):
		return nil // NFS: the answer was lost, and the repeated call met its own link
	}
	return store.ErrExists
}

// claimEmpty is claim where there are no hard links: only one caller can make
// the file, and only that one then replaces it.
func (s *Store) claimEmpty(root *os.Root, temp, key string) error {
	f, err := root.OpenFile(key, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if errors.Is(err, fs.ErrExist) {
		return store.ErrExists
	}
	if err != nil {
		return err
	}
	err = f.Close()
	if err == nil {
		err = s.replace(root, temp, key)
	}
	if err != nil {
		_ = root.Remove(key) // it is ours, and empty
	}
	return err
}

func sameFile(root *os.Root, a, b string) bool {
	infoA, errA := root.Lstat(a)
	infoB, errB := root.Lstat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// clash replaces err by store.ErrInvalidKey if the reason is that an object is
// where a folder has to be, or the other way round.
func clash(root *os.Root, key string, err error) error {
	taken := errors.Is(err, fs.ErrExist)
	if taken || err == store.ErrExists || errors.Is(err, syscall.EISDIR) {
		if info, err := root.Lstat(key); err == nil && info.IsDir() {
			return fmt.Errorf("%w: there is a folder of that name", store.ErrInvalidKey)
		}
	}
	if taken || errors.Is(err, syscall.ENOTDIR) {
		return fmt.Errorf("%w: %s is not a folder", store.ErrInvalidKey, path.Dir(key))
	}
	return err
}

// copyFrom returns what writes all of body to a file.
func copyFrom(ctx context.Context, body io.Reader) func(*os.File) error {
	return func(f *os.File) error {
		_, err := io.Copy(&eagerFile{file: f}, bodyReader{source{ctx, body}})
		return err
	}
}

// bodyReader marks the errors of a body, so that nobody looks for them in the
// file system.
type bodyReader struct{ source }

func (b bodyReader) Read(p []byte) (int, error) {
	n, err := b.source.Read(p)
	if err != nil && err != io.EOF {
		err = bodyError{err}
	}
	return n, err
}

const (
	tempPrefix = ".fleetscore-"
	tempSuffix = ".tmp"
)

func isTemp(name string) bool {
	return strings.HasPrefix(name, tempPrefix) && strings.HasSuffix(name, tempSuffix)
}

// createTemp makes a temporary file in folder, and the folder if need be.
func (s *Store) createTemp(root *os.Root, folder string) (f *os.File, name string, err error) {
	const tries = 4 // in case someone removes the folder as soon as it is made
	for range tries {
		name = path.Join(folder, fmt.Sprintf("%s%016x%s", tempPrefix, rand.Uint64(), tempSuffix))
		err = s.do("create", name, func() (err error) {
			f, err = root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
			return err
		})
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
		s.forget(root, folder)
		err := s.do("make folder", folder, func() error { return root.MkdirAll(folder, folderMode) })
		if err != nil {
			return nil, "", err
		}
	}
	return f, name, err
}
