package schedule

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/ledger"
)

// told says when a job was fired, and forgets to tell the Scheduler if it is asked to.
type told struct {
	*ledger.Ledger
	fired  chan []ledger.Run
	forget atomic.Bool
}

func (l *told) Fire(ctx context.Context, job string, cursor time.Time, runs []ledger.Run) ([]ledger.Run, error) {
	created, err := l.Ledger.Fire(ctx, job, cursor, runs)
	l.fired <- created
	if l.forget.Load() {
		return nil, errTrouble
	}
	return created, err
}

// TestLedger fires into a real ledger, with a restart after each step.
func TestLedger(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "ledger.db")
	var clock atomic.Int64
	clock.Store(utc("2026-03-29 00:55:05").Unix())
	now := func() time.Time { return time.Unix(clock.Load(), 0) }
	var ids atomic.Int64
	for _, step := range []struct {
		later  int64
		forget bool
		want   int
	}{{0, false, 0}, {25, false, 3}, {20, true, 2}, {10, false, 1}, {3600, false, 360}} {
		l, err := ledger.Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.SaveJobs(ctx, []ledger.Job{{Name: "job", Spec: []byte(`{"Schedule":"*/10 * * * * *","Zone":"Europe/Berlin"}`)}}, now()); err != nil {
			t.Fatal(err)
		}
		clock.Add(step.later)
		tell := &told{Ledger: l, fired: make(chan []ledger.Run, 1)}
		tell.forget.Store(step.forget)
		s, err := New(Config{Ledger: tell, Plan: planOf, NewID: func() string { return fmt.Sprintf("%08d", ids.Add(1)) }, Now: now, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Start(ctx); err != nil {
			t.Fatal(err)
		}
		if created := <-tell.fired; len(created) != step.want {
			t.Errorf("%d s later %d runs are made, not %d", step.later, len(created), step.want)
		}
		s.Stop()
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}

	l, err := ledger.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	runs, err := l.Runs(ctx, ledger.RunFilter{Job: "job", Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(runs)
	if len(runs) != 366 {
		t.Errorf("%d runs", len(runs))
	}
	for i, r := range runs {
		if want := utc("2026-03-29 00:55:00").Add(time.Duration(i) * 10 * time.Second); !r.Interval.From.Equal(want) || r.Interval.Length() != 10*time.Second {
			t.Fatalf("run %d is of %s, and should be from %s", i, r.Interval, want)
		}
	}
}
