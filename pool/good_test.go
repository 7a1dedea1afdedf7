package pool

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// failing fails while three tasks wait, which no trial has.
const failing = "1 / (pending_tasks - 3) > 1e300 ? 1 / 0 : 5"

// lived is a pool in one of its lives.
func lived(t *testing.T, formula string, kept Kept) *Pool {
	t.Helper()
	p, err := New(Config{Settings: Settings{Formula: formula, Max: 8}, Kept: kept, Next: func(time.Time) []Due { return nil }, Resize: func() {}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func set(t *testing.T, p *Pool, formula string) {
	t.Helper()
	if err := p.Set(Settings{Formula: formula, Max: 8}); err != nil {
		t.Fatal(err)
	}
}

func waiting(tasks int) fleet.Load { return fleet.Load{PendingTasks: tasks} }

// Where a formula fails, the last one that did not is followed: whatever was set in
// between, and over restarts, in which the settings may have changed as well.
func TestLastGood(t *testing.T) {
	p := lived(t, "", Kept{})
	set(t, p, "7")
	p.Target(waiting(3))
	set(t, p, failing)
	p.Target(waiting(3))
	set(t, p, failing+" + 0") // it fails too, but was not asked: so it is the good one
	set(t, p, failing+" + 1")
	if n := p.Target(waiting(3)); n != 1 || !strings.Contains(p.Last().Reason, "last good") {
		t.Fatalf("%d: where the good one fails as well, the default is followed: %+v", n, p.Last())
	}

	p = lived(t, "7", Kept{})
	for range 2 {
		set(t, p, failing)
		if n := p.Target(waiting(3)); n != 7 || p.Last().Error == "" {
			t.Fatalf("%d, %+v", n, p.Last())
		}
		if n := p.Target(waiting(2)); n != 5 || p.Last().Error != "" {
			t.Fatalf("%d, %+v", n, p.Last())
		}
		p = lived(t, failing, p.Kept()) // the same formula after a restart, twice
	}
	if p.Target(waiting(3)) != 7 || p.Good() != "7" {
		t.Fatalf("after a restart %+v is kept", p.Kept())
	}
	p = lived(t, failing+" + 0", p.Kept()) // another that fails, in the settings
	if p.Target(waiting(3)) != 7 {
		t.Fatalf("after a restart with another formula %+v is kept", p.Kept())
	}
	p = lived(t, "6", p.Kept())
	p = lived(t, failing, p.Kept())
	if p.Target(waiting(3)) != 6 {
		t.Fatalf("after a good one in the settings %+v is kept", p.Kept())
	}
	p = lived(t, failing, Kept{Formula: "no formula", Good: "nor this"})
	if p.Target(waiting(3)) != 1 {
		t.Fatal("what is kept and cannot be read is not left out")
	}
}

// A formula that fails for a moment in each run has been failing all the time, until
// it is well for long, or another is set.
func TestFailing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := lived(t, failing, Kept{})
		recorded := make(chan []Record, 100)
		p.cfg.Record = func(all []Record) { recorded <- all }
		p.Start(context.Background())
		defer p.Stop()
		if f := p.Failing(); !f.Since.IsZero() || f.Times != 0 {
			t.Fatalf("%+v", f)
		}
		begun := time.Now()
		for range 24 {
			p.Target(waiting(3))
			p.Target(waiting(0))
			time.Sleep(time.Hour) //nolint:forbidigo // in a bubble
			if f := p.Failing(); !f.Since.Equal(begun) || !f.Last.Equal(time.Now().Add(-time.Hour)) || f.Error == "" {
				t.Fatalf("%+v, begun %v", f, begun)
			}
		}
		if f := lived(t, failing, p.Kept()).Failing(); !f.Since.Equal(begun) || f.Error == "" {
			t.Fatalf("after a restart it is well: %+v", f)
		}
		if f := lived(t, "7", p.Kept()).Failing(); !f.Since.IsZero() {
			t.Fatalf("after a restart another formula fails: %+v", f)
		}
		synctest.Wait()
		for len(recorded) > 0 {
			<-recorded
		}
		time.Sleep(calm) //nolint:forbidigo // in a bubble
		if f := p.Failing(); !f.Since.IsZero() || f.Times != 24 {
			t.Fatalf("it is not well again: %+v", f)
		}
		synctest.Wait()
		if len(recorded) != 1 {
			t.Fatalf("that it is well again is recorded %d times", len(recorded))
		}
		if all := <-recorded; len(all) != 1 || all[0].Error != "" || !strings.Contains(all[0].Reason, "has not failed for 2h") {
			t.Fatalf("that it is well again is recorded as %+v", all)
		}
		p.Target(waiting(3))
		if f := p.Failing(); !f.Since.Equal(time.Now()) || f.Times != 25 {
			t.Fatalf("%+v", f)
		}
		set(t, p, "3")
		if f := p.Failing(); !f.Since.IsZero() || f.Times != 25 {
			t.Fatalf("another formula fails as well: %+v", f)
		}
	})
}

// The first decision knows when the next run is.
func TestFirstDecision(t *testing.T) {
	p, err := New(Config{Settings: Settings{Max: 8}, Resize: func() {}, Next: func(now time.Time) []Due { return []Due{{Job: "hourly", At: now.Add(time.Hour)}} }})
	if err != nil {
		t.Fatal(err)
	}
	p.Start(context.Background())
	defer p.Stop()
	p.Target(fleet.Load{})
	if next := p.Last().Signals.NextRunSeconds; next > 3600 {
		t.Errorf("the first decision is for a run in %g s", next)
	}
}
