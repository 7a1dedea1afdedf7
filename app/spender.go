package app

import (
	"context"
	"fmt"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/pool"
	"github.com/fleetscore/fleetscore/view/overview"
	"github.com/fleetscore/fleetscore/web"
)

// spender knows what things cost, for the API.
type spender struct{ *App }

var _ web.Spender = spender{}

// Spent implements web.Spender.
func (s spender) Spent(ctx context.Context, from, to time.Time) (web.Spending, error) {
	prices, most := pool.Prices(s.settings().Prices), s.pool.Settings().Max
	out := web.Spending{From: from, To: to, Max: most, Days: []web.SpendingDay{}}
	nodes, err := s.ledger.Nodes(ctx, from)
	if err != nil {
		return out, fmt.Errorf("reading nodes: %w", err)
	}
	tallies, err := s.ledger.Tallies(ctx, "", from, to)
	if err != nil {
		return out, err
	}
	var used fleet.Usage
	for day := from.Truncate(overview.Day); day.Before(to); day = day.Add(overview.Day) {
		end := day.Add(overview.Day)
		if end.After(to) {
			end = to
		}
		d := web.SpendingDay{Day: day, Nodes: pool.Spent(nodes, day, end)}
		for i := range tallies {
			if t := &tallies[i]; !t.Hour.Before(day) && t.Hour.Before(end) {
				d.Intervals += t.Intervals
				d.Sensors += t.Sensors
				d.Store.Add(t.Usage)
			}
		}
		d.Money = prices.Money(d.Nodes, d.Store)
		used.Add(d.Store)
		out.Nodes += d.Nodes
		out.Days = append(out.Days, d)
	}
	out.AlwaysOn = float64(most) * to.Sub(from).Seconds()
	out.Money, out.Always = prices.Money(out.Nodes, used), prices.Money(out.AlwaysOn, used)
	return out, nil
}

// Trial implements web.Spender.
func (s spender) Trial(_ context.Context, request web.TrialRequest, recorded web.Workload) (web.PoolTrial, error) {
	now := s.pool.Settings()
	then := now
	if request.Formula != nil {
		then.Formula = *request.Formula
	}
	if request.Min != nil {
		then.Min = *request.Min
	}
	if request.Max != nil {
		then.Max = *request.Max
	}
	work := RecordedWorkload(&recorded)
	out := web.PoolTrial{Since: recorded.Until.Add(-work.Length), Until: recorded.Until, Runs: len(work.Runs)}
	var err error
	if out.Now, err = s.try(now, work, out.Since); err != nil {
		return out, fmt.Errorf("the pool as it is: %w", err)
	}
	out.Then, err = s.try(then, work, out.Since)
	return out, err
}

// trialSteps bounds the steps that are told of a trial.
const trialSteps = 500

func (s spender) try(settings pool.Settings, work *pool.Workload, begin time.Time) (web.Trial, error) {
	if settings.Formula == "" {
		settings.Formula = pool.Default
	}
	t := web.Trial{Formula: settings.Formula, Min: settings.Min, Max: settings.Max, Series: []web.TrialStep{}}
	formula, err := pool.Compile(settings.Formula)
	if err != nil {
		return t, invalid("%w", err)
	}
	nodes := pool.Nodes{
		Min: settings.Min, Max: settings.Max, Boot: time.Duration(s.pool.Signals(s.executor.Load()).StartupSeconds * float64(time.Second)).Round(time.Millisecond),
		Hour: s.settings().Prices.NodeHour,
	}
	r, err := pool.Simulate(work, nodes, pool.Policy{Formula: formula, Idle: s.settings().Pool.Idle.Std()})
	if err != nil {
		return t, invalid("%w", err)
	}
	t.NodeHours, t.Busy, t.Money, t.Starts, t.Most, t.Unfinished, t.Error = r.NodeHours, r.Busy, r.Money, r.Starts, r.Most, r.Unfinished, r.Error
	t.Start, t.Finish = web.TrialTime(r.Start), web.TrialTime(r.Finish)
	every := len(r.Timeline)/trialSteps + 1
	for i := 0; i < len(r.Timeline); i += every {
		step := r.Timeline[i]
		for _, other := range r.Timeline[i:min(i+every, len(r.Timeline))] { // the peak of what is left out
			if other.Nodes > step.Nodes {
				step.Nodes, step.Busy = other.Nodes, other.Busy
			}
		}
		t.Series = append(t.Series, web.TrialStep{Time: begin.Add(r.Timeline[i].At), Nodes: step.Nodes, Busy: step.Busy})
	}
	return t, nil
}
