package ledgertest

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

func addRun(t *testing.T, database Database) {
	ctx := t.Context()
	l := withJobs(t, database, "a")
	full := fullRun()
	ok(t, l.AddRun(ctx, full))
	want(t, must(l.Run(ctx, full.ID))(t), full)

	// One at a time is at an interval, whoever asked for it.
	for i, origin := range []string{ledger.Manual, ledger.Backfilled, ledger.Retried} {
		r := run("a", 1, origin)
		r.State = "" // queued
		ok(t, l.AddRun(ctx, r))
		for _, other := range []string{ledger.Manual, ledger.Backfilled, ledger.Retried} {
			late := run("a", 1, other)
			late.ID += "-late"
			wantError(t, l.AddRun(ctx, late), ledger.ErrActive)
		}
		for _, state := range []ledger.RunState{ledger.Planning, ledger.Running, ledger.Committing, ledger.Queued} {
			r.State = state
			ok(t, l.SaveRun(ctx, r))
			late := run("a", 1, ledger.Manual)
			late.ID += "-late"
			wantError(t, l.AddRun(ctx, late), ledger.ErrActive)
		}
		r.State = []ledger.RunState{ledger.Succeeded, ledger.Failed, ledger.Canceled}[i]
		ok(t, l.SaveRun(ctx, r))
	}
	must(l.Fire(ctx, "a", hours(3), []ledger.Run{run("a", 2, ledger.Scheduled)}))(t)
	wantError(t, l.AddRun(ctx, run("a", 2, ledger.Manual)), ledger.ErrActive)
	// An interval that overlaps, or is of another job, is another.
	half := run("a", 2, ledger.Manual)
	half.Interval.To = half.Interval.From.Add(time.Second)
	ok(t, l.AddRun(ctx, half))
	ok(t, l.AddRun(ctx, run("b", 2, ledger.Manual)))
}

// fullRun is a run that has all a run can have.
func fullRun() ledger.Run {
	return ledger.Run{
		ID: "full", Job: "a", Interval: fleet.NewInterval(time.Unix(0, 0), time.Unix(1, 0)), Origin: ledger.Retried, State: ledger.Committing,
		Priority: -5, Rev: 7, RetryOf: "an earlier one", Created: hours(1).Add(123456 * time.Microsecond),
		Started: hours(2), Finished: hours(3).Add(time.Microsecond), Generation: 2, Tasks: 3375, TasksDone: 3374, Counts: fullCounts(),
		Causes: []fleet.Group{{Cause: fleet.NoModel, Sensors: 1, Rows: 1 << 60, Example: "pump-7/temp: \u2028 <&>"}, {Cause: fleet.Crashed}},
		Error:  "2 of 10 sensors failed", Note: "3 partitions were behind", Usage: fleet.Usage{Gets: 1, Puts: 1 << 40, Lists: 3, Read: 1 << 50, Written: 5}, Complete: true, Committed: true, Cancel: true,
	}
}

func fullCounts() fleet.Counts {
	return fleet.Counts{Sensors: 1, Scored: 2, Failed: 3, Silent: 4, Skipped: 5, Orphans: 6, Readings: math.MaxInt64, Predictions: 8, Anomalies: 9, Undecidable: 10}
}

func runsRefused(t *testing.T, database Database) {
	ctx := t.Context()
	l := withJobs(t, database, "a")
	_, err := l.Run(ctx, "none")
	wantError(t, err, ledger.ErrNotFound)
	wantError(t, l.SaveRun(ctx, run("a", 0, ledger.Manual)), ledger.ErrNotFound)
	wantError(t, l.AskCancel(ctx, "none"), ledger.ErrNotFound)
	for what, spoil := range map[string]func(*ledger.Run){
		"no ID":           func(r *ledger.Run) { r.ID = "" },
		"NUL in the ID":   func(r *ledger.Run) { r.ID = "a\x00b" },
		"no job":          func(r *ledger.Run) { r.Job = "" },
		"a long job":      func(r *ledger.Run) { r.Job = strings.Repeat("x", 1<<20) },
		"no interval":     func(r *ledger.Run) { r.Interval = fleet.Interval{} },
		"an empty one":    func(r *ledger.Run) { r.Interval.To = r.Interval.From },
		"half seconds":    func(r *ledger.Run) { r.Interval.To = r.Interval.To.Add(time.Second / 2) },
		"a far interval":  func(r *ledger.Run) { r.Interval.To = time.Unix(1<<60, 0) },
		"another origin":  func(r *ledger.Run) { r.Origin = "elsewhere" },
		"another state":   func(r *ledger.Run) { r.State = "confused" },
		"no time":         func(r *ledger.Run) { r.Created = time.Time{} },
		"a bad RetryOf":   func(r *ledger.Run) { r.RetryOf = "\xff" },
		"negative length": func(r *ledger.Run) { r.Interval.From, r.Interval.To = r.Interval.To, r.Interval.From },
	} {
		r := run("a", 0, ledger.Manual)
		spoil(&r)
		if err := l.AddRun(ctx, r); err == nil {
			t.Errorf("a run with %s is accepted", what)
		}
	}
	ok(t, l.AddRun(ctx, run("a", 0, ledger.Manual)))
	same := run("a", 5, ledger.Manual)
	same.ID = run("a", 0, ledger.Manual).ID
	if err := l.AddRun(ctx, same); err == nil {
		t.Error("a second run of the same name is accepted")
	}
	want(t, must(l.Run(ctx, same.ID))(t), run("a", 0, ledger.Manual))
}

