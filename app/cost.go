package app

import (
	"context"
	"fmt"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/pool"
)

// cost is what a run has cost so far, as far as the ledger knows.
func (a *App) cost(ctx context.Context, r ledger.Run) (fleet.Cost, error) {
	attempts, err := a.ledger.Attempts(ctx, ledger.AttemptFilter{Run: r.ID})
	if err != nil {
		return fleet.Cost{}, fmt.Errorf("reading attempts: %w", err)
	}
	nodes, err := a.ledger.Nodes(ctx, r.Created)
	if err != nil {
		return fleet.Cost{}, fmt.Errorf("reading nodes: %w", err)
	}
	worked := make([]pool.Worked, 0, len(attempts))
	for _, t := range attempts {
		worked = append(worked, pool.Worked{Node: t.Node, From: t.Started, To: t.Finished})
	}
	return pool.CostOf(worked, nodes, r.Usage, r.Sensors, pool.Prices(a.settings().Prices), time.Now()), nil
}
