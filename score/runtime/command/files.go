package command

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fleetscore/fleetscore/score/runtime"
	"github.com/fleetscore/fleetscore/store"
)

// Files are where the files of a job are; store.Store has it.
type Files interface {
	Get(ctx context.Context, key string, buf []byte) ([]byte, error)
	List(ctx context.Context, prefix string) iter.Seq2[store.Info, error]
}

// What a folder of files may hold: a script and its tables, not a data set.
const (
	maxFiles     = 1000
	maxFileBytes = 256 << 20
)

// Digest is the SHA-256 of the names and contents of all that is in a folder of the store.
func Digest(ctx context.Context, from Files, folder string) (string, error) {
	return copyFiles(ctx, from, folder, func(string, []byte) error { return nil })
}

// fetch copies a folder of the store into a folder of this machine, and looks whether it is what its digest says.
func fetch(ctx context.Context, from Files, folder, digest, under string) (string, error) {
	dir := filepath.Join(under, "files")
	found, err := copyFiles(ctx, from, folder, func(name string, data []byte) error {
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil { // the program may be run by another user
			return err
		}
		return os.WriteFile(to, data, 0o755) // or run by itself
	})
	if err == nil && digest != "" && found != digest {
		err = fmt.Errorf("%wthe files of %s have changed since the run was planned (SHA-256 %s, not %s); run it again", runtime.ErrFinal, folder, found, digest)
	}
	return dir, err
}

// copyFiles calls each for every file of a folder, in order, and gives the digest of them all.
func copyFiles(ctx context.Context, from Files, folder string, each func(name string, data []byte) error) (string, error) {
	folder = strings.TrimSuffix(folder, "/") + "/"
	var keys []string
	for info, err := range from.List(ctx, folder) {
		if err != nil {
			return "", fmt.Errorf("listing the files of %s: %w", folder, err)
		}
		if keys = append(keys, info.Key); len(keys) > maxFiles {
			return "", fmt.Errorf("the folder %s has more than %d files", folder, maxFiles)
		}
	}
	if len(keys) == 0 {
		return "", fmt.Errorf("there are no files in %s of the store; put the program there: %w", folder, store.ErrNotFound)
	}
	slices.Sort(keys)
	sum, size := sha256.New(), 0
	for _, key := range keys {
		name := strings.TrimPrefix(key, folder)
		if !filepath.IsLocal(name) || path.Clean(name) != name {
			return "", fmt.Errorf("the key %q in the folder %s is no name of a file", key, folder)
		}
		data, err := from.Get(ctx, key, nil)
		if err != nil {
			return "", fmt.Errorf("reading %s: %w", key, err)
		}
		if size += len(data); size > maxFileBytes {
			return "", fmt.Errorf("the folder %s has more than %d MiB", folder, maxFileBytes>>20)
		}
		one := sha256.Sum256(data)
		_, _ = io.WriteString(sum, hex.EncodeToString(one[:])+"  "+name+"\n") // a hash takes all
		if err := each(name, data); err != nil {
			return "", fmt.Errorf("copying %s: %w", key, err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