func saveRun(t *testing.T, database Database) {
	ctx := t.Context()
	l := withJobs(t, database, "a")
	before := run("a", 0, ledger.Manual)
	ok(t, l.AddRun(ctx, before))
	ok(t, l.AskCancel(ctx, before.ID))
	full := fullRun()
	full.ID, full.Cancel = before.ID, false
	ok(t, l.SaveRun(ctx, full))
	// These do not change.
	full.Job, full.Interval, full.Origin, full.Created, full.Cancel = before.Job, before.Interval, before.Origin, before.Created, true
	want(t, must(l.Run(ctx, full.ID))(t), full)
	// And all others do, back to nothing as well.
	before.Cancel = true
	ok(t, l.SaveRun(ctx, before))
	want(t, must(l.Run(ctx, before.ID))(t), before)
	want(t, must(l.ActiveRuns(ctx))(t), []ledger.Run{before})
	bad := before
	bad.State = "?"
	if err := l.SaveRun(ctx, bad); err == nil {
		t.Error("a state that is none is accepted")
	}
}

// final checks that a run that is over stays so.
func final(t *testing.T, database Database) {
	ctx := t.Context()
	l := withJobs(t, database, "a")
	for n, over := range []ledger.RunState{ledger.Succeeded, ledger.Failed, ledger.Canceled} {
		r := run("a", n, ledger.Manual)
		ok(t, l.AddRun(ctx, r))
		r.State, r.Rev = over, 1
		ok(t, l.SaveRun(ctx, r))
		ok(t, l.SaveRun(ctx, r)) // as when it is not known whether that was done
		for _, state := range []ledger.RunState{ledger.Queued, ledger.Running, ledger.Succeeded, ledger.Failed, ledger.Canceled} {
			if state != over {
				late := r
				late.State = state
				wantError(t, l.SaveRun(ctx, late), ledger.ErrFinal)
			}
		}
		wantError(t, l.AskCancel(ctx, r.ID), ledger.ErrFinal)
		want(t, must(l.Run(ctx, r.ID))(t), r)
	}
	want(t, len(must(l.ActiveRuns(ctx))(t)), 0)
}

func runFilter(t *testing.T, database Database) {
	ctx := t.Context()
	l := withJobs(t, database, "a", "b")
	for n := range 6 {
		r := run("a", n, ledger.Scheduled)
		must(l.Fire(ctx, "a", r.Interval.To, []ledger.Run{r}))(t)
		r.State = []ledger.RunState{ledger.Succeeded, ledger.Failed, ledger.Running}[n%3]
		ok(t, l.SaveRun(ctx, r))
	}
	ok(t, l.AddRun(ctx, run("b", 0, ledger.Manual)))
	name := func(n int) string { return run("a", n, ledger.Scheduled).ID }
	second := hour(1)
	for _, c := range []struct {
		filter ledger.RunFilter
		want   []string
	}{
		{ledger.RunFilter{}, []string{"b-0000-manual", name(5), name(4), name(3), name(2), name(1), name(0)}},
		{ledger.RunFilter{Job: "a", Limit: 2}, []string{name(5), name(4)}},
		{ledger.RunFilter{Job: "none"}, []string{}},
		{ledger.RunFilter{States: []ledger.RunState{ledger.Failed}}, []string{name(4), name(1)}},
		{ledger.RunFilter{States: []ledger.RunState{ledger.Failed, ledger.Succeeded}, Limit: 3}, []string{name(4), name(3), name(1)}},
		{ledger.RunFilter{Interval: &second}, []string{name(1)}},
		{ledger.RunFilter{Job: "a", From: hours(2), To: hours(4)}, []string{name(3), name(2)}},
		{ledger.RunFilter{From: hours(5)}, []string{name(5)}},
		{ledger.RunFilter{Job: "b", To: hours(1)}, []string{"b-0000-manual"}},
		{ledger.RunFilter{Before: name(2)}, []string{name(1), name(0)}},
	} {
		want(t, ids(must(l.Runs(ctx, c.filter))(t)), c.want)
	}
	want(t, ids(must(l.ActiveRuns(ctx))(t)), []string{name(2), name(5), "b-0000-manual"})
}

func runPages(t *testing.T, database Database) {
	ctx := t.Context()
	l := withJobs(t, database, "a")
	all := []string{}
	for n := range 25 {
		r := run("a", n, ledger.Manual)
		ok(t, l.AddRun(ctx, r))
		all = append(all, r.ID)
	}
	slices.Reverse(all)
	for _, size := range []int{1, 7, 25, 100} {
		got := []string{}
		for before := ""; ; {
			page := ids(must(l.Runs(ctx, ledger.RunFilter{Job: "a", Before: before, Limit: size}))(t))
			got = append(got, page...)
			if len(page) < size {
				break
			}
			before = page[len(page)-1]
		}
		want(t, got, all)
	}
}
