package filestore

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, filepath.Join(t.TempDir(), "a", "b")) })
}

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func put(t testing.TB, s *Store, key, body string) {
	t.Helper()
	if err := s.Put(t.Context(), key, strings.NewReader(body)); err != nil {
		t.Fatal(err)
	}
}

func get(t testing.TB, s *Store, key string) string {
	t.Helper()
	body, err := s.Get(t.Context(), key, nil)
	if err != nil {
		t.Error(err)
	}
	return string(body)
}

func list(t testing.TB, s *Store, prefix string) []string {
	t.Helper()
	var keys []string
	for info, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, info.Key)
	}
	var alone []string
	for key, err := range s.Keys(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		alone = append(alone, key)
	}
	if !slices.Equal(keys, alone) {
		t.Errorf("List and Keys of %q differ:\n%q\n%q", prefix, keys, alone)
	}
	return keys
}

// write makes a file without the store, and its folders.
func write(t testing.TB, path, body string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
}

// files is every file below dir, hidden ones too.
func files(t testing.TB, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			path, err = filepath.Rel(dir, path)
			found = append(found, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return found
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/file", "x")
	if _, err := Open(dir+"/file", Options{}); err == nil || !strings.Contains(err.Error(), "it is a file, not a folder") {
		t.Errorf("Open of a file: %v", err)
	}
	if _, err := Open("", Options{}); err == nil {
		t.Error("Open of no name succeeded")
	}
	if _, err := Open(dir, Options{Parallel: -1}); err == nil {
		t.Error("Open with Parallel -1 succeeded")
	}

	t.Chdir(dir)
	s := open(t, "relative")
	t.Chdir("/")
	put(t, s, "a", "x")
	if got := files(t, dir+"/relative"); len(got) != 1 || got[0] != "a" {
		t.Errorf("after a change of the working directory the object went to %q", got)
	}
}

func TestMissingFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "typo")
	s := open(t, dir)
	var last error
	for _, last = range s.List(t.Context(), "") {
	}
	_, getErr := s.Get(t.Context(), "a", nil)
	for _, err := range []error{last, getErr} {
		if !errors.Is(err, store.ErrNotFound) || !strings.Contains(err.Error(), "the folder "+dir+" does not exist") {
			t.Errorf("a missing folder: %v", err)
		}
	}
	if n, err := s.Sweep(t.Context(), time.Now()); n != 0 || err != nil {
		t.Errorf("Sweep of a missing folder: %d, %v", n, err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading made the folder: %v", err)
	}

	// Made by somebody else, it is there at once.
	write(t, dir+"/a", "x")
	if got := get(t, s, "a"); got != "x" {
		t.Errorf("after the folder was made: %q", got)
	}
}

func TestFolderThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir+"/file/folder")
	write(t, dir+"/file", "x")
	err := s.Put(t.Context(), "a", strings.NewReader("x"))
	if err == nil || !strings.Contains(err.Error(), "putting a: opening the folder "+dir+"/file/folder: not a directory") {
		t.Errorf("a file is in the way: %v", err)
	}
}

func TestClose(t *testing.T) {
	for _, used := range []bool{false, true} {
		s := open(t, t.TempDir())
		if used {
			put(t, s, "a", "x")
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if _, err := s.Get(t.Context(), "a", nil); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("Get after Close: %v", err)
		}
		if err := s.Put(t.Context(), "a", strings.NewReader("x")); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("Put after Close: %v", err)
		}
	}
}

// TestModes compares with what the standard library makes, under any umask.
func TestModes(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir+"/store")
	put(t, s, "sub/put", "x")
	if err := s.PutIfAbsent(t.Context(), "sub/absent", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if errs := s.PutAll(t.Context(), []store.Object{{Key: "sub/all"}}); errs != nil {
		t.Fatal(errs)
	}
	write(t, dir+"/like/this", "x")
	mode := func(name string) fs.FileMode {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode()
	}
	for name, like := range map[string]string{
		"store": "like", "store/sub": "like", "store/sub/put": "like/this", "store/sub/absent": "like/this", "store/sub/all": "like/this",
	} {
		if got, want := mode(name), mode(like); got != want {
			t.Errorf("%s has mode %v, want %v", name, got, want)
		}
	}
}

func TestTooLarge(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/bomb", "")
	if err := os.Truncate(dir+"/bomb", store.MaxGet+1); err != nil { // takes no space
		t.Fatal(err)
	}
	s := open(t, dir)
	if _, err := s.Get(t.Context(), "bomb", nil); !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("Get of %d bytes: %v", store.MaxGet+1, err)
	}
	r, err := s.GetRange(t.Context(), "bomb", store.MaxGet, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); len(got) != 1 || err != nil {
		t.Errorf("the last byte is %q, %v", got, err)
	}
}

func TestCutWhileRead(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, "a", "0123456789")
	r, err := s.GetRange(t.Context(), "a", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := os.Truncate(dir+"/a", 4); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if string(got) != "0123" || !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "getting a: it changed while it was read: it was cut to 4 of 10 bytes") {
		t.Errorf("a file that was cut: %q, %v", got, err)
	}
}

func TestListLeavesOut(t *testing.T) {
	dir := t.TempDir()
	names := []string{
		"a/b", ".hidden", ".git/config", "a/.DS_Store", "a/.fleetscore-0123456789abcdef.tmp", "a\\b", "c\n", "a ", "d./e", "lost+found/x",
	}
	if runtime.GOOS == "linux" { // others take no such name
		names = append(names, "\xff")
	}
	for _, name := range names {
		write(t, dir+"/"+name, "x")
	}
	if err := os.Chmod(dir+"/lost+found", 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(dir+"/lost+found", 0o755) })
	for _, key := range list(t, open(t, dir), "") {
		if key != "a/b" && key != "lost+found/x" { // root may read that one
			t.Errorf("List shows %q", key)
		}
	}
}

func TestSweep(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, "a/b", "x")
	now := time.Now()
	kept := []string{".fleetscore-x", "a/x.tmp", "a/.other.tmp", ".git/.fleetscore-0123456789abcdef.tmp"}
	for _, name := range append(kept, ".fleetscore-0123456789abcdef.tmp", "a/c/.fleetscore-0123456789abcdef.tmp", "a/.fleetscore-young.tmp") {
		write(t, dir+"/"+name, "x")
		age := 25 * time.Hour
		if strings.Contains(name, "young") {
			age = 23 * time.Hour
		}
		if err := os.Chtimes(dir+"/"+name, now, now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Sweep(t.Context(), now.Add(-24*time.Hour)); n != 2 || err != nil {
		t.Errorf("Sweep: %d, %v; want 2", n, err)
	}
	if got := files(t, dir); len(got) != len(kept)+2 {
		t.Errorf("Sweep left %q", got)
	}
}
