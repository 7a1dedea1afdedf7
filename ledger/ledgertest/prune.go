package ledgertest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

func prune(t *testing.T, database Database) {
	ctx := t.Context()
	l := withJobs(t, database, "a", "b")
	var runs []ledger.Run // made at hours 1 to 6
	for n := range 6 {
		runs = append(runs, run("a", n, ledger.Scheduled))
	}
	must(l.Fire(ctx, "a", hours(6), runs))(t)
	for n, r := range runs {
		if n != 2 { // which goes on and on
			r.State = ledger.Failed
			ok(t, l.SaveRun(ctx, r))
		}
		ok(t, l.SaveAttempts(ctx, []ledger.Attempt{{Task: fleet.Task{Run: r.ID, Attempt: 1}, State: fleet.TaskDone}}))
	}
	retry := run("a", 1, ledger.Retried)
	retry.RetryOf, retry.Created = runs[1].ID, hours(9)
	ok(t, l.AddRun(ctx, retry))
	there := fleet.Node{ID: "there", State: fleet.NodeIdle, Started: hours(0)}
	newer := fleet.Node{ID: "newer", State: fleet.NodeEnded, Started: hours(1), Ended: hours(4)}
	for _, n := range []fleet.Node{{ID: "old", State: fleet.NodeEnded, Ended: hours(3)}, newer, there} {
		ok(t, l.SaveNode(ctx, n))
	}

	// Three runs are past: one goes, one is being retried, one goes on.
	want(t, must(l.Prune(ctx, hours(4)))(t), 1)
	left := []string{runs[1].ID, runs[2].ID, runs[3].ID, runs[4].ID, runs[5].ID, retry.ID}
	slices.Sort(left)
	slices.Reverse(left)
	want(t, ids(must(l.Runs(ctx, ledger.RunFilter{}))(t)), left)
	want(t, len(must(l.Attempts(ctx, ledger.AttemptFilter{Run: runs[0].ID}))(t)), 0)
	want(t, len(must(l.Attempts(ctx, ledger.AttemptFilter{Run: runs[1].ID}))(t)), 1)
	want(t, must(l.Nodes(ctx, hours(0)))(t), []fleet.Node{there, newer})

	retry.State = ledger.Succeeded
	ok(t, l.SaveRun(ctx, retry))
	want(t, must(l.Prune(ctx, hours(100)))(t), 5)
	want(t, ids(must(l.Runs(ctx, ledger.RunFilter{}))(t)), []string{runs[2].ID})
	want(t, must(l.Nodes(ctx, hours(0)))(t), []fleet.Node{there})
	want(t, must(l.Prune(ctx, hours(100)))(t), 0)

	// What is gone is not fired again, and another job's hours are.
	for n := range runs {
		runs[n].ID += "-again"
	}
	runs = append(runs, run("a", 6, ledger.Scheduled))
	want(t, ids(must(l.Fire(ctx, "a", hours(7), runs))(t)), []string{runs[6].ID})
	want(t, len(must(l.Fire(ctx, "b", hours(1), []ledger.Run{run("b", 0, ledger.Scheduled)}))(t)), 1)
	ok(t, l.AddRun(ctx, run("a", 0, ledger.Backfilled)))
}

// pruneMany removes more than one transaction does.
func pruneMany(t *testing.T, database Database) {
	ctx := t.Context()
	l := withJobs(t, database, "a")
	var runs []ledger.Run
	for n := range 57 {
		r := run("a", n, ledger.Backfilled)
		r.ID, r.State = fmt.Sprintf("%04d", n), ledger.Succeeded
		ok(t, l.AddRun(ctx, r))
		runs = append(runs, r)
	}
	want(t, must(l.Prune(ctx, runs[50].Created))(t), 50)
	want(t, len(must(l.Runs(ctx, ledger.RunFilter{}))(t)), 7)
}
