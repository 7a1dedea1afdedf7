package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/fleetscore/fleetscore/store"
)

// A recorder notes the steps of writes as "step name", with the folder for a
// temporary file's name, and fails the one at failAt.
type recorder struct {
	mu     sync.Mutex
	steps  []string
	failAt int // 1 is the first; 0 none
	err    error
}

var temp = regexp.MustCompile(regexp.QuoteMeta(tempPrefix) + "[0-9a-f]{16}" + regexp.QuoteMeta(tempSuffix))

func (r *recorder) watch(step, name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.steps = append(r.steps, step+" "+temp.ReplaceAllString(name, "*"))
	if len(r.steps) == r.failAt {
		return &fs.PathError{Op: step, Path: name, Err: r.err}
	}
	return nil
}

// took returns the steps since it was last called, those at the end that may be
// taken in any order sorted.
func (r *recorder) took() []string {
	steps := r.steps
	r.steps = nil
	tail := len(steps)
	for tail > 0 && strings.HasPrefix(steps[tail-1], "sync folder") {
		tail--
	}
	slices.Sort(steps[tail:])
	return steps
}

func record(s *Store) *recorder {
	r := &recorder{}
	s.watch = r.watch
	return r
}

func TestSteps(t *testing.T) {
	parent := t.TempDir()
	dir := parent + "/x/y"
	s := open(t, dir)
	r := record(s)
	expect := func(what string, want ...string) {
		t.Helper()
		if got := r.took(); !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", what, got, want)
		}
	}

	put(t, s, "a/b/c", "1")
	expect("the first Put", "make folder "+dir, "sync folder "+parent,
		"create a/b/*", "make folder a/b", "create a/b/*", "write a/b/*", "sync a/b/*", "rename a/b/c",
		"sync folder .", "sync folder "+parent+"/x", "sync folder a", "sync folder a/b")
	put(t, s, "a/b/d", "1")
	expect("Put into a known folder", "create a/b/*", "write a/b/*", "sync a/b/*", "rename a/b/d", "sync folder a/b")

	if err := s.PutIfAbsent(t.Context(), "a/e", strings.NewReader("1")); err != nil {
		t.Fatal(err)
	}
	expect("PutIfAbsent", "create a/*", "write a/*", "sync a/*", "link a/e", "sync folder a")
	if err := s.PutIfAbsent(t.Context(), "a/e", strings.NewReader("2")); !errors.Is(err, store.ErrExists) {
		t.Fatal(err)
	}
	expect("PutIfAbsent of what is there", "sync folder a")

	// A folder that another process made and may not have synced yet.
	if err := os.Mkdir(dir+"/other", 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, s, "other/f", "1")
	expect("Put into another's folder", "create other/*", "write other/*", "sync other/*", "rename other/f",
		"sync folder .", "sync folder other")

	// A folder that was removed and is made anew.
	if err := os.RemoveAll(dir + "/a"); err != nil {
		t.Fatal(err)
	}
	put(t, s, "a/b/c", "1")
	expect("Put into a folder that was removed", "create a/b/*", "make folder a/b", "create a/b/*", "write a/b/*", "sync a/b/*", "rename a/b/c",
		"sync folder .", "sync folder a", "sync folder a/b")
}

// TestBatchSteps checks that each file is synced before it is renamed, and each
// folder once, after all that is in it.
func TestBatchSteps(t *testing.T) {
	parent := t.TempDir()
	s := open(t, parent+"/x")
	r := record(s)
	var objects []store.Object
	for i := range 200 {
		objects = append(objects, store.Object{Key: fmt.Sprintf("a/%d/%d", i%4, i), Body: []byte{1}})
	}
	if errs := s.PutAll(t.Context(), objects); errs != nil {
		t.Fatal(errs)
	}
	synced, renamed, folders := map[string]int{}, map[string]int{}, map[string]int{}
	for _, line := range r.steps {
		switch step, name, _ := strings.Cut(strings.Replace(line, "sync folder", "settle", 1), " "); step {
		case "sync":
			synced[path.Dir(name)]++
		case "rename":
			if renamed[path.Dir(name)]++; renamed[path.Dir(name)] > synced[path.Dir(name)] {
				t.Fatalf("%s before it was synced", line)
			}
		case "settle":
			if folders[name]++; strings.HasPrefix(name, "a/") && renamed[name] != 50 {
				t.Errorf("%s after %d of 50 renames", line, renamed[name])
			}
		}
	}
	for _, name := range []string{"a/0", "a/1", "a/2", "a/3", "a", ".", parent} {
		if folders[name] != 1 {
			t.Errorf("%s was synced %d times", name, folders[name])
		}
	}
}

