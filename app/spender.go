package app

import (
	"context"
	"fmt"
	"slices"
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
	if out.Since, err = s.since(ctx, nodes, from, to); err != nil {
		return out, err
	}
	out.AlwaysOn = float64(most) * to.Sub(out.Since).Seconds()
	out.Money, out.Always = prices.Money(out.Nodes, used), prices.Money(out.AlwaysOn, used)
	return out, nil
}

// since is from when in [from, to] on something is known of nodes.
func (s spender) since(ctx context.Context, nodes []fleet.Node, from, to time.Time) (time.Time, error) {
	first, err := s.ledger.Begins(ctx)
	if first.IsZero() {
		first = to
	}
	for _, n := range nodes {
		if !n.Started.IsZero() && n.Started.Before(first) {
			first = n.Started
		}
	}
	if first.Before(from) {
		first = from
	}
	return first.UTC(), err
}

// countSteps bounds the steps that are told of nodes.
const countSteps = 500

// Counts implements web.Spender.
func (s spender) Counts(ctx context.Context, from, to time.Time) ([]web.NodeCount, error) {
	nodes, err := s.ledger.Nodes(ctx, from)
	if err != nil {
		return nil, err
	}
	counts := pool.Counts(nodes, from, to, countSteps)
	all := make([]web.NodeCount, len(counts))
	for i, c := range counts {
		all[i] = web.NodeCount{Time: c.At, Nodes: c.Nodes}
	}
	return all, nil
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
	in := r.Within
	t.NodeHours, t.Busy, t.Money, t.Starts, t.Left, t.Unfinished, t.Error = in.NodeHours, in.Busy, in.Money, in.Starts, in.Left, r.Unfinished, r.Error
	t.Start, t.Finish = web.TrialTime(r.Start), web.TrialTime(r.Finish)
	t.Series, t.Most = stepsOf(r.Timeline, work.Length, begin)
	return t, nil
}

// stepsOf are some steps of those within a length, of which the peaks are kept.
func stepsOf(all []pool.Step, length time.Duration, begin time.Time) (steps []web.TrialStep, most int) {
	all = slices.DeleteFunc(all, func(s pool.Step) bool { return s.At > length })
	every := len(all)/trialSteps + 1
	for part := range slices.Chunk(all, every) {
		step := part[0]
		for _, other := range part {
			if other.Nodes > step.Nodes {
				step.Nodes, step.Busy = other.Nodes, other.Busy
			}
		}
		most = max(most, step.Nodes)
		steps = append(steps, web.TrialStep{Time: begin.Add(part[0].At), Nodes: step.Nodes, Busy: step.Busy})
	}
	return steps, most
}
