package ledgertest

import (
	"context"
	"errors"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// reopen checks that all is there again after Close.
func reopen(t *testing.T, database Database) {
	ctx := t.Context()
	l := withJobs(t, database, "a")
	r := run("a", 0, ledger.Scheduled)
	must(l.Fire(ctx, "a", hours(1), []ledger.Run{r}))(t)
	a := ledger.Attempt{Task: fleet.Task{Run: r.ID, Attempt: 1}, State: fleet.TaskRunning}
	ok(t, l.SaveAttempts(ctx, []ledger.Attempt{a}))
	ok(t, l.SetSetting(ctx, "k", "v"))
	ok(t, l.Close())
	ok(t, l.Close())
	if _, err := l.Jobs(ctx); err == nil {
		t.Error("a closed ledger can be read")
	}
	if err := l.SetSetting(ctx, "k", "w"); err == nil {
		t.Error("a closed ledger can be written")
	}

	l = open(t, database)
	want(t, must(l.Run(ctx, r.ID))(t), r)
	want(t, must(l.Job(ctx, "a"))(t).Cursor, hours(1))
	want(t, must(l.Attempts(ctx, ledger.AttemptFilter{Run: r.ID}))(t), []ledger.Attempt{a})
	value, has, err := l.Setting(ctx, "k")
	ok(t, err)
	want(t, value, "v")
	want(t, has, true)
}

// second checks that an open ledger is not opened again.
func second(t *testing.T, database Database) {
	l := open(t, database)
	for range 3 {
		other, err := database(t.Context())
		wantError(t, err, ledger.ErrLocked)
		if err == nil {
			ok(t, other.Close())
		}
	}
	ok(t, l.SetSetting(t.Context(), "k", "v"))
	ok(t, l.Close())
	open(t, database)
}

// cancelled checks that a call whose context has ended changes nothing, and
// spoils nothing.
func cancelled(t *testing.T, database Database) {
	l := withJobs(t, database, "a")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, fireErr := l.Fire(ctx, "a", hours(1), []ledger.Run{run("a", 0, ledger.Scheduled)})
	_, readErr := l.Runs(ctx, ledger.RunFilter{})
	for _, err := range []error{fireErr, readErr, l.AddRun(ctx, run("a", 0, ledger.Manual)), l.SetSetting(ctx, "k", "v")} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v", err)
		}
	}
	want(t, must(l.Job(t.Context(), "a"))(t).Cursor.IsZero(), true)
	want(t, len(must(l.Runs(t.Context(), ledger.RunFilter{}))(t)), 0)
	ok(t, l.SetSetting(t.Context(), "k", "v"))
}
