package ledgertest

import (
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// commit makes a run that ends with a commit.
func commit(t *testing.T, l *ledger.Ledger, r ledger.Run, rev, anomalies int, complete bool) ledger.Run {
	t.Helper()
	ok(t, l.AddRun(t.Context(), r))
	r.State, r.Rev, r.Complete, r.Committed = ledger.Succeeded, rev, complete, true
	r.Counts = fleet.Counts{Sensors: 10, Scored: 8, Failed: 2, Anomalies: int64(anomalies)}
	r.Causes = []fleet.Group{{Cause: fleet.NoModel, Sensors: 2, Rows: 3, Example: "pump"}}
	r.Usage = fleet.Usage{Puts: 4}
	ok(t, l.SaveRun(t.Context(), r))
	return r
}

// tallies are what counts, whatever revisions there are, and go with their runs.
func tallies(t *testing.T, database Database) {
	ctx := t.Context()
	l := withJobs(t, database, "a", "b")
	half := func(n int, origin string) ledger.Run {
		r := run("a", 0, origin)
		r.Interval = fleet.NewInterval(hours(0).Add(time.Duration(n)*30*time.Minute), hours(0).Add(time.Duration(n+1)*30*time.Minute))
		r.ID += "-half" + string(rune('0'+n))
		return r
	}
	first := commit(t, l, half(0, ledger.Manual), 1, 100, true)
	commit(t, l, half(1, ledger.Manual), 1, 7, false)
	commit(t, l, half(0, ledger.Retried), 2, 5, true) // supersedes the first
	commit(t, l, run("a", 1, ledger.Manual), 1, 1, true)
	commit(t, l, run("b", 1, ledger.Manual), 1, 2, true)
	lost := run("a", 2, ledger.Manual)
	ok(t, l.AddRun(ctx, lost))
	lost.State, lost.Rev, lost.Counts = ledger.Failed, 1, fleet.Counts{Sensors: 99}
	ok(t, l.SaveRun(ctx, lost)) // it never came to a commit

	sum := func(job string, n, intervals, incomplete, anomalies int) ledger.Tally {
		return ledger.Tally{
			Job: job, Hour: hours(n), Intervals: intervals, Incomplete: incomplete,
			Counts: fleet.Counts{Sensors: 10 * intervals, Scored: 8 * intervals, Failed: 2 * intervals, Anomalies: int64(anomalies)},
			Causes: []fleet.Group{{Cause: fleet.NoModel, Sensors: 2 * intervals, Rows: 3 * int64(intervals)}},
			Usage:  fleet.Usage{Puts: 4 * int64(intervals)},
		}
	}
	all := []ledger.Tally{sum("a", 0, 2, 1, 12), sum("a", 1, 1, 0, 1), sum("b", 1, 1, 0, 2)}
	want(t, must(l.Tallies(ctx, "", time.Time{}, time.Time{}))(t), all)
	want(t, must(l.Tallies(ctx, "a", hours(1), hours(2)))(t), all[1:2])
	ok(t, l.SaveRun(ctx, first)) // again, as one does who does not know whether it was saved
	want(t, must(l.Tallies(ctx, "", hours(0), hours(1)))(t), all[:1])

	must(l.Prune(ctx, hours(2)))(t) // the first hour's runs
	want(t, must(l.Tallies(ctx, "", time.Time{}, time.Time{}))(t), all[1:])
}

// talliesOfEarlier are made when a ledger is opened that has none.
func talliesOfEarlier(t *testing.T, database Database) {
	l, err := database(t.Context())
	ok(t, err)
	ok(t, l.SaveJobs(t.Context(), []ledger.Job{{Name: "a"}}, begin()))
	full := fullRun() // it is added as if it had been committed by another program
	ok(t, l.AddRun(t.Context(), full))
	want(t, len(must(l.Tallies(t.Context(), "", time.Time{}, time.Time{}))(t)), 0)
	ok(t, l.Close())
	l = open(t, database)
	all := must(l.Tallies(t.Context(), "", time.Time{}, time.Time{}))(t)
	want(t, len(all), 1)
	want(t, all[0].Counts, full.Counts)
}

// outcomes are the runs that count.
func outcomes(t *testing.T, database Database) {
	ctx := t.Context()
	l := withJobs(t, database, "a")
	commit(t, l, run("a", 0, ledger.Manual), 1, 1, true)
	second := commit(t, l, run("a", 0, ledger.Retried), 2, 1, true)
	later := commit(t, l, run("a", 1, ledger.Manual), 1, 1, true)
	last := commit(t, l, run("a", 2, ledger.Manual), 1, 1, true)
	open := run("a", 3, ledger.Manual)
	ok(t, l.AddRun(ctx, open))
	want(t, ids(must(l.Outcomes(ctx, "a", time.Time{}, time.Time{}, 10))(t)), []string{second.ID, later.ID, last.ID})
	want(t, ids(must(l.Outcomes(ctx, "a", time.Time{}, time.Time{}, 2))(t)), []string{later.ID, last.ID})
	want(t, ids(must(l.Outcomes(ctx, "a", hours(0), hours(1), 10))(t)), []string{second.ID})
	want(t, ids(must(l.Outcomes(ctx, "none", time.Time{}, time.Time{}, 10))(t)), []string{})
}
