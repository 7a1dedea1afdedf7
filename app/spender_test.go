package app

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// Nothing is compared with from before anything was there.
func TestSince(t *testing.T) {
	t.Parallel()
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	at := func(minute int) time.Time { return time.Date(2026, 11, 23, 12, minute, 0, 0, time.UTC) }
	s := spender{&App{ledger: l}}
	want := func(what string, from, want int, nodes ...fleet.Node) {
		t.Helper()
		if got, err := s.since(t.Context(), nodes, at(from), at(60)); err != nil || !got.Equal(at(want)) {
			t.Errorf("%s: %s, %v", what, got, err)
		}
	}
	want("nothing is known", 0, 60)
	want("a node", 0, 20, fleet.Node{Started: at(20)}, fleet.Node{})
	if err := l.AddDecisions(t.Context(), []ledger.Decision{{Time: at(10)}, {Time: at(30)}}); err != nil {
		t.Fatal(err)
	}
	want("a decision", 0, 10, fleet.Node{Started: at(20)})
	want("it is long ago", 15, 15)
}
