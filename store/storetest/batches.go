package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/fleetscore/fleetscore/store"
)

func putAll(t *testing.T, s store.Store) {
	if errs := store.PutAll(t.Context(), s, nil); errs != nil {
		t.Errorf("PutAll of nothing: %v", errs)
	}
	for round := range byte(2) { // new objects, then in place of them
		var objects []store.Object
		for i := range 300 {
			key := fmt.Sprintf("%d/%d/%d", i%2, i%7, i)
			objects = append(objects, store.Object{Key: key, Body: pattern(i*i, round)})
		}
		if errs := store.PutAll(t.Context(), s, objects); errs != nil {
			t.Fatal(errors.Join(errs...))
		}
		for _, o := range objects {
			want(t, s, o.Key, string(o.Body))
		}
		if got := list(t, s, ""); len(got) != len(objects) {
			t.Errorf("%d objects of %d", len(got), len(objects))
		}
	}
}

func putAllBad(t *testing.T, s store.Store) {
	put(t, s, "file", "old")
	objects := []store.Object{
		{Key: "a/1", Body: []byte("1")},
		{Key: "../a", Body: []byte("x")},
		{Key: "a/2", Body: []byte("2")},
		{Key: "", Body: []byte("x")},
		{Key: "a/1", Body: []byte("again")},
		{Key: "file", Body: nil},
		{Key: "a/.x", Body: []byte("x")},
		{Key: "b/3", Body: []byte("3")},
	}
	sentinels := []error{nil, store.ErrInvalidKey, nil, store.ErrInvalidKey, store.ErrExists, nil, store.ErrInvalidKey, nil}
	errs := store.PutAll(t.Context(), s, objects)
	if len(errs) != len(objects) {
		t.Fatalf("%d errors for %d objects: %v", len(errs), len(objects), errs)
	}
	for i, o := range objects {
		if !errors.Is(errs[i], sentinels[i]) {
			t.Errorf("%q: %v, want %v", o.Key, errs[i], sentinels[i])
		}
		if sentinels[i] == nil {
			want(t, s, o.Key, string(o.Body))
		}
	}
	if got := list(t, s, ""); len(got) != 4 {
		t.Errorf("PutAll stored %q", got)
	}
}

func putAllCancelled(t *testing.T, s store.Store) {
	put(t, s, "old", "old")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	errs := store.PutAll(ctx, s, []store.Object{{Key: "old", Body: []byte("new")}, {Key: "new", Body: []byte("new")}})
	if len(errs) != 2 {
		t.Fatalf("PutAll with a cancelled context: %v", errs)
	}
	for _, err := range errs {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("PutAll with a cancelled context: %v", err)
		}
	}
	want(t, s, "old", "old")
	wantNone(t, s, "new")
}

// oneWins checks that one of many wins, and that the object is the winner's.
func oneWins(t *testing.T, s store.Store) {
	const callers = 16
	for round := range 10 {
		key := fmt.Sprintf("commits/%d", round)
		var won atomic.Int64 // caller + 1
		var wg sync.WaitGroup
		for caller := range callers {
			wg.Go(func() {
				err := s.PutIfAbsent(t.Context(), key, bytes.NewReader(pattern(5000, byte(caller))))
				switch {
				case err == nil && !won.CompareAndSwap(0, int64(caller)+1):
					t.Errorf("%s: two winners", key)
				case err != nil && !errors.Is(err, store.ErrExists):
					t.Error(err)
				case err != nil:
					// Whoever lost may rely on what is there.
					if got, err := s.Get(t.Context(), key, nil); err != nil || len(got) != 5000 {
						t.Errorf("after ErrExists, Get returned %d bytes, %v", len(got), err)
					}
				}
			})
		}
		wg.Wait()
		if won.Load() == 0 {
			t.Fatalf("%s: no winner", key)
		}
		want(t, s, key, string(pattern(5000, byte(won.Load()-1))))
	}
}

// neverTorn reads an object in every way while it is replaced by others of
// other sizes.
func neverTorn(t *testing.T, s store.Store) {
	const versions = 60
	version := func(v int) []byte { return bytes.Repeat([]byte{byte(v)}, 1+(v*7919)%60_000) }
	whole := func(got []byte) bool { return len(got) > 0 && bytes.Equal(got, version(int(got[0]))) }
	put(t, s, "a", string(version(0)))

	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			var buf []byte
			for {
				select {
				case <-done:
					return
				default:
				}
				got, err := s.Get(t.Context(), "a", buf)
				if err != nil || !whole(got) {
					t.Errorf("Get while it is replaced: %d bytes, %v", len(got), err)
					return
				}
				buf = got
				for info, err := range s.List(t.Context(), "") {
					if err != nil || info.Key != "a" {
						t.Errorf("List while it is replaced: %+v, %v", info, err)
						return
					}
				}
			}
		})
	}
	for v := range versions {
		if err := s.Put(t.Context(), "a", bytes.NewReader(version(v))); err != nil {
			t.Error(err)
		}
	}
	close(done)
	readers.Wait()
}

// manyAtOnce writes, from many goroutines, into folders that do not exist yet.
func manyAtOnce(t *testing.T, s store.Store) {
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			key := fmt.Sprintf("new/%d/folder/%d", i%3, i)
			if err := s.Put(t.Context(), key, bytes.NewReader(pattern(i, 0))); err != nil {
				t.Error(err)
			}
			want(t, s, key, string(pattern(i, 0)))
		})
	}
	wg.Wait()
	if got := list(t, s, "new/"); len(got) != 20 {
		t.Errorf("List has %q", got)
	}
}
