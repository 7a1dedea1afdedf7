package app

import (
	"context"

	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/run"
)

// liveLedger is a ledger in which runs that are under way are as they stand now:
// how far they have come, and what they wait for. The ledger itself learns that
// when their state changes, as a row for every task would be too many writes.
type liveLedger struct {
	*ledger.Ledger
	runs *run.Service
}

func (l liveLedger) live(r ledger.Run) ledger.Run {
	now, ok := l.runs.Live(r.ID)
	if !ok || r.State.Final() {
		return r
	}
	now.Cancel = r.Cancel
	return now
}

func (l liveLedger) all(runs []ledger.Run, err error) ([]ledger.Run, error) {
	for i := range runs {
		runs[i] = l.live(runs[i])
	}
	return runs, err
}

// Run implements web.Runs.
func (l liveLedger) Run(ctx context.Context, id string) (ledger.Run, error) {
	r, err := l.Ledger.Run(ctx, id)
	return l.live(r), err
}

// Runs implements web.Runs. It is by the states in the ledger that runs are found.
func (l liveLedger) Runs(ctx context.Context, filter ledger.RunFilter) ([]ledger.Run, error) {
	return l.all(l.Ledger.Runs(ctx, filter))
}

// ActiveRuns implements web.Runs.
func (l liveLedger) ActiveRuns(ctx context.Context) ([]ledger.Run, error) {
	return l.all(l.Ledger.ActiveRuns(ctx))
}
