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
