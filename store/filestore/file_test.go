package filestore

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/store"
)

// TestChanged: what is written into a file while it is read is an error; a file that takes its
// place, or its end, is not.
func TestChanged(t *testing.T) {
	const size = 3 << 20
	old := strings.Repeat("o", size)
	for name, test := range map[string]struct {
		change func(path string) error
		want   error
	}{
		"longer": {func(path string) error { return os.WriteFile(path, []byte(old+"n"), 0o600) }, store.ErrChanged},
		"cut":    {func(path string) error { return os.Truncate(path, size/2) }, store.ErrChanged},
		"in place": {func(path string) error {
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteAt([]byte("new"), size/2)
			later := time.Now().Add(time.Hour) // whatever the clock of the file system
			return errors.Join(err, f.Close(), os.Chtimes(path, later, later))
		}, store.ErrChanged},
		"replaced": {func(path string) error {
			return errors.Join(os.WriteFile(path+".new", []byte("new"), 0o600), os.Rename(path+".new", path))
		}, nil},
		"deleted": {os.Remove, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(t.TempDir(), Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			path := filepath.Join(s.Dir(), "a")
			if err := s.Put(t.Context(), "a", strings.NewReader(old)); err != nil {
				t.Fatal(err)
			}
			inStore, err := s.Open(t.Context(), "a")
			if err != nil {
				t.Fatal(err)
			}
			outside, err := OpenFile(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			stream, err := s.GetRange(t.Context(), "a", 0, -1)
			if err != nil {
				t.Fatal(err)
			}
			readers := map[string]io.Reader{
				"Open": io.NewSectionReader(inStore, 0, size), "OpenFile": io.NewSectionReader(outside, 0, size), "GetRange": stream,
			}
			for name, r := range readers {
				if _, err := io.ReadFull(r, make([]byte, 1000)); err != nil {
					t.Errorf("%s, before: %v", name, err)
				}
			}
			if err := test.change(path); err != nil {
				t.Fatal(err)
			}
			for name, r := range readers {
				rest, err := io.ReadAll(r)
				if !errors.Is(err, test.want) || err == nil && string(rest) != old[1000:] {
					t.Errorf("%s: %v after %d bytes, want %v", name, err, len(rest), test.want)
				}
			}
			if err := errors.Join(inStore.Close(), outside.Close(), stream.Close()); err != nil {
				t.Error(err)
			}
		})
	}
}
