package filestore

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"syscall"

	"github.com/fleetscore/fleetscore/store"
)

// Get implements store.Reader.
func (s *Store) Get(ctx context.Context, key string, buf []byte) ([]byte, error) {
	if check(ctx, key) == nil && s.root.Load() != nil {
		if data, ok := s.direct.get(key, buf); ok {
			return data, nil
		}
	}
	f, info, err := s.open(ctx, key)
	if err != nil {
		return nil, s.readError("getting", key, err)
	}
	defer f.Close()
	size := info.Size()
	if size > store.MaxGet {
		return nil, fmt.Errorf("getting %s: it is %d bytes, %w, the most is %d; stream it or remove it", key, size, store.ErrTooLarge, store.MaxGet)
	}
	buf = slices.Grow(buf[:0], int(size))[:size]
	if n, err := io.ReadFull(source{ctx, f}, buf); err != nil {
		return nil, s.readError("getting", key, cut(err, int64(n), size))
	}
	return buf, nil
}

// GetRange implements store.Reader.
func (s *Store) GetRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	f, info, err := s.open(ctx, key)
	if err != nil {
		return nil, s.readError("getting", key, err)
	}
	size := info.Size()
	if offset < 0 || offset > size {
		f.Close()
		return nil, fmt.Errorf("getting %s: %w: offset %d of %d bytes", key, store.ErrRange, offset, size)
	}
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		f.Close()
		return nil, s.readError("getting", key, err)
	}
	if length < 0 || length > size-offset {
		length = size - offset
	}
	return &section{s: s, key: key, file: f, info: info, from: source{ctx, f}, length: length}, nil
}

// Stat implements store.Reader.
func (s *Store) Stat(ctx context.Context, key string) (store.Info, error) {
	info, err := s.stat(ctx, key)
	if err != nil {
		return store.Info{}, s.readError("looking up", key, err)
	}
	return store.Info{Key: key, Size: info.Size(), ModTime: info.ModTime()}, nil
}

func (s *Store) stat(ctx context.Context, key string) (fs.FileInfo, error) {
	if err := check(ctx, key); err != nil {
		return nil, err
	}
	root, err := s.existing()
	if err != nil {
		return nil, err
	}
	info, err := root.Stat(key)
	if err != nil {
		return nil, err
	}
	return info, regular(info)
}

// open opens the object and makes sure that it is one.
func (s *Store) open(ctx context.Context, key string) (*os.File, fs.FileInfo, error) {
	if err := check(ctx, key); err != nil {
		return nil, nil, err
	}
	root, err := s.existing()
	if err != nil {
		return nil, nil, err
	}
	// Without O_NONBLOCK a pipe would wait for a writer, without O_NOCTTY a
	// terminal could become ours; a regular file does not care.
	f, err := root.OpenFile(key, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = regular(info)
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// regular says why a file cannot be an object.
func regular(info fs.FileInfo) error {
	switch {
	case info.Mode().IsRegular():
		return nil
	case info.IsDir():
		return fmt.Errorf("%w: it is a folder", store.ErrNotFound)
	}
	return fmt.Errorf("%w: it is neither a file nor a folder but %s; remove it", store.ErrNoObject, info.Mode().Type())
}

// source is a reader that fails once ctx has ended.
type source struct {
	ctx context.Context
	r   io.Reader
}

// atOnce is how much is read between two looks at the context.
const atOnce = 1 << 20

func (s source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p[:min(len(p), atOnce)])
}

// section is a part of an object.
type section struct {
	s            *Store
	key          string
	file         *os.File
	info         fs.FileInfo // when it was opened
	from         source
	done, length int64
}

func (r *section) Read(p []byte) (int, error) {
	left := r.length - r.done
	if left == 0 {
		return 0, io.EOF
	}
	n, err := r.from.Read(p[:min(int64(len(p)), left)])
	r.done += int64(n)
	if err == nil && r.done == r.length {
		err = unchanged(r.file, r.info)
	}
	if err != nil {
		err = r.s.readError("getting", r.key, cut(err, r.done, r.length))
	}
	return n, err
}

func (r *section) Close() error { return r.file.Close() }

// unchanged fails if a file was written to since info was asked for. One that is
// replaced or deleted is still the same file.
func unchanged(f *os.File, info fs.FileInfo) error {
	now, err := f.Stat()
	if err == nil && (now.Size() != info.Size() || !now.ModTime().Equal(info.ModTime())) {
		err = store.ErrChanged
	}
	return err
}

// cut explains an end that came too early.
func cut(err error, done, size int64) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("%w: it was cut to %d of %d bytes: %w", store.ErrChanged, done, size, io.ErrUnexpectedEOF)
	}
	return err
}
