package storetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/store"
)

func roundTrip(t *testing.T, s store.Store) {
	for i, size := range []int{0, 1, 1600, 4096, 65537, 3<<20 + 7, 5, 0} {
		body := pattern(size, byte(i))
		if err := s.Put(t.Context(), "a/b", bytes.NewReader(body)); err != nil {
			t.Fatal(err)
		}
		want(t, s, "a/b", string(body))
		info, err := s.Stat(t.Context(), "a/b")
		if err != nil || info.Key != "a/b" || info.Size != int64(size) {
			t.Errorf("Stat of %d bytes: %+v, %v", size, info, err)
		}
		if age := time.Since(info.ModTime); age > time.Hour || age < -time.Hour {
			t.Errorf("written at %v", info.ModTime)
		}
	}
}

func buffer(t *testing.T, s store.Store) {
	put(t, s, "a", "0123456789")
	for _, capacity := range []int{0, 9, 10, 11, 5000} {
		buf := make([]byte, capacity/2, capacity)
		got, err := s.Get(t.Context(), "a", buf)
		if err != nil || string(got) != "0123456789" {
			t.Fatalf("Get with capacity %d: %q, %v", capacity, got, err)
		}
		if capacity < len(got) {
			continue
		}
		if &got[0] != &buf[:1][0] {
			t.Errorf("Get did not use a buffer of %d bytes", capacity)
		}
	}
	// What was returned is the caller's: it may scribble on it.
	got, _ := s.Get(t.Context(), "a", nil)
	clear(got)
	want(t, s, "a", "0123456789")
}

// keys are valid, if unusual.
func keys(t *testing.T, s store.Store) {
	segment := strings.Repeat("s", store.MaxSegment)
	longest := strings.Join([]string{segment, segment, segment, segment}, "/")
	for _, key := range []string{
		"a", "A b", "-rf", "~", "a.b.c", "#1", "100%/x", "%2E%2E", "'$(x)'", "Öl/温度/é", "x=1/y=2", "_", segment, longest,
	} {
		put(t, s, key, key)
		want(t, s, key, key)
		if got := list(t, s, key); len(got) != 1 || got[0] != key {
			t.Errorf("List of %q: %q", key, got)
		}
		if err := s.Delete(t.Context(), key); err != nil {
			t.Error(err)
		}
		wantNone(t, s, key)
	}
}