// TestEveryStepFails fails each step of each write in turn: the object is the
// old or the new one, whole, nothing is left behind, and the next try succeeds.
func TestEveryStepFails(t *testing.T) {
	const before, after = "before", "after, and longer"
	for _, w := range []struct {
		name string
		key  string // in "old" there is an object
		do   func(ctx context.Context, s *Store, key string) error
	}{
		{"Put", "sub/old", func(ctx context.Context, s *Store, key string) error {
			return s.Put(ctx, key, strings.NewReader(after))
		}},
		{"Put", "sub/new/x", func(ctx context.Context, s *Store, key string) error {
			return s.Put(ctx, key, strings.NewReader(after))
		}},
		{"PutIfAbsent", "sub/new/x", func(ctx context.Context, s *Store, key string) error {
			return s.PutIfAbsent(ctx, key, strings.NewReader(after))
		}},
		{"PutAll", "sub/old", func(ctx context.Context, s *Store, key string) error {
			return errors.Join(s.PutAll(ctx, []store.Object{{Key: key, Body: []byte(after)}})...)
		}},
	} {
		step := 1
		for ; ; step++ {
			dir := t.TempDir()
			write(t, dir+"/sub/old", before)
			s := open(t, dir)
			r := record(s)
			r.failAt, r.err = step, syscall.ENOSPC
			err := w.do(t.Context(), s, w.key)
			if len(r.steps) < step {
				if err != nil {
					t.Errorf("%s of %s with all steps: %v", w.name, w.key, err)
				}
				break
			}
			failed := fmt.Sprintf("%s of %s with a failing %q", w.name, w.key, r.steps[step-1])
			if strings.HasPrefix(r.steps[step-1], "link ") {
				if err != nil {
					t.Errorf("%s: %v", failed, err) // there is another way
				}
			} else if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "putting "+w.key+": ") || !strings.Contains(err.Error(), "free some space below "+dir) {
				t.Errorf("%s: %v", failed, err)
			}

			reader := open(t, dir)
			for _, name := range files(t, dir) {
				body := get(t, reader, name)
				whole := body == after
				if name == "sub/old" {
					whole = whole && w.key == name || body == before
				}
				if !whole {
					t.Errorf("%s leaves %s with %q", failed, name, body)
				}
			}
			if got := files(t, dir); len(got) > 2 || temp.MatchString(strings.Join(got, " ")) {
				t.Errorf("%s leaves %q", failed, got)
			}
			if !strings.HasPrefix(r.steps[step-1], "sync folder") && err != nil && len(files(t, dir)) != 1 {
				t.Errorf("%s made the object", failed)
			}
			if err := w.do(t.Context(), s, w.key); err != nil && !errors.Is(err, store.ErrExists) {
				t.Errorf("%s, and then again: %v", failed, err)
			}
			if body := get(t, s, w.key); body != after {
				t.Errorf("%s, and then again, leaves %q", failed, body)
			}
		}
		if step < 6 {
			t.Errorf("%s has %d steps", w.name, step-1)
		}
	}
}

// TestBatchGoesOn checks that objects whose folder cannot be synced fail, and no
// others.
func TestBatchGoesOn(t *testing.T) {
	s := open(t, t.TempDir())
	broken := errors.New("the disk is broken")
	s.watch = func(step, name string) error {
		if step == "sync folder" && name == "b" || step == "write" && strings.HasPrefix(name, "c/") {
			return broken
		}
		return nil
	}
	var objects []store.Object
	for i := range 60 {
		objects = append(objects, store.Object{Key: fmt.Sprintf("%c/%d", "abc"[i%3], i)})
	}
	errs := s.PutAll(t.Context(), objects)
	if len(errs) != len(objects) {
		t.Fatalf("%d errors", len(errs))
	}
	for i, err := range errs {
		if ok := i%3 == 0; ok != (err == nil) || !ok && !errors.Is(err, broken) {
			t.Errorf("%s: %v", objects[i].Key, err)
		}
	}
	if got := list(t, s, "c"); got != nil {
		t.Errorf("without having been written there are %q", got)
	}
}

