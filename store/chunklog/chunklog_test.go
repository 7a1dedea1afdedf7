package chunklog_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/chunklog"
	"github.com/fleetscore/fleetscore/store/memstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func key(n int) string { return fmt.Sprintf("logs/a-%05d.log", n) }

// text is the log as it is stored.
func text(t testing.TB, s store.Store, offset int64) string {
	t.Helper()
	r, err := chunklog.Open(context.Background(), s, "logs/a-", offset)
	if errors.Is(err, store.ErrNotFound) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

// flaky fails while it is told to.
type flaky struct {
	store.Store
	mu   sync.Mutex
	down bool
}

func (f *flaky) set(down bool) { f.mu.Lock(); f.down = down; f.mu.Unlock() }

func (f *flaky) Put(ctx context.Context, key string, body io.Reader) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return errors.New("down")
	}
	return f.Store.Put(ctx, key, body)
}

// Whatever is written, in whatever pieces, is in the log, once, in order.
func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		lines := rapid.SliceOf(rapid.StringMatching(`[a-z]{0,40}\n?`)).Draw(rt, "lines")
		bytes := rapid.IntRange(1, 100).Draw(rt, "bytes")
		rest := rapid.Bool().Draw(rt, "rest")
		pauses := rapid.IntRange(1, 5).Draw(rt, "pauses")
		synctest.Test(t, func(t *testing.T) {
			s := memstore.New()
			w := chunklog.NewWriter(chunklog.Config{Store: s, Key: key, Bytes: bytes})
			for i, line := range lines {
				if _, err := io.WriteString(w, line); err != nil {
					t.Fatal(err)
				}
				if i%pauses == 0 {
					time.Sleep(3 * time.Second) //nolint:forbidigo // in fake time
				}
			}
			if rest {
				for _, o := range w.Rest() {
					if err := s.Put(t.Context(), o.Key, strings.NewReader(string(o.Body))); err != nil {
						t.Fatal(err)
					}
				}
			} else if err := w.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			want := strings.Join(lines, "")
			if got := text(t, s, 0); got != want {
				t.Fatalf("%q, want %q", got, want)
			}
			for offset := range int64(len(want)) {
				if got := text(t, s, offset); got != want[offset:] {
					t.Fatalf("from %d: %q, want %q", offset, got, want[offset:])
				}
			}
			if _, err := io.WriteString(w, "x"); err == nil {
				t.Error("a log that has ended is written to")
			}
		})
	})
}

// A line is stored within seconds, though nothing follows it.
func TestLinesAreStoredSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := memstore.New()
		w := chunklog.NewWriter(chunklog.Config{Store: s, Key: key})
		fmt.Fprintln(w, "one")
		time.Sleep(6 * time.Second) //nolint:forbidigo // in fake time
		if got := text(t, s, 0); got != "one\n" {
			t.Errorf("after 6 s the log is %q", got)
		}
		if err := w.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

// A store that is away for a while loses nothing, but for what is beyond the bound.
func TestStoreIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &flaky{Store: memstore.New(), down: true}
		w := chunklog.NewWriter(chunklog.Config{Store: s, Key: key, Most: 100, Bytes: 50})
		for i := range 30 {
			fmt.Fprintf(w, "line %04d\n", i)
		}
		time.Sleep(time.Minute) //nolint:forbidigo // in fake time
		s.set(false)
		time.Sleep(time.Minute) //nolint:forbidigo // in fake time
		fmt.Fprintln(w, "back")
		if err := w.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := text(t, s, 0)
		if !strings.HasPrefix(got, "level=WARN") || !strings.Contains(got, "bytes_lost=200") || !strings.Contains(got, "line 0020\n") ||
			strings.Contains(got, "line 0019") || !strings.HasSuffix(got, "line 0029\nback\n") || strings.Count(got, "WARN") != 1 {
			t.Errorf("the log is %q", got)
		}
	})
}

// hanging is a store that neither takes nor refuses, until it is told to go on.
type hanging struct {
	store.Store
	puts chan struct{}
}

func (h *hanging) Put(ctx context.Context, key string, body io.Reader) error {
	select {
	case <-h.puts:
		return h.Store.Put(ctx, key, body)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A store that hangs keeps nobody from writing, and what it was about to take is
// not lost when the log ends, by whatever way.
func TestStoreHangs(t *testing.T) {
	for _, rest := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := &hanging{memstore.New(), make(chan struct{}, 1)}
			w := chunklog.NewWriter(chunklog.Config{Store: s, Key: key, Bytes: 100})
			var writers sync.WaitGroup
			for i := range 4 {
				writers.Go(func() {
					for j := range 50 {
						fmt.Fprintf(w, "line %d of writer %d\n", j, i)
						time.Sleep(time.Second) //nolint:forbidigo // in fake time
					}
				})
			}
			writers.Wait()
			var objects []store.Object
			if rest {
				objects = w.Rest()
			} else {
				close(s.puts)
				if err := w.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if errs := store.PutAll(t.Context(), s.Store, objects); errs != nil {
				t.Fatal(errs)
			}
			lines := strings.Split(text(t, s.Store, 0), "\n")
			if len(lines) != 201 {
				t.Fatalf("%d lines, want 200", len(lines)-1)
			}
			for i := range 4 { // each writer's in its order
				n := 0
				for _, line := range lines {
					if line == fmt.Sprintf("line %d of writer %d", n, i) {
						n++
					}
				}
				if n != 50 {
					t.Errorf("%d lines of writer %d", n, i)
				}
			}
		})
	}
}

// BenchmarkWriteWhileAway writes lines while the store is away and the memory is full.
func BenchmarkWriteWhileAway(b *testing.B) {
	s := &flaky{Store: memstore.New(), down: true}
	w := chunklog.NewWriter(chunklog.Config{Store: s, Key: key})
	line := []byte(strings.Repeat("x", 99) + "\n")
	for range 17 << 20 / len(line) {
		w.Write(line)
	}
	for b.Loop() {
		w.Write(line)
	}
	w.Rest()
}
