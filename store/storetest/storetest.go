package storetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/store"
)

// Run tests the stores that open returns. Each call of open must return a new
// store without objects; it may use t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s store.Store)
	}{
		{"RoundTrip", roundTrip},
		{"Buffer", buffer},
		{"Keys", keys},
		{"HostileKeys", hostileKeys},
		{"Absent", absent},
		{"Range", ranges},
		{"RangeWhileReplaced", rangeWhileReplaced},
		{"File", file},
		{"FileWhileReplaced", fileWhileReplaced},
		{"PutIfAbsent", putIfAbsent},
		{"ObjectAndFolder", objectAndFolder},
		{"Delete", deleting},
		{"FailingBody", failingBody},
		{"Cancelled", cancelled},
		{"CancelledBody", cancelledBody},
		{"ListOrder", listOrder},
		{"ListPrefix", listPrefix},
		{"ListFresh", listFresh},
		{"ListLoop", listLoop},
		{"PutAll", putAll},
		{"PutAllBad", putAllBad},
		{"PutAllCancelled", putAllCancelled},
		{"OneWins", oneWins},
		{"NeverTorn", neverTorn},
		{"ManyAtOnce", manyAtOnce},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

// pattern is size bytes that differ by seed and, mostly, from place to place.
func pattern(size int, seed byte) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(i) ^ byte(i>>8) ^ byte(i>>16) + seed
	}
	return b
}

func put(t *testing.T, s store.Store, key, body string) {
	t.Helper()
	if err := s.Put(t.Context(), key, strings.NewReader(body)); err != nil {
		t.Fatal(err)
	}
}

// want checks that key has the object body.
func want(t *testing.T, s store.Store, key, body string) {
	t.Helper()
	got, err := s.Get(t.Context(), key, nil)
	if err != nil {
		t.Error(err)
	} else if string(got) != body {
		t.Errorf("%s is %d bytes %.50q, want %d bytes %.50q", key, len(got), got, len(body), body)
	}
}

// wantNone checks that key has no object, for every way to look.
func wantNone(t *testing.T, s store.Store, key string) {
	t.Helper()
	wantError(t, store.ErrNotFound, key, reads(s, key))
	for info := range s.List(t.Context(), key) {
		if info.Key == key {
			t.Errorf("List shows %s", key)
		}
	}
}

// A call is one call of a store's method and what it returned.
type call struct {
	name string
	do   func(ctx context.Context) error
}

func reads(s store.Store, key string) []call {
	return []call{
		{"Get", func(ctx context.Context) error {
			got, err := s.Get(ctx, key, make([]byte, 10))
			if err != nil && got != nil {
				return errors.New("both bytes and an error are returned")
			}
			return err
		}},
		{"GetRange", func(ctx context.Context) error { _, err := s.GetRange(ctx, key, 0, -1); return err }},
		{"Stat", func(ctx context.Context) error { _, err := s.Stat(ctx, key); return err }},
		{"Open", func(ctx context.Context) error { _, err := s.Open(ctx, key); return err }},
	}
}

func writes(s store.Store, key string) []call {
	return []call{
		{"Put", func(ctx context.Context) error { return s.Put(ctx, key, strings.NewReader("new")) }},
		{"PutIfAbsent", func(ctx context.Context) error { return s.PutIfAbsent(ctx, key, strings.NewReader("new")) }},
		{"Delete", func(ctx context.Context) error { return s.Delete(ctx, key) }},
		{"PutAll", func(ctx context.Context) error {
			return errors.Join(store.PutAll(ctx, s, []store.Object{{Key: key, Body: []byte("new")}})...)
		}},
	}
}

// wantError checks that every call fails with sentinel and says about what.
func wantError(t *testing.T, sentinel error, about string, calls []call) {
	t.Helper()
	for _, c := range calls {
		err := c.do(t.Context())
		if !errors.Is(err, sentinel) {
			t.Errorf("%s of %.100q: error %v, want %v", c.name, about, err, sentinel)
		} else if !strings.Contains(err.Error(), about) {
			t.Errorf("%s of %.100q does not name the key: %v", c.name, about, err)
		}
	}
}

func list(t *testing.T, s store.Store, prefix string) []string {
	t.Helper()
	keys := []string{}
	for info, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatalf("listing %q: %v", prefix, err)
		}
		keys = append(keys, info.Key)
	}
	alone := []string{}
	for key, err := range store.Keys(t.Context(), s, prefix) {
		if err != nil {
			t.Fatalf("listing the keys of %q: %v", prefix, err)
		}
		alone = append(alone, key)
	}
	if !slices.Equal(keys, alone) {
		t.Fatalf("List and Keys of %q differ:\n%q\n%q", prefix, keys, alone)
	}
	return keys
}

// failAfter is a body that fails after n bytes.
func failAfter(n int, err error) io.Reader {
	return io.MultiReader(bytes.NewReader(pattern(n, 1)), readerFunc(func([]byte) (int, error) { return 0, err }))
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
