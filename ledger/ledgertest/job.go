package ledgertest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/ledger"
)

func jobs(t *testing.T, database Database) {
	ctx := t.Context()
	l := open(t, database)
	want(t, len(must(l.Jobs(ctx))(t)), 0)
	a := ledger.Job{Name: "a", Spec: json.RawMessage(`{"schedule": "@hourly",  "x":1}`), Priority: 3}
	b, upper := ledger.Job{Name: "b"}, ledger.Job{Name: "B"}
	ok(t, l.SaveJobs(ctx, []ledger.Job{b, a, upper}, hours(0)))
	a.Updated, b.Updated, upper.Updated = hours(0), hours(0), hours(0)
	want(t, must(l.Jobs(ctx))(t), []ledger.Job{upper, a, b})

	must(l.Fire(ctx, "a", hours(5), nil))(t)
	ok(t, l.SetPaused(ctx, "a", true))
	a.Cursor, a.Paused = hours(5), true
	// The ledger's own columns are not what a caller says of them.
	again := a
	again.Paused, again.Cursor, again.Removed = false, hours(9), true
	ok(t, l.SaveJobs(ctx, []ledger.Job{again, b}, hours(1)))
	upper.Removed, upper.Updated = true, hours(1)
	want(t, must(l.Jobs(ctx))(t), []ledger.Job{a, b})
	want(t, must(l.Job(ctx, "B"))(t), upper)

	// Removed, and back again with another definition: what was fired stays known.
	ok(t, l.SaveJobs(ctx, nil, hours(2)))
	want(t, len(must(l.Jobs(ctx))(t)), 0)
	a.Spec, a.Priority = json.RawMessage(`{}`), -1
	ok(t, l.SaveJobs(ctx, []ledger.Job{a}, hours(3)))
	a.Updated = hours(3)
	want(t, must(l.Jobs(ctx))(t), []ledger.Job{a})
	ok(t, l.SetPaused(ctx, "a", false))
	want(t, must(l.Job(ctx, "a"))(t).Paused, false)
}

func jobsRefused(t *testing.T, database Database) {
	ctx := t.Context()
	l := withJobs(t, database, "a")
	_, err := l.Job(ctx, "other")
	wantError(t, err, ledger.ErrNotFound)
	wantError(t, l.SetPaused(ctx, "other", true), ledger.ErrNotFound)
	_, err = l.Fire(ctx, "other", hours(1), nil)
	wantError(t, err, ledger.ErrNotFound)
	for _, bad := range [][]ledger.Job{
		{{Name: ""}},
		{{Name: "x"}, {Name: "x"}},
		{{Name: "x\x00y"}},
		{{Name: "\xff"}},
		{{Name: strings.Repeat("x", 2000)}},
		{{Name: "x", Spec: json.RawMessage("{")}},
		{{Name: "x", Spec: json.RawMessage("\"\xff\"")}},
		{{Name: "x", Spec: json.RawMessage(`"` + strings.Repeat("x", 2<<20) + `"`)}},
	} {
		if err := l.SaveJobs(ctx, bad, begin()); err == nil {
			t.Errorf("%.200v is accepted", bad)
		}
	}
	want(t, must(l.Jobs(ctx))(t), []ledger.Job{{Name: "a", Updated: begin()}})
}

// cursorNeverBack checks that a job's cursor only moves forward.
func cursorNeverBack(t *testing.T, database Database) {
	ctx := t.Context()
	l := withJobs(t, database, "a", "b")
	for _, c := range []struct{ to, is time.Time }{
		{time.Time{}, time.Time{}},
		{time.Unix(-5, 0), time.Unix(-5, 0).UTC()},
		{time.Unix(0, 0), time.Unix(0, 0).UTC()},
		{hours(5), hours(5)},
		{hours(4), hours(5)},
		{time.Time{}, hours(5)},
		{hours(5).Add(time.Microsecond), hours(5).Add(time.Microsecond)},
		{hours(6).In(time.FixedZone("", 3600)), hours(6)},
	} {
		must(l.Fire(ctx, "a", c.to, nil))(t)
		want(t, must(l.Job(ctx, "a"))(t).Cursor, c.is)
	}
	want(t, must(l.Job(ctx, "b"))(t).Cursor, time.Time{})
}