func TestHints(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for _, c := range []struct {
		err  error
		says string
	}{
		{syscall.ENOSPC, "free some space below " + dir},
		{syscall.EDQUOT, "free some space below " + dir},
		{syscall.EROFS, "mount " + dir + " for writing"},
		{syscall.EACCES, fmt.Sprintf("give user %d access", os.Getuid())},
		{syscall.EMFILE, "ulimit -n"},
		{syscall.ENAMETOOLONG, "shorten it"},
		{syscall.EIO, "putting a/b: input/output error"},
	} {
		r := record(s)
		r.failAt, r.err = 1, c.err
		err := s.Put(t.Context(), "a/b", strings.NewReader("x"))
		if !errors.Is(err, c.err) || !strings.HasPrefix(err.Error(), "putting a/b: "+c.err.Error()) && c.err != syscall.ENAMETOOLONG || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v: %v", c.err, err)
		}
		if errors.Is(err, store.ErrInvalidKey) != (c.err == syscall.ENAMETOOLONG) {
			t.Errorf("%v: %v", c.err, err)
		}
	}
}

// TestFolderAbove is for a store whose folder is in one that may not be synced.
func TestFolderAbove(t *testing.T) {
	for err, ok := range map[error]bool{syscall.EACCES: true, syscall.EROFS: true, syscall.EINVAL: true, syscall.EIO: false} {
		parent := t.TempDir()
		s := open(t, parent+"/x")
		s.watch = func(step, name string) error {
			if step == "sync folder" && name == parent {
				return err
			}
			return nil
		}
		if got := s.Put(t.Context(), "a", strings.NewReader("x")); ok != (got == nil) {
			t.Errorf("syncing the folder above fails with %q: %v", err, got)
		}
	}
}

// TestWithoutLinks is for file systems that have no hard links.
func TestWithoutLinks(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	s.watch = func(step, _ string) error {
		if step == "link" {
			return syscall.EPERM
		}
		return nil
	}
	const callers = 16
	for round := range 20 {
		key := fmt.Sprintf("%d", round)
		won := make(chan int, callers)
		var wg sync.WaitGroup
		for caller := range callers {
			wg.Go(func() {
				switch err := s.PutIfAbsent(t.Context(), key, strings.NewReader(fmt.Sprint(caller))); {
				case err == nil:
					won <- caller
				case !errors.Is(err, store.ErrExists):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(won) != 1 {
			t.Fatalf("%d winners", len(won))
		}
		if got, want := get(t, s, key), fmt.Sprint(<-won); got != want {
			t.Errorf("%s won and the object is from %s", want, got)
		}
	}
	if got := files(t, dir); len(got) != 20 {
		t.Errorf("left are %q", got)
	}

	// What was made empty goes if it cannot be filled.
	s.watch = func(step, _ string) error {
		if step == "link" || step == "rename" {
			return syscall.EIO
		}
		return nil
	}
	if err := s.PutIfAbsent(t.Context(), "new", strings.NewReader("x")); !errors.Is(err, syscall.EIO) {
		t.Error(err)
	}
	if got := files(t, dir); len(got) != 20 {
		t.Errorf("left are %q", got)
	}
}

// TestLostAnswer is for NFS, where a repeated call to link meets the link that
// it made itself.
func TestLostAnswer(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	s.watch = func(step, name string) error {
		if step != "link" {
			return nil
		}
		temps, err := filepath.Glob(dir + "/" + tempPrefix + "*")
		if err != nil || len(temps) != 1 {
			return fmt.Errorf("%q, %w", temps, err)
		}
		return os.Link(temps[0], filepath.Join(dir, name))
	}
	if err := s.PutIfAbsent(t.Context(), "a", strings.NewReader("x")); err != nil {
		t.Error(err)
	}
	if got := files(t, dir); get(t, s, "a") != "x" || len(got) != 1 {
		t.Errorf("left are %q", got)
	}
}
