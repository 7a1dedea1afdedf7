package filestore

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/store"
)

func link(t *testing.T, target, name string) {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
}

// TestMountedConfigMap has the links that Kubernetes makes for one.
func TestMountedConfigMap(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/..2026_01_01/flat.pkl", "flat")
	write(t, dir+"/..2026_01_01/7/temp.pkl", "deep")
	link(t, "..2026_01_01", dir+"/..data")
	link(t, "..data/flat.pkl", dir+"/flat.pkl")
	link(t, "..data/7", dir+"/7")

	link(t, dir, dir+"-link") // and the store's folder may be a link too
	s := open(t, dir+"-link")
	if got := list(t, s, ""); !slices.Equal(got, []string{"7/temp.pkl", "flat.pkl"}) {
		t.Errorf("List: %q", got)
	}
	for info := range s.List(t.Context(), "flat") {
		if info.Size != 4 {
			t.Errorf("List has the size of the link, %d", info.Size)
		}
	}
	if a, b := get(t, s, "7/temp.pkl"), get(t, s, "flat.pkl"); a != "deep" || b != "flat" {
		t.Errorf("Get: %q, %q", a, b)
	}
	put(t, s, "7/new.pkl", "new")
	if got := list(t, s, "7/"); !slices.Equal(got, []string{"7/new.pkl", "7/temp.pkl"}) {
		t.Errorf("List: %q", got)
	}
	// Writing replaces a link, never what it leads to.
	put(t, s, "flat.pkl", "mine")
	if original, err := os.ReadFile(dir + "/..data/flat.pkl"); string(original) != "flat" {
		t.Errorf("Put wrote through the link: %q, %v", original, err)
	}
	if got := get(t, s, "flat.pkl"); got != "mine" {
		t.Errorf("Get: %q", got)
	}
}

func TestLinksThatLeadOut(t *testing.T) {
	parent := t.TempDir()
	dir, outside := parent+"/store", parent+"/outside"
	write(t, outside+"/secret", "secret")
	write(t, dir+"/in", "in")
	keys := map[string]string{ // and what the link leads to
		"absolute":    outside + "/secret",
		"relative":    "../outside/secret",
		"folder":      outside,
		"deep/folder": "../../outside",
		"absolute-in": dir + "/in", // os.Root takes no absolute link
		"indirect":    "deep/folder/secret",
	}
	write(t, dir+"/deep/x", "x")
	for name, target := range keys {
		link(t, target, dir+"/"+name)
	}
	s := open(t, dir)
	put(t, s, "before", "x")

	refused := func(what, key string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), key+": it is no object: a link in it leads out of "+dir) || !errors.Is(err, store.ErrNoObject) || errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s of %s: %v", what, key, err)
		}
	}
	for _, key := range []string{"absolute", "relative", "folder", "deep/folder", "absolute-in", "indirect", "folder/secret", "deep/folder/secret"} {
		_, err := s.Get(t.Context(), key, nil)
		refused("Get", key, err)
		_, err = s.GetRange(t.Context(), key, 0, -1)
		refused("GetRange", key, err)
		_, err = s.Stat(t.Context(), key)
		refused("Stat", key, err)
	}
	for _, key := range []string{"folder/new", "deep/folder/secret", "deep/folder/a/b"} {
		refused("Put", key, s.Put(t.Context(), key, strings.NewReader("x")))
		refused("PutIfAbsent", key, s.PutIfAbsent(t.Context(), key, strings.NewReader("x")))
		refused("Delete", key, s.Delete(t.Context(), key))
		refused("PutAll", key, errors.Join(s.PutAll(t.Context(), []store.Object{{Key: key}})...))
	}
	for _, err := range s.List(t.Context(), "folder/") {
		if err == nil || !strings.Contains(err.Error(), "leads out of") {
			t.Errorf("List behind a link: %v", err)
		}
	}
	want := []string{"absolute", "absolute-in", "before", "deep/folder", "deep/x", "folder", "in", "indirect", "relative"}
	if got := list(t, s, ""); !slices.Equal(got, want) {
		t.Errorf("List:\n got %q\nwant %q", got, want)
	}

	// The links themselves are in the store: they can be replaced and deleted.
	if err := s.PutIfAbsent(t.Context(), "absolute", strings.NewReader("x")); !errors.Is(err, store.ErrExists) {
		t.Errorf("PutIfAbsent over a link: %v", err)
	}
	for key := range keys {
		if key != "relative" {
			put(t, s, key, "mine")
			if got := get(t, s, key); got != "mine" {
				t.Errorf("%s is %q", key, got)
			}
		}
		if err := s.Delete(t.Context(), key); err != nil {
			t.Error(err)
		}
	}
	if got := files(t, outside); !slices.Equal(got, []string{"secret"}) {
		t.Errorf("outside there are now %q", got)
	}
	if body, err := os.ReadFile(outside + "/secret"); string(body) != "secret" {
		t.Errorf("the file outside is now %q, %v", body, err)
	}
}

func TestLinksInCircles(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/a/x", "x")
	link(t, "..", dir+"/a/up")
	link(t, "self", dir+"/self")
	link(t, "nowhere", dir+"/nothing")
	s := open(t, dir)
	// Each linked folder once, and the link that cannot be followed.
	if got := list(t, s, ""); !slices.Equal(got, []string{"a/up/a/x", "a/up/self", "a/x", "self"}) {
		t.Errorf("List: %q", got)
	}
	if _, err := s.Get(t.Context(), "self", nil); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("Get of a link to itself: %v", err)
	}
	if _, err := s.Get(t.Context(), "nothing", nil); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Get of a link to nothing: %v", err)
	}
	if _, err := s.Sweep(t.Context(), time.Now()); err != nil {
		t.Error(err)
	}
}
