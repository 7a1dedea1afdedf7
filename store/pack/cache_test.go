package pack_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/memstore"
	"github.com/fleetscore/fleetscore/store/pack"
)

// cached makes n packs of about 1,000 bytes, and a folder for them.
func cached(t *testing.T, n int) (s *counting, keys []string, c pack.Cache) {
	s = &counting{Store: memstore.New()}
	f := newFleet(t, s)
	f.put("models/a", strings.Repeat("x", 900))
	f.later()
	for i := range n {
		set, _, err := f.builder().Build(t.Context(), i, f.sources())
		if err != nil {
			t.Fatal(err)
		}
		f.put("models/a", strings.Repeat(string(rune('a'+i)), 900))
		f.later()
		keys = append(keys, set.Packs...)
	}
	s.reset()
	return s, keys, pack.Cache{Folder: filepath.Join(t.TempDir(), "new", "cache"), Bytes: 1 << 20}
}

func open(t *testing.T, s store.Reader, c pack.Cache, keys ...string) {
	t.Helper()
	r, err := pack.Open(t.Context(), s, keys, c)
	if err != nil {
		t.Fatal(err)
	}
	if data, _, err := r.Model("models/a"); err != nil || len(data) != 900 {
		t.Fatal(len(data), err)
	}
}

func TestCache(t *testing.T) {
	s, keys, c := cached(t, 3)
	open(t, s, c, keys...)
	open(t, s, c, keys...)
	if n := s.gets.Load(); n != 3 {
		t.Errorf("3 packs were read %d times", n)
	}

	// A file that is cut, or changed, is read again; so is one that is something else.
	files, err := filepath.Glob(filepath.Join(c.Folder, "*.pack"))
	if err != nil || len(files) != 3 {
		t.Fatal(files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	data[50] ^= 1
	os.WriteFile(files[0], data, 0o600)
	os.WriteFile(files[1], nil, 0o600)
	os.Remove(files[2])
	os.MkdirAll(files[2], 0o700)
	open(t, s, c, keys...)
	open(t, s, c, keys...)
	if n := s.gets.Load(); n != 3+3+1 { // the folder stays in the way
		t.Errorf("%d reads", n)
	}
	if _, err := pack.Open(t.Context(), s, []string{strings.Replace(keys[0], ".pack", "0.pack", 1)}, c); err == nil {
		t.Error("another name is opened")
	}
}

// A folder that cannot be written is no reason to fail.
func TestCacheIsAFile(t *testing.T) {
	s, keys, c := cached(t, 1)
	if err := os.WriteFile(filepath.Join(t.TempDir(), "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.Folder = filepath.Join(t.TempDir(), "file", "below")
	open(t, s, c, keys...)
}

// What was not used for longest goes.
func TestCacheIsBounded(t *testing.T) {
	s, keys, c := cached(t, 6)
	c.Bytes = 3500
	name := func(key string) string { return filepath.Join(c.Folder, filepath.Base(key)) }
	for i, key := range keys[:3] {
		open(t, s, c, key)
		at := time.Now().Add(time.Duration(i-10) * time.Minute)
		os.Chtimes(name(key), at, at)
	}
	open(t, s, c, keys[0]) // used again
	stale := filepath.Join(c.Folder, "pack-1.tmp")
	other := filepath.Join(c.Folder, "notes.txt")
	for _, file := range []string{stale, other} {
		os.WriteFile(file, make([]byte, 5000), 0o600)
		os.Chtimes(file, time.Time{}, time.Now().Add(-2*time.Hour))
	}
	open(t, s, c, keys[3])
	open(t, s, c, keys[4])
	var left []string
	for _, key := range keys {
		if _, err := os.Stat(name(key)); err == nil {
			left = append(left, key)
		}
	}
	if fmt.Sprint(left) != fmt.Sprint([]string{keys[0], keys[3], keys[4]}) {
		t.Errorf("%d are left: %q", len(left), left)
	}
	if _, err := os.Stat(stale); !errors.Is(err, os.ErrNotExist) {
		t.Error("an abandoned temporary file is still there")
	}
	if _, err := os.Stat(other); err != nil {
		t.Error("a file that is no pack was removed")
	}
}

// Many share a folder that is too small for them.
func TestCacheIsShared(t *testing.T) {
	s, keys, c := cached(t, 6)
	c.Bytes = 2500
	var readers sync.WaitGroup
	for i := range 8 {
		readers.Go(func() {
			for j := range 20 {
				r, err := pack.Open(t.Context(), s, keys[(i+j)%6:][:1], c)
				if err != nil {
					t.Error(err)
					return
				}
				if data, _, err := r.Model("models/a"); err != nil || len(bytes.Trim(data, string(data[:1]))) != 0 {
					t.Error(err)
				}
			}
		})
	}
	readers.Wait()
}
