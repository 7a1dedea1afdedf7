package storetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/fleetscore/fleetscore/store"
)

// large is more than drivers read at a time.
const large = 9<<20 + 5

func open(t *testing.T, s store.Store, key string) store.File {
	t.Helper()
	f, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func file(t *testing.T, s store.Store) {
	for _, size := range []int{0, 1, 1600, large} {
		body := pattern(size, 3)
		if err := s.Put(t.Context(), "a/b", bytes.NewReader(body)); err != nil {
			t.Fatal(err)
		}
		f := open(t, s, "a/b")
		if info := f.Info(); info.Key != "a/b" || info.Size != int64(size) {
			t.Errorf("of %d bytes: %+v", size, info)
		}
		got, err := io.ReadAll(io.NewSectionReader(f, 0, f.Info().Size))
		if err != nil || !bytes.Equal(got, body) {
			t.Errorf("of %d bytes: %d, %v", size, len(got), err)
		}
		if n, err := f.ReadAt(make([]byte, 1), int64(size)); n != 0 || err != io.EOF {
			t.Errorf("at the end: %d, %v", n, err)
		}
		if _, err := f.ReadAt(make([]byte, 1), -1); err == nil {
			t.Error("an offset below 0 is accepted")
		}
		readAnywhere(t, f, body)
	}
}

// readAnywhere reads by several goroutines, over the end too.
func readAnywhere(t *testing.T, f store.File, body []byte) {
	var readers sync.WaitGroup
	for seed := range uint64(4) {
		readers.Go(func() {
			r := rand.New(rand.NewPCG(seed, 7))
			for range 20 {
				from := r.IntN(len(body) + 1)
				p := make([]byte, 1+r.IntN(2*(len(body)-from)+1))
				want := body[from:min(from+len(p), len(body))]
				n, err := f.ReadAt(p, int64(from))
				if n != len(want) || !bytes.Equal(p[:n], want) || (err == io.EOF) != (n < len(p)) || err != nil && err != io.EOF {
					t.Errorf("%d bytes at %d of %d: %d, %v", len(p), from, len(body), n, err)
				}
			}
		})
	}
	readers.Wait()
}

// fileWhileReplaced: bytes of the version that was opened, or ErrChanged.
func fileWhileReplaced(t *testing.T, s store.Store) {
	old := pattern(large, 1)
	for _, change := range []func() error{
		func() error { return s.Put(t.Context(), "a", bytes.NewReader(pattern(large, 2))) },
		func() error { return s.Delete(t.Context(), "a") },
	} {
		if err := s.Put(t.Context(), "a", bytes.NewReader(old)); err != nil {
			t.Fatal(err)
		}
		f := open(t, s, "a")
		p := make([]byte, 100)
		if _, err := f.ReadAt(p, 0); err != nil || !bytes.Equal(p, old[:100]) {
			t.Fatalf("before: %v", err)
		}
		if err := change(); err != nil {
			t.Fatal(err)
		}
		switch _, err := f.ReadAt(p, large-100); {
		case errors.Is(err, store.ErrChanged):
		case err != nil:
			t.Errorf("after: %v", err)
		case !bytes.Equal(p, old[large-100:]):
			t.Error("after: bytes of another version")
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	if err := s.Put(t.Context(), "a", bytes.NewReader(old)); err != nil {
		t.Fatal(err)
	}
	f, err := s.Open(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	stop()
	if _, err := f.ReadAt(make([]byte, 1), 0); !errors.Is(err, context.Canceled) {
		t.Errorf("after its context: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}
