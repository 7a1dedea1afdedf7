package webtest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/web"
)

// Control does to the ledger what it is told.
type Control struct {
	Ledger *ledger.Ledger
	n      int
	Fail   error // what everything answers, if it is set
}

// RunNow implements web.Runner.
func (c *Control) RunNow(ctx context.Context, job string, i *fleet.Interval) (ledger.Run, error) {
	interval := Hour(5)
	if i != nil {
		interval = *i
		if interval.To.IsZero() {
			interval.To = interval.From.Add(time.Hour)
		}
	}
	return c.add(ctx, ledger.Run{Job: job, Interval: interval, Origin: "manual"})
}

func (c *Control) add(ctx context.Context, r ledger.Run) (ledger.Run, error) {
	c.n++
	r.ID, r.State, r.Created = fmt.Sprintf("20261123t15%07d-ccccc", c.n), ledger.Queued, Noon()
	if c.Fail != nil {
		return r, c.Fail
	}
	return r, c.Ledger.AddRun(ctx, r)
}

// Cancel implements web.Runner.
func (c *Control) Cancel(ctx context.Context, run string) error {
	if c.Fail != nil {
		return c.Fail
	}
	return c.Ledger.AskCancel(ctx, run)
}

// Retry implements web.Runner.
func (c *Control) Retry(ctx context.Context, run string, _ bool) (ledger.Run, error) {
	old, err := c.Ledger.Run(ctx, run)
	if err != nil {
		return old, err
	}
	if !old.State.Final() {
		return old, fmt.Errorf("%w: run %s is not over yet", web.ErrConflict, run)
	}
	return c.add(ctx, ledger.Run{Job: old.Job, Interval: old.Interval, Origin: "retry", RetryOf: run})
}

// Next implements web.Planner.
func (c *Control) Next(job string, n int) []web.Fire {
	if job != "hourly" {
		return nil
	}
	var fires []web.Fire
	for i := range n {
		fires = append(fires, web.Fire{At: Hour(3 + i).From, Interval: Hour(2 + i)})
	}
	return fires
}

// SetPaused implements web.Planner.
func (c *Control) SetPaused(ctx context.Context, job string, paused bool) error {
	return c.Ledger.SetPaused(ctx, job, paused)
}

// Backfill implements web.Planner.
func (c *Control) Backfill(_ context.Context, job string, from, _ time.Time, only []string, dryRun bool) ([]web.BackfillItem, error) {
	if job == "by-hand" {
		return nil, fmt.Errorf("%w: job %s has no schedule", web.ErrInvalid, job)
	}
	items := []web.BackfillItem{{Interval: fleet.NewInterval(from, from.Add(time.Hour)), State: "missing", Made: !dryRun}}
	if !dryRun {
		items[0].Run = "20261123t160000000-ddddd"
	}
	if len(only) > 0 && !slices.Contains(only, "missing") {
		return nil, nil
	}
	return items, c.Fail
}

// Apply implements web.Applier.
func (c *Control) Apply(context.Context) (web.ApplyReport, error) {
	return web.ApplyReport{Added: []string{"daily"}, Warnings: []string{"pool.formula has no effect yet"}}, c.Fail
}