func hostileKeys(t *testing.T, s store.Store) {
	put(t, s, "a/b", "old")
	for _, key := range []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/..", "a/../b", "./a", "a/./b", `a\b`, `..\a`, "a\x00", "a\nb", "a\x7f",
		"a\u0085b", "\xff", "a/\xc3\x28", ".hidden", "a/.tmp", ".fleetscore-0000000000000000.tmp", "a./b", "a /b", "a.",
		strings.Repeat("s", store.MaxSegment+1), strings.Repeat("a/", store.MaxKey/2) + "a",
	} {
		wantError(t, store.ErrInvalidKey, "", append(reads(s, key), writes(s, key)...))
	}
	for _, prefix := range []string{"/", "/a", "..", "../", "a/../", "a//", ".", "a/.", `a\`, "\xff", "a\x00"} {
		n := 0
		for _, err := range s.List(t.Context(), prefix) {
			if n++; !errors.Is(err, store.ErrInvalidKey) {
				t.Errorf("List of %q: %v", prefix, err)
			}
		}
		if n != 1 {
			t.Errorf("List of %q yielded %d times, want one error", prefix, n)
		}
	}
	if got := list(t, s, ""); len(got) != 1 {
		t.Errorf("hostile keys left %q", got)
	}
}

func absent(t *testing.T, s store.Store) {
	wantNone(t, s, "a/b") // of a store in which nothing was ever written
	if err := s.Delete(t.Context(), "a/b"); err != nil {
		t.Error(err)
	}
	put(t, s, "a/b", "x")
	for _, key := range []string{"a", "a/c", "a/b/c", "a/b/c/d", "b", "a/B0", "a/bb"} {
		wantNone(t, s, key)
		if err := s.Delete(t.Context(), key); err != nil {
			t.Error(err)
		}
	}
	want(t, s, "a/b", "x")
}

func ranges(t *testing.T, s store.Store) {
	const body = "0123456789"
	put(t, s, "a", body)
	for _, r := range []struct {
		offset, length int64
		want           string
	}{
		{0, -1, body}, {0, 10, body}, {0, 11, body}, {3, 4, "3456"}, {3, -1, "3456789"}, {9, 1, "9"}, {9, 1 << 62, "9"},
		{10, -1, ""}, {10, 5, ""}, {4, 0, ""}, {1, -1 << 63, "123456789"},
	} {
		reader, err := s.GetRange(t.Context(), "a", r.offset, r.length)
		if err != nil {
			t.Errorf("GetRange(%d, %d): %v", r.offset, r.length, err)
			continue
		}
		got, err := io.ReadAll(reader)
		if err = errors.Join(err, reader.Close()); err != nil || string(got) != r.want {
			t.Errorf("GetRange(%d, %d) is %q, %v; want %q", r.offset, r.length, got, err, r.want)
		}
	}
	for _, offset := range []int64{-1, 11, 1 << 62, -1 << 63} {
		if _, err := s.GetRange(t.Context(), "a", offset, -1); !errors.Is(err, store.ErrRange) {
			t.Errorf("GetRange(%d, -1): %v, want ErrRange", offset, err)
		}
	}
	put(t, s, "empty", "")
	reader, err := s.GetRange(t.Context(), "empty", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if got, err := io.ReadAll(reader); len(got) > 0 || err != nil {
		t.Errorf("all of an empty object is %q, %v", got, err)
	}
}

func rangeWhileReplaced(t *testing.T, s store.Store) {
	const size = 1 << 20
	before := pattern(size, 1)
	put(t, s, "a", string(before))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	reader, err := s.GetRange(ctx, "a", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	got := make([]byte, 1000)
	if _, err := io.ReadFull(reader, got); err != nil {
		t.Fatal(err)
	}
	put(t, s, "a", string(pattern(size, 99)))
	more := make([]byte, size/2)
	n, err := io.ReadFull(reader, more)
	if got = append(got, more[:n]...); !bytes.HasPrefix(before, got) {
		t.Error("a reader saw a mix of two versions")
	}
	if err != nil {
		t.Logf("this driver ends a reader when its object is replaced: %v", err)
		return
	}
	cancel()
	if _, err := io.ReadAll(reader); !errors.Is(err, context.Canceled) {
		t.Errorf("reading after the context was cancelled: %v", err)
	}
}

func putIfAbsent(t *testing.T, s store.Store) {
	if err := s.PutIfAbsent(t.Context(), "a/b", strings.NewReader("first")); err != nil {
		t.Fatal(err)
	}
	err := s.PutIfAbsent(t.Context(), "a/b", strings.NewReader("second"))
	if !errors.Is(err, store.ErrExists) || !strings.Contains(err.Error(), "a/b") {
		t.Errorf("the second PutIfAbsent: %v", err)
	}
	want(t, s, "a/b", "first")
	put(t, s, "a/b", "third")
	want(t, s, "a/b", "third")
	if err := s.Delete(t.Context(), "a/b"); err != nil {
		t.Fatal(err)
	}
	if err := s.PutIfAbsent(t.Context(), "a/b", strings.NewReader("")); err != nil {
		t.Fatal(err)
	}
	if err := s.PutIfAbsent(t.Context(), "a/b", strings.NewReader("x")); !errors.Is(err, store.ErrExists) {
		t.Errorf("PutIfAbsent over an empty object: %v", err)
	}
	want(t, s, "a/b", "")
}

// objectAndFolder checks that a key which is a folder of another one is stored,
// or refused with ErrInvalidKey, and the other one is unharmed.
func objectAndFolder(t *testing.T, s store.Store) {
	put(t, s, "a", "a")
	put(t, s, "b/c/d", "d")
	for _, key := range []string{"a/x", "a/x/y", "b", "b/c"} {
		for _, w := range writes(s, key) {
			err := w.do(t.Context())
			if err == nil && w.name != "Delete" {
				want(t, s, key, "new")
				err = s.Delete(t.Context(), key)
			}
			if err != nil && !errors.Is(err, store.ErrInvalidKey) {
				t.Errorf("%s of %s: %v", w.name, key, err)
			}
		}
		wantNone(t, s, key)
	}
	want(t, s, "a", "a")
	want(t, s, "b/c/d", "d")
}

func deleting(t *testing.T, s store.Store) {
	put(t, s, "a/b", "x")
	put(t, s, "a/c", "y")
	for range 2 {
		if err := s.Delete(t.Context(), "a/b"); err != nil {
			t.Error(err)
		}
		wantNone(t, s, "a/b")
	}
	want(t, s, "a/c", "y")
}

func failingBody(t *testing.T, s store.Store) {
	broken := errors.New("the body broke")
	put(t, s, "old", "old")
	for _, size := range []int{0, 1, 100_000, 3 << 20} {
		for _, key := range []string{"old", "new/x"} {
			if err := s.Put(t.Context(), key, failAfter(size, broken)); !errors.Is(err, broken) {
				t.Errorf("Put of a body that fails after %d bytes: %v", size, err)
			}
		}
		if err := s.PutIfAbsent(t.Context(), "new/x", failAfter(size, broken)); !errors.Is(err, broken) {
			t.Errorf("PutIfAbsent of a body that fails after %d bytes: %v", size, err)
		}
		want(t, s, "old", "old")
		wantNone(t, s, "new/x")
	}
	// A body's error is not the store's.
	err := s.Put(t.Context(), "old", failAfter(1, io.ErrUnexpectedEOF))
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("Put of a body that was cut: %v", err)
	}
	want(t, s, "old", "old")
}

func cancelled(t *testing.T, s store.Store) {
	put(t, s, "old", "old")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, key := range []string{"old", "new"} {
		for _, c := range append(reads(s, key), writes(s, key)...) {
			if err := c.do(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("%s with a cancelled context: %v", c.name, err)
			}
		}
	}
	n := 0
	for _, err := range s.List(ctx, "") {
		if n++; !errors.Is(err, context.Canceled) {
			t.Errorf("List with a cancelled context: %v", err)
		}
	}
	if n != 1 {
		t.Errorf("List with a cancelled context yielded %d times", n)
	}
	want(t, s, "old", "old")
	wantNone(t, s, "new")
}

func cancelledBody(t *testing.T, s store.Store) {
	put(t, s, "old", "old")
	for _, left := range []int{0, 10, 256 << 20} { // bytes that the body has after cancelling
		for _, key := range []string{"old", "new"} {
			ctx, cancel := context.WithCancel(t.Context())
			rest := left
			body := io.MultiReader(strings.NewReader("abc"), readerFunc(func(p []byte) (int, error) {
				cancel()
				n := min(rest, len(p))
				if rest -= n; n == 0 {
					return 0, io.EOF
				}
				return n, nil
			}))
			if err := s.Put(ctx, key, body); !errors.Is(err, context.Canceled) {
				t.Errorf("Put cancelled %d bytes before its end: %v", left, err)
			}
			if left > 10 && rest == 0 {
				t.Errorf("after cancelling, Put read all %d bytes left", left)
			}
			cancel()
		}
	}
	want(t, s, "old", "old")
	wantNone(t, s, "new")
}
