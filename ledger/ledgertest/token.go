package ledgertest

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/ledger"
)

func token(id, name string) ledger.Token {
	return ledger.Token{ID: id, Name: name, Role: "viewer", Hash: [32]byte{1, 255, 0, byte(len(id))}, Maker: "admin", Created: hours(0)}
}

func tokens(t *testing.T, database Database) {
	ctx := t.Context()
	l := open(t, database)
	want(t, len(must(l.Tokens(ctx))(t)), 0)
	a, b := token("b1", "grafana"), token("a1", "温度 'x' %?")
	b.Role, b.Devices, b.Created, b.Expires = "device", []string{"pump-*", "a,b", `"\`, ""}, hours(1), hours(9)
	ok(t, l.AddToken(ctx, b))
	ok(t, l.AddToken(ctx, a))
	want(t, must(l.Tokens(ctx))(t), []ledger.Token{a, b})
	wantError(t, l.AddToken(ctx, token("b1", "other")), ledger.ErrExists)
	wantError(t, l.AddToken(ctx, token("c1", "grafana")), ledger.ErrExists)

	ok(t, l.UseTokens(ctx, map[string]time.Time{"b1": hours(3), "a1": hours(4), "none": hours(4)}))
	ok(t, l.UseTokens(ctx, map[string]time.Time{"b1": hours(2)})) // not back
	ok(t, l.RevokeToken(ctx, "b1", hours(5)))
	ok(t, l.RevokeToken(ctx, "b1", hours(6))) // the first time stays
	wantError(t, l.RevokeToken(ctx, "none", hours(5)), ledger.ErrNotFound)
	a.Used, a.Revoked, b.Used = hours(3), hours(5), hours(4)
	c := token("c1", "grafana") // whose name is free again
	c.Created = hours(7)
	ok(t, l.AddToken(ctx, c))
	ok(t, l.Close())
	l = open(t, database)
	want(t, must(l.Tokens(ctx))(t), []ledger.Token{a, b, c})
}

func tokensRefused(t *testing.T, database Database) {
	ctx := t.Context()
	l := open(t, database)
	for _, bad := range []ledger.Token{token("", "a"), token("a", ""), token("a\x00", "a"), token("a", "\xff"), token("a", strings.Repeat("x", 2000))} {
		if err := l.AddToken(ctx, bad); err == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
	want(t, len(must(l.Tokens(ctx))(t)), 0)
}

func revocations(t *testing.T, database Database) {
	ctx := t.Context()
	l := open(t, database)
	a := ledger.Revocation{ID: "b", At: hours(0), Expires: hours(5)}
	b := ledger.Revocation{ID: "a", At: hours(1), Expires: hours(7)}
	ok(t, l.Revoke(ctx, b))
	ok(t, l.Revoke(ctx, a))
	ok(t, l.Revoke(ctx, ledger.Revocation{ID: "a", At: hours(2), Expires: hours(3)}))
	want(t, must(l.Revocations(ctx))(t), []ledger.Revocation{a, b})
	ok(t, l.PruneRevocations(ctx, hours(5)))
	want(t, len(must(l.Revocations(ctx))(t)), 2)
	ok(t, l.PruneRevocations(ctx, hours(6)))
	want(t, must(l.Revocations(ctx))(t), []ledger.Revocation{b})
	if err := l.Revoke(ctx, ledger.Revocation{}); err == nil {
		t.Error("a revocation of nothing is accepted")
	}
}
