package filestore

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/fleetscore/fleetscore/store"
)

// Open implements store.Opener. A file that is replaced or deleted can still be
// read; one that is changed in place cannot.
func (s *Store) Open(ctx context.Context, key string) (store.File, error) {
	f, info, err := s.open(ctx, key)
	if err != nil {
		return nil, s.readError("opening", key, err)
	}
	return newFile(ctx, key, f, info), nil
}

// OpenFile is Open for a file that is in no store. The key of its Info is the path.
func OpenFile(ctx context.Context, path string) (store.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = regular(info)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	return newFile(ctx, path, f, info), nil
}

func newFile(ctx context.Context, key string, f *os.File, info fs.FileInfo) *file {
	return &file{ctx: ctx, file: f, was: info, info: store.Info{Key: key, Size: info.Size(), ModTime: info.ModTime()}}
}

type file struct {
	ctx  context.Context
	file *os.File
	was  fs.FileInfo // when it was opened
	info store.Info
}

func (f *file) Info() store.Info { return f.info }

// ReadAt looks at the size and time after it has read, so that a change is seen
// that came before or meanwhile.
func (f *file) ReadAt(p []byte, offset int64) (int, error) {
	if err := f.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := f.file.ReadAt(p, offset)
	if err != nil && err != io.EOF {
		return n, fmt.Errorf("reading %s: %w", f.info.Key, bare(err))
	}
	if err := unchanged(f.file, f.was); err != nil {
		return 0, fmt.Errorf("reading %s: %w", f.info.Key, bare(err))
	}
	return n, err
}

func (f *file) Close() error { return f.file.Close() }
