package schedule

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetscore/fleetscore/ledger"
)

// TestClockSetBackWhileTheLedgerFails has a wait that the clock makes look like
// hours.
func TestClockSetBackWhileTheLedgerFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var back atomic.Int64
		f := newFake(map[string]Spec{"job": {Schedule: "@every 1m"}})
		s := start(f, func() time.Time { return time.Now().Add(-time.Duration(back.Load())) }, nil)
		defer s.Stop()
		wait := func(d time.Duration) { time.Sleep(d); synctest.Wait() } //nolint:forbidigo // of the bubble
		wait(10*time.Minute + time.Second)
		for _, trouble := range []trouble{unwritten, unread} {
			before := f.count("job")
			f.set(func(f *fake) { f.trouble = trouble })
			wait(3 * time.Hour)
			back.Add(int64(time.Hour))
			f.set(func(f *fake) { f.trouble = none })
			wait(6 * time.Second)
			if got := f.count("job") - before; got != 120 {
				t.Errorf("%d runs are made up for, not 120", got)
			}
			wait(30 * time.Minute)
		}
	})
}

// TestReload changes a job's schedule, and its definition's meaning.
func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(map[string]Spec{"job": {Schedule: "@every 2h"}})
		var every atomic.Int64
		every.Store(int64(2 * time.Hour))
		var log bytes.Buffer
		s, err := New(Config{
			Ledger: f, NewID: func() string { return "id" }, Log: slog.New(slog.NewTextHandler(&log, nil)),
			Plan: func(j ledger.Job) (*Plan, error) {
				return Parse(Spec{Schedule: "@every " + time.Duration(every.Load()).String()})
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.Start(t.Context()); err == nil {
			t.Error("it starts twice")
		}
		synctest.Wait()
		if next := s.Next("job"); len(next) != 5 || time.Until(next[4].At) != 10*time.Hour {
			t.Errorf("next is %v", next)
		}
		every.Store(int64(time.Minute))
		s.Reload()
		synctest.Wait()
		if next := s.Next("job"); len(next) != 5 || time.Until(next[4].At) != 5*time.Minute {
			t.Errorf("next is %v", next)
		}
		f.set(func(f *fake) { f.job("job").Paused = true })
		s.Reload()
		synctest.Wait()
		if next := s.Next("job"); next != nil {
			t.Errorf("paused, next is %v", next)
		}
		every.Store(int64(time.Millisecond))
		f.set(func(f *fake) { f.job("job").Paused = false })
		s.Reload()
		synctest.Wait()
		if next := s.Next("job"); next != nil || !strings.Contains(log.String(), "cannot fire a job") {
			t.Errorf("with a bad schedule, next is %v; log: %s", next, &log)
		}
		every.Store(int64(time.Minute))
		time.Sleep(2 * time.Second) //nolint:forbidigo // of the bubble
		if next := s.Next("job"); len(next) != 5 {
			t.Errorf("next is %v", next)
		}
		f.set(func(f *fake) { f.jobs = nil })
		s.Reload()
		synctest.Wait()
		if next := s.Next("job"); next != nil {
			t.Errorf("removed, next is %v", next)
		}
		s.Stop()
		s.Stop()
	})
}

// TestClockWasAhead says it, once, if a clock that was wrong has fired what is yet
// to come.
func TestClockWasAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(map[string]Spec{"job": {Schedule: "@hourly"}})
		f.job("job").Cursor = time.Now().Add(24 * time.Hour)
		var log bytes.Buffer
		s, err := New(Config{Ledger: f, Plan: planOf, NewID: func() string { return "id" }, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		if err := s.Start(ctx); err != nil {
			t.Fatal(err)
		}
		time.Sleep(24*time.Hour + time.Minute) //nolint:forbidigo // of the bubble
		cancel()
		s.Stop()
		if n := strings.Count(log.String(), "the clock is behind"); n != 1 || len(f.runs["job"]) != 0 {
			t.Errorf("%d runs; log: %s", len(f.runs["job"]), &log)
		}
	})
}

func TestConfig(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("no error")
	}
	(&Scheduler{}).Stop()
}
