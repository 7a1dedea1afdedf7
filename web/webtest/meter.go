package webtest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/view/pace"
	"github.com/fleetscore/fleetscore/web"
)

// Meter has had 5 readings a second for a minute, and a partition.
type Meter struct{}

// Pulse implements web.Meter.
func (Meter) Pulse() pace.Pulse {
	return pace.Pulse{Time: Noon(), PerSecond: 5, Accepted: 300, Rejected: 60}
}

// Paces implements web.Meter.
func (Meter) Paces(since time.Time) []pace.Pace {
	var all []pace.Pace
	for i := range 6 {
		if at := Noon().Add(2*time.Hour - time.Duration(60-10*i)*time.Second); !at.Before(since) {
			all = append(all, pace.Pace{Time: at, Accepted: 5, Rejected: 1})
		}
	}
	return all
}

// Partitions implements web.Meter.
func (Meter) Partitions(context.Context) ([]web.Partition, error) {
	return []web.Partition{{Partition: 7, Windows: []web.PartitionWindow{{Window: "1m", State: "waiting", Trouble: "the store is away", Readings: map[string]uint64{"counted": 3}}}}}, nil
}

// Spender has a node all the time, and follows every formula but those with the word
// bad in them.
type Spender struct{}

// Spent implements web.Spender.
func (Spender) Spent(_ context.Context, from, to time.Time) (web.Spending, error) {
	seconds := to.Sub(from).Seconds()
	return web.Spending{From: from, To: to, Since: from, Nodes: seconds, AlwaysOn: 8 * seconds, Max: 8, Money: &fleet.Money{Total: 1, Currency: "EUR"}, Days: []web.SpendingDay{{Day: from, Nodes: seconds}}}, nil
}

// Counts implements web.Spender.
func (Spender) Counts(_ context.Context, from, _ time.Time) ([]web.NodeCount, error) {
	return []web.NodeCount{{Time: from, Nodes: 1}}, nil
}

// Trial implements web.Spender.
func (Spender) Trial(_ context.Context, r web.TrialRequest, w web.Workload) (web.PoolTrial, error) {
	t := web.PoolTrial{Since: w.Since, Until: w.Until, Runs: len(w.Runs), Now: web.Trial{Max: 8, Series: []web.TrialStep{}}, Then: web.Trial{Series: []web.TrialStep{{Time: w.Since, Nodes: 1}}}}
	if r.Formula != nil && strings.Contains(*r.Formula, "bad") {
		return t, fmt.Errorf("the formula is bad: %w", web.ErrInvalid)
	}
	return t, nil
}
