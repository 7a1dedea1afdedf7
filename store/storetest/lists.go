package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/store"
)

// listed are keys around every trap of the order: "-" and "." are before "/",
// "0" is after it, and whole folders are among files.
var listed = []string{
	"a-b", "a-b.pkl", "a.pkl", "a/b", "a/b-c", "a/b.pkl", "a/c/d", "a/c/e", "a/c0", "a0", "aa/b", "b", "c/c/c", "c/c-", "c/c0", "é/x", "Z", "z/z",
}

func fill(t *testing.T, s store.Store) {
	t.Helper()
	var objects []store.Object
	for _, key := range listed {
		if key == "c/c-" || key == "Z" { // not by a batch
			put(t, s, key, key)
			continue
		}
		objects = append(objects, store.Object{Key: key, Body: []byte(key)})
	}
	rand.Shuffle(len(objects), func(i, j int) { objects[i], objects[j] = objects[j], objects[i] })
	if errs := store.PutAll(t.Context(), s, objects); errs != nil {
		t.Fatal(errors.Join(errs...))
	}
}

func listOrder(t *testing.T, s store.Store) {
	fill(t, s)
	want := slices.Sorted(slices.Values(listed))
	if got := list(t, s, ""); !slices.Equal(got, want) {
		t.Errorf("List:\n got %q\nwant %q", got, want)
	}
	for info, err := range s.List(t.Context(), "") {
		stat, statErr := s.Stat(t.Context(), info.Key)
		if err != nil || statErr != nil || stat.Size != info.Size || info.Size != int64(len(info.Key)) {
			t.Errorf("List has %+v, %v and Stat %+v, %v", info, err, stat, statErr)
		}
		if info.ModTime.IsZero() || stat.ModTime.Sub(info.ModTime).Abs() > time.Second {
			t.Errorf("List has %v for %s and Stat %v", info.ModTime, info.Key, stat.ModTime)
		}
	}
}

func listPrefix(t *testing.T, s store.Store) {
	fill(t, s)
	prefixes := map[string]struct{}{"x": {}, "a/b/": {}, "a/x/y": {}, "a-b.pkl/": {}, "é": {}}
	for _, key := range listed {
		for i := range len(key) + 1 {
			if store.CheckPrefix(key[:i]) == nil {
				prefixes[key[:i]] = struct{}{}
			}
		}
	}
	for prefix := range prefixes {
		want := slices.DeleteFunc(slices.Sorted(slices.Values(listed)), func(key string) bool { return !strings.HasPrefix(key, prefix) })
		if got := list(t, s, prefix); !slices.Equal(got, want) {
			t.Errorf("List of %q:\n got %q\nwant %q", prefix, got, want)
		}
	}
}

func listFresh(t *testing.T, s store.Store) {
	n := 0
	for info, err := range s.List(t.Context(), "") {
		if n++; !errors.Is(err, store.ErrNotFound) {
			t.Errorf("List of a fresh store: %+v, %v", info, err)
		}
	}
	if n > 1 {
		t.Errorf("List of a fresh store yielded %d times", n)
	}
	put(t, s, "a/b", "x")
	if err := s.Delete(t.Context(), "a/b"); err != nil {
		t.Fatal(err)
	}
	if got := list(t, s, ""); len(got) > 0 { // and no error now
		t.Errorf("List of an emptied store: %q", got)
	}
}

// listLoop ends loops early, and changes the store in them.
func listLoop(t *testing.T, s store.Store) {
	fill(t, s)
	for range s.List(t.Context(), "") {
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var got []string
	for info, err := range s.List(ctx, "") {
		if err == nil {
			got = append(got, info.Key)
			cancel()
		} else if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	if len(got) != 1 {
		t.Errorf("cancelled after the first object, List still showed %q", got)
	}
	for info, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		put(t, s, fmt.Sprintf("new/%x", info.Key), "x")
		if err := s.Delete(t.Context(), info.Key); err != nil {
			t.Error(err)
		}
	}
	for _, key := range list(t, s, "") {
		if !strings.HasPrefix(key, "new/") {
			t.Errorf("%s was not listed", key)
		}
	}
}
