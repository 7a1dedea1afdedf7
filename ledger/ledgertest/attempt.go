package ledgertest

import (
	"math"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

func attempts(t *testing.T, database Database) {
	ctx := t.Context()
	l := withJobs(t, database, "a")
	r, other := run("a", 0, ledger.Manual), run("a", 1, ledger.Manual)
	ok(t, l.AddRun(ctx, r))
	ok(t, l.AddRun(ctx, other))
	ok(t, l.SaveAttempts(ctx, nil))
	task := func(generation, index, attempt int) fleet.Task {
		return fleet.Task{Run: r.ID, Generation: generation, Index: index, Attempt: attempt}
	}
	full := ledger.Attempt{
		Task: task(1, 0, 2), State: fleet.TaskLost, Node: "local-1", Cost: 0.125, Queued: time.Unix(0, 0).UTC(), Started: hours(1).Add(time.Microsecond),
		Finished: hours(2), Detail: "killed", Seconds: fleet.Seconds{Start: 0.1, Read: 1e-9, Score: 3e300, Write: 4}, Counts: fullCounts(),
		Progress: fleet.Progress{Sensors: 1, Rows: 2, Anomalies: 3, Failed: 4},
	}
	empty := ledger.Attempt{Task: task(0, 10, 1), State: fleet.TaskWaiting}
	elsewhere := ledger.Attempt{Task: fleet.Task{Run: other.ID, Attempt: 1}, State: fleet.TaskDone}
	ok(t, l.SaveAttempts(ctx, []ledger.Attempt{full, elsewhere, empty}))
	want(t, must(l.Attempts(ctx, ledger.AttemptFilter{Run: r.ID}))(t), []ledger.Attempt{empty, full})
	want(t, must(l.Attempts(ctx, ledger.AttemptFilter{Run: other.ID}))(t), []ledger.Attempt{elsewhere})
	want(t, len(must(l.Attempts(ctx, ledger.AttemptFilter{}))(t)), 0)

	// Written again, each is as it is written; the last counts.
	full, empty = ledger.Attempt{Task: full.Task, State: fleet.TaskDone}, ledger.Attempt{Task: empty.Task, State: fleet.TaskRunning, Node: "local-2", Counts: fullCounts()}
	ok(t, l.SaveAttempts(ctx, []ledger.Attempt{{Task: empty.Task, State: fleet.TaskFailed}, full, empty}))
	want(t, must(l.Attempts(ctx, ledger.AttemptFilter{Run: r.ID}))(t), []ledger.Attempt{empty, full})

	// Numbers that are none are not the end of it.
	odd := ledger.Attempt{Task: full.Task, State: fleet.TaskDone, Cost: math.NaN(), Seconds: fleet.Seconds{Read: math.Inf(1), Score: 2}}
	ok(t, l.SaveAttempts(ctx, []ledger.Attempt{odd}))
	odd.Cost, odd.Seconds.Read = 0, 0
	want(t, must(l.Attempts(ctx, ledger.AttemptFilter{Run: r.ID, States: []fleet.TaskState{fleet.TaskDone}}))(t), []ledger.Attempt{odd})
}

func attemptPages(t *testing.T, database Database) {
	ctx := t.Context()
	l := withJobs(t, database, "a")
	r := run("a", 0, ledger.Manual)
	ok(t, l.AddRun(ctx, r))
	states := []fleet.TaskState{fleet.TaskWaiting, fleet.TaskRunning, fleet.TaskDone}
	var all []ledger.Attempt
	for generation := range 3 {
		for index := range 12 { // 9 comes before 10
			for attempt := 1; attempt <= 2; attempt++ {
				task := fleet.Task{Run: r.ID, Generation: generation, Index: index, Attempt: attempt}
				all = append(all, ledger.Attempt{Task: task, State: states[index%3]})
			}
		}
	}
	shuffled := append(append([]ledger.Attempt{}, all[20:]...), all[:20]...)
	ok(t, l.SaveAttempts(ctx, shuffled))
	two, ten := 2, 10
	for _, f := range []ledger.AttemptFilter{
		{}, {Generation: &two}, {Index: &ten}, {Generation: &two, Index: &ten}, {States: states[1:]}, {Generation: &two, States: states[:1]},
	} {
		var chosen []ledger.Attempt
		for _, a := range all {
			if (f.Generation == nil || a.Generation == *f.Generation) && (f.Index == nil || a.Index == *f.Index) && (f.States == nil || a.State == f.States[0] || a.State == f.States[len(f.States)-1]) {
				chosen = append(chosen, a)
			}
		}
		for _, f.Limit = range []int{0, 1, 5, 1000} {
			var got []ledger.Attempt
			for f.Run, f.After = r.ID, ""; ; {
				page := must(l.Attempts(ctx, f))(t)
				got = append(got, page...)
				if f.Limit == 0 || len(page) < f.Limit {
					break
				}
				f.After = page[len(page)-1].Task.String()
			}
			want(t, got, chosen)
		}
	}
	for _, bad := range []string{"x", "0-0", "0-0-0-0", "99999999999999999999-0-1", " 0-0-1"} {
		if _, err := l.Attempts(ctx, ledger.AttemptFilter{Run: r.ID, After: bad}); err == nil {
			t.Errorf("%q is accepted as an attempt", bad)
		}
	}
}

// attemptsAllOrNothing checks that of attempts that cannot all be written none is.
func attemptsAllOrNothing(t *testing.T, database Database) {
	ctx := t.Context()
	l := withJobs(t, database, "a")
	r := run("a", 0, ledger.Manual)
	ok(t, l.AddRun(ctx, r))
	good := ledger.Attempt{Task: fleet.Task{Run: r.ID, Attempt: 1}, State: fleet.TaskWaiting}
	wantError(t, l.SaveAttempts(ctx, []ledger.Attempt{good, {Task: fleet.Task{Run: "none", Attempt: 1}}}), ledger.ErrNotFound)
	if err := l.SaveAttempts(ctx, []ledger.Attempt{good, {Task: fleet.Task{Run: r.ID, Index: -1, Attempt: 1}}}); err == nil {
		t.Error("a task -1 is accepted")
	}
	want(t, len(must(l.Attempts(ctx, ledger.AttemptFilter{Run: r.ID}))(t)), 0)
}
