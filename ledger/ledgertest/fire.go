package ledgertest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/fleetscore/fleetscore/ledger"
)

func fire(t *testing.T, database Database) {
	ctx := t.Context()
	l := withJobs(t, database, "a", "b")
	first := []ledger.Run{run("a", 0, ledger.Scheduled), run("a", 1, ledger.Scheduled)}
	first[0].State = ledger.Running // fired runs are queued
	created := must(l.Fire(ctx, "a", hours(2), first))(t)
	first[0].State = ledger.Queued
	want(t, created, first)
	want(t, must(l.ActiveRuns(ctx))(t), first)

	// What was fired is left out, under another name too, in whatever state it is.
	done := first[0]
	done.State = ledger.Failed
	ok(t, l.SaveRun(ctx, done))
	again := run("a", 0, ledger.Scheduled)
	again.ID = "again"
	created = must(l.Fire(ctx, "a", hours(3), []ledger.Run{again, first[1], run("a", 2, ledger.Scheduled), run("a", 2, ledger.Scheduled)}))(t)
	want(t, created, []ledger.Run{run("a", 2, ledger.Scheduled)})
	want(t, must(l.Job(ctx, "a"))(t).Cursor, hours(3))
	// The same hour of another job is another interval, and so is a longer one.
	want(t, len(must(l.Fire(ctx, "b", hours(1), []ledger.Run{run("b", 0, ledger.Scheduled)}))(t)), 1)
	longer := run("a", 1, ledger.Scheduled)
	longer.ID, longer.Interval.To = "longer", hours(3)
	want(t, len(must(l.Fire(ctx, "a", hours(3), []ledger.Run{longer}))(t)), 1)

	// A run that was asked for does not take the scheduled one's place.
	ok(t, l.AddRun(ctx, run("a", 3, ledger.Manual)))
	want(t, len(must(l.Fire(ctx, "a", hours(4), []ledger.Run{run("a", 3, ledger.Scheduled)}))(t)), 1)
	want(t, len(must(l.Fire(ctx, "a", hours(4), []ledger.Run{run("a", 3, ledger.Scheduled)}))(t)), 0)
}

// fireOnce has many fire the same intervals at once, and again after the ledger
// was opened anew.
func fireOnce(t *testing.T, database Database) {
	const callers, intervals = 8, 30
	for round := range 2 {
		l := open(t, database)
		ok(t, l.SaveJobs(t.Context(), []ledger.Job{{Name: "a"}}, begin()))
		var wg sync.WaitGroup
		var mu sync.Mutex
		created := 0
		for caller := range callers {
			wg.Go(func() {
				for i := range intervals {
					r := run("a", (i+caller*3)%intervals, ledger.Scheduled)
					r.ID = fmt.Sprintf("%04d-%d-%d", i, caller, round)
					made, err := l.Fire(t.Context(), "a", r.Interval.To, []ledger.Run{r})
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					created += len(made)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if round == 0 {
			want(t, created, intervals)
		} else {
			want(t, created, 0)
		}
		want(t, len(must(l.Runs(t.Context(), ledger.RunFilter{Job: "a"}))(t)), intervals)
		want(t, must(l.Job(t.Context(), "a"))(t).Cursor, hours(intervals))
		ok(t, l.Close())
	}
}

// fireAllOrNothing checks that a Fire that fails has neither moved the cursor nor
// made a run.
func fireAllOrNothing(t *testing.T, database Database) {
	ctx := t.Context()
	l := withJobs(t, database, "a", "b")
	ok(t, l.AddRun(ctx, run("b", 7, ledger.Manual)))
	taken := run("a", 1, ledger.Scheduled)
	taken.ID = run("b", 7, ledger.Manual).ID
	twice := run("a", 2, ledger.Manual)
	twice.ID = "twice"
	for _, second := range [][]ledger.Run{
		{taken},
		{run("b", 1, ledger.Scheduled)},
		{{ID: "x", Job: "a", Origin: ledger.Scheduled}},
		{run("a", 2, ledger.Backfilled), twice},
	} {
		if _, err := l.Fire(ctx, "a", hours(2), append([]ledger.Run{run("a", 0, ledger.Scheduled)}, second...)); err == nil {
			t.Errorf("%v is accepted", second)
		}
	}
	want(t, must(l.Job(ctx, "a"))(t).Cursor.IsZero(), true)
	want(t, len(must(l.Runs(ctx, ledger.RunFilter{Job: "a"}))(t)), 0)
}

// addRunOnce has many ask for a run of the same interval.
func addRunOnce(t *testing.T, database Database) {
	const callers = 8
	ctx := t.Context()
	l := withJobs(t, database, "a")
	for round := range 5 {
		var wg sync.WaitGroup
		made := make([]error, callers)
		for caller := range callers {
			wg.Go(func() {
				r := run("a", 0, ledger.Manual)
				r.ID = fmt.Sprintf("%d-%d", round, caller)
				made[caller] = l.AddRun(ctx, r)
			})
		}
		wg.Wait()
		added := 0
		for _, err := range made {
			if err == nil {
				added++
			} else if !errors.Is(err, ledger.ErrActive) {
				t.Error(err)
			}
		}
		want(t, added, 1)
		active := must(l.ActiveRuns(ctx))(t)
		want(t, len(active), 1)
		active[0].State = ledger.Succeeded
		ok(t, l.SaveRun(ctx, active[0]))
	}
}
