package schedule

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// event is something that happens to a scheduler.
type event struct {
	what string
	d    time.Duration
}

func drawEvents(t *rapid.T) []event {
	seconds := func(name string, most int64) time.Duration {
		return time.Duration(rapid.Int64Range(0, most).Draw(t, name)) * time.Second
	}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) event {
		what := rapid.SampledFrom([]string{"wait", "wait", "wait", "restart", "jump", "jump back", "pause", "resume", "unread", "unwritten", "unsaid", "healthy", "reload"}).Draw(t, "what")
		return event{what, seconds("long", rapid.SampledFrom([]int64{5, 600, 20_000}).Draw(t, "how long"))}
	}), 1, 25).Draw(t, "events")
}

// play has it all happen, and says what is wrong then.
func play(specs map[string]Spec, begin time.Time, events []event) (problem error) {
	spec := specs["job"]
	var offset atomic.Int64
	offset.Store(int64(time.Until(begin)))
	now := func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
	f, told := newFake(specs), map[fleet.Interval]int{}
	fired := func(runs []ledger.Run) {
		for _, r := range runs {
			told[r.Interval]++
		}
	}
	s := start(f, now, fired)
	for _, e := range events {
		synctest.Wait()
		switch e.what {
		case "wait":
			time.Sleep(e.d) //nolint:forbidigo // of the bubble
		case "restart":
			s.Stop()
			time.Sleep(e.d) //nolint:forbidigo // of the bubble
			s = start(f, now, fired)
		case "jump":
			offset.Add(int64(e.d))
		case "jump back":
			offset.Add(-int64(e.d))
		case "pause", "resume":
			f.set(func(f *fake) { f.job("job").Paused = e.what == "pause" })
			s.Reload()
		case "unread", "unwritten", "unsaid", "healthy":
			f.set(func(f *fake) {
				f.trouble = map[string]trouble{"unread": unread, "unwritten": unwritten, "unsaid": unsaid, "healthy": none}[e.what]
			})
		case "reload":
			s.Reload()
		}
	}
	f.set(func(f *fake) {
		f.trouble = none
		f.job("job").Paused = false
	})
	time.Sleep(90 * time.Second) //nolint:forbidigo // of the bubble
	end := now()
	synctest.Wait()
	s.Stop()

	p, err := Parse(spec)
	if err != nil {
		return err
	}
	cursor := f.job("job").Cursor
	if due := p.table.next(cursor).Add(spec.Delay); cursor.IsZero() || !due.After(end) {
		return fmt.Errorf("the cursor is %s at %s, and what was due at %s was not fired", cursor, end, due)
	}
	seen := map[fleet.Interval]bool{}
	for i, r := range f.runs["job"] {
		if seen[r.Interval] || told[r.Interval] > 1 {
			return fmt.Errorf("%s came twice", r.Interval)
		}
		seen[r.Interval] = true
		at := r.Interval.To.Add(spec.Delay)
		switch {
		case r.Created.Before(at):
			return fmt.Errorf("%s came at %s", r.Interval, r.Created)
		case spec.CatchUp == CatchUpNone && r.Created.Sub(at) > prompt:
			return fmt.Errorf("%s came at %s, which was missed", r.Interval, r.Created)
		case i > 0 && !f.runs["job"][i-1].Interval.To.Before(r.Interval.To):
			return fmt.Errorf("%s came after %s", r.Interval, f.runs["job"][i-1].Interval)
		case i > 0 && spec.CatchUp == CatchUpAll && !last(p.table, r.Interval.To).Equal(f.runs["job"][i-1].Interval.To):
			return fmt.Errorf("%s came next after %s", r.Interval, f.runs["job"][i-1].Interval)
		}
	}
	if n := len(f.runs["job"]); n > 0 && spec.CatchUp != CatchUpNone && !f.runs["job"][n-1].Interval.To.Equal(cursor) {
		return fmt.Errorf("the last is %s, but the cursor %s", f.runs["job"][n-1].Interval, cursor)
	}
	if f.broken > 0 {
		return fmt.Errorf("%d times it was fired while it was paused", f.broken)
	}
	if len(f.runs["bad"])+len(f.runs["hand"]) > 0 {
		return fmt.Errorf("jobs without a schedule were fired: %v", f.runs)
	}
	return nil
}

// TestChaos restarts a scheduler, sets its clock, breaks its ledger and pauses its
// job, all at random and around days on which clocks are changed.
func TestChaos(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		specs, events := map[string]Spec{"job": drawSpec(r), "hand": {}}, drawEvents(r)
		if rapid.Bool().Draw(r, "bad") { // what is retried wakes the others too
			specs["bad"] = Spec{Schedule: "61 * * * *"}
		}
		begin := rapid.SampledFrom([]time.Time{utc("2026-03-28 23:00:00"), utc("2026-10-24 23:00:00"), utc("2026-04-04 10:00:00"), utc("2026-02-14 22:00:00"), utc("2026-11-01 04:00:00")}).Draw(r, "begin")
		begin = begin.Add(time.Duration(rapid.Int64Range(-7_200_000, 7_200_000).Draw(r, "milliseconds")) * time.Millisecond)
		var problem error
		synctest.Test(t, func(*testing.T) { problem = play(specs, begin, events) })
		if problem != nil {
			r.Fatal(problem)
		}
	})
}
