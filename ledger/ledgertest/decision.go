package ledgertest

import (
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/ledger"
)

func decisions(t *testing.T, database Database) {
	ctx := t.Context()
	l := open(t, database)
	ok(t, l.AddDecisions(ctx, nil))
	want(t, must(l.Begins(ctx))(t), time.Time{})
	var all []ledger.Decision
	for n := range 5 {
		all = append(all, ledger.Decision{Time: hours(n), Target: n, Formula: "nodes", Signals: `{"nodes":1}`, Reason: "why", Error: "é"})
	}
	ok(t, l.AddDecisions(ctx, all[:2]))
	ok(t, l.AddDecisions(ctx, all[2:]))
	want(t, must(l.Begins(ctx))(t), hours(0))
	got := must(l.Decisions(ctx, hours(1), 0, 3))(t)
	if len(got) != 3 || got[0].Target != 4 || got[2].Target != 2 {
		t.Fatalf("%+v", got)
	}
	next := must(l.Decisions(ctx, hours(1), got[2].ID, 3))(t)
	if len(next) != 1 {
		t.Fatalf("%+v", next)
	}
	next[0].ID = 0
	want(t, next[0], all[1])
	must(l.Prune(ctx, hours(3)))(t)
	want(t, len(must(l.Decisions(ctx, hours(0), 0, 0))(t)), 2)
	want(t, must(l.Begins(ctx))(t), hours(3))
}
