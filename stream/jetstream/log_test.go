package jetstream

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/fleetscore/fleetscore/stream"
	"github.com/fleetscore/fleetscore/stream/streamtest"
)

func openTest(t *testing.T, at streamtest.Place) stream.Log {
	t.Helper()
	l, err := Open(t.Context(), Config{Dir: at.Dir, Partitions: streamtest.Partitions, MaxBytes: at.MaxBytes, Now: at.Now})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestContract(t *testing.T) {
	defer goleak.VerifyNone(t)
	streamtest.Run(t, openTest)
}

// TestRestart ends the server under the log, as an error of the disk does in effect.
// Whoever appends is told, once, and all goes on: readers that wait too.
func TestRestart(t *testing.T) {
	defer goleak.VerifyNone(t)
	l := openTest(t, streamtest.Place{Dir: t.TempDir()}).(*Log)
	defer l.Close()
	r := l.Read(1, 0)
	defer r.Close()
	got := make(chan string)
	go func() {
		for {
			e, err := r.Next(t.Context())
			if err != nil {
				close(got)
				return
			}
			got <- string(e.Body)
		}
	}()
	for _, body := range []string{"a", "b", "c"} {
		messages := []stream.Message{{Partition: 1, Body: []byte(body)}}
		if err := l.Append(t.Context(), messages); err != nil {
			t.Fatal(err)
		}
		if found := <-got; found != body {
			t.Fatalf("got %q, want %q", found, body)
		}
		l.server.stop()
		if err := l.Append(t.Context(), []stream.Message{{Partition: 1, Body: []byte("lost")}}); err == nil || errors.Is(err, stream.ErrFull) {
			t.Fatalf("append without a server: %v", err)
		}
	}
	if s := state(t, l)[1]; s.Last != position(l.first+2, 0) {
		t.Errorf("state %+v", s)
	}
	l.Close()
	if found, ok := <-got; ok {
		t.Errorf("got %q", found)
	}
}

// TestDeleted: a log in the place of one that was deleted does not know its positions,
// however much was written to it meanwhile.
func TestDeleted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "log")
	var old stream.Position
	for range 2 {
		l := openTest(t, streamtest.Place{Dir: dir}).(*Log)
		l.Close() // empty, its positions begin where they were going to
		l = openTest(t, streamtest.Place{Dir: dir}).(*Log)
		for range 5 {
			if err := l.Append(t.Context(), []stream.Message{{Partition: 1, Body: []byte("x")}}); err != nil {
				t.Fatal(err)
			}
		}
		if old > 0 {
			if err := l.Trim(t.Context(), 1, old); err != nil {
				t.Error(err)
			}
			r := l.Read(1, old)
			if e, err := r.Next(t.Context()); !errors.Is(err, stream.ErrTrimmed) {
				t.Errorf("after %d of another log: %+v, %v", old, e, err)
			}
			r.Close()
			r = l.Read(1, 0)
			for range 5 {
				if _, err := r.Next(t.Context()); err != nil {
					t.Error(err)
				}
			}
			r.Close()
		}
		old = state(t, l)[1].Last
		l.Close()
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDiskFull: a log leaves its disk what it must, and then goes on.
func TestDiskFull(t *testing.T) {
	l := openTest(t, streamtest.Place{Dir: t.TempDir()}).(*Log)
	defer l.Close()
	messages := []stream.Message{{Body: []byte("x")}}
	free, err := l.files.free()
	if err != nil {
		t.Fatal(err)
	}
	l.cfg.MinFree = 2 * free
	if err := l.Append(t.Context(), messages); !errors.Is(err, stream.ErrFull) {
		t.Errorf("append to a full disk: %v", err)
	}
	l.cfg.MinFree = free / 2
	if err := l.Append(t.Context(), messages); err != nil {
		t.Error(err)
	}
}

// TestOpen: what cannot be opened says why.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	l := openTest(t, streamtest.Place{Dir: dir}).(*Log)
	if err := l.Append(t.Context(), []stream.Message{{}}); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Config{Dir: dir, Partitions: 8}); !errors.Is(err, ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	l.Close()
	for text, cfg := range map[string]Config{
		"it has 8 partitions, not 9": {Dir: dir, Partitions: 9},
		"0 partitions":               {Dir: dir},
		"name is empty":              {Partitions: 8},
		"must not be negative":       {Dir: dir, Partitions: 8, MaxBytes: -1},
	} {
		if _, err := Open(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("got %v, want %q", err, text)
		}
	}
	if err := openTest(t, streamtest.Place{Dir: dir}).(*Log).Close(); err != nil {
		t.Error(err)
	}
}

// FuzzGroup: whatever a message of the server holds, it is refused or its entries
// are in it.
func FuzzGroup(f *testing.F) {
	requests := []*request{{messages: []stream.Message{{Partition: 1, Body: []byte("ab")}, {}}, built: make(chan struct{})}}
	f.Add(uint64(9), newGroup(9, 1e18, []last{{}, {position(3, 4), 1e17}}, requests).raw)
	f.Fuzz(func(t *testing.T, seq uint64, raw []byte) {
		g, err := parseGroup(seq, raw)
		if err != nil {
			return
		}
		for i, it := range g.items {
			if it.start > it.end || int(it.end) > len(raw) || int(it.partition) >= len(g.before) {
				t.Fatalf("entry %d: %+v of %d bytes, %d partitions", i, it, len(raw), len(g.before))
			}
		}
		if after := g.after(); len(after) != len(g.before) {
			t.Fatal(after)
		}
	})
}
