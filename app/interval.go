package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/schedule"
	"github.com/fleetscore/fleetscore/web"
)

// interval is the one that is meant by i: nil is the last that is over, and one
// without an end that which begins there.
func (c control) interval(ctx context.Context, job string, i *fleet.Interval, now time.Time) (fleet.Interval, error) {
	plan, err := c.jobs.plan(job)
	if err != nil {
		return fleet.Interval{}, asWeb(err)
	}
	if plan == nil {
		return unscheduled(i, c.jobs.length(job), now), nil
	}
	if i == nil {
		return lastWhole(plan, now), nil
	}
	fires, err := plan.Intervals(i.From, i.From.Add(time.Second))
	if err != nil {
		return fleet.Interval{}, fmt.Errorf("%w: %w", web.ErrInvalid, err)
	}
	if len(fires) > 0 && fires[0].Interval.From.Equal(i.From) && (i.To.IsZero() || i.To.Equal(fires[0].Interval.To)) {
		return fires[0].Interval, nil
	}
	// One of another schedule, which the job had, can be done again.
	if !i.To.IsZero() {
		runs, err := c.ledger.Runs(ctx, ledger.RunFilter{Job: job, Interval: i, Limit: 1})
		if err != nil || len(runs) > 0 {
			return *i, err
		}
	}
	return fleet.Interval{}, fmt.Errorf("%w: %s is no interval of job %s; near it are %s", web.ErrInvalid, asked(i), job, near(plan, i.From))
}

func asked(i *fleet.Interval) string {
	if i.To.IsZero() {
		return "what begins at " + i.From.UTC().Format(time.RFC3339)
	}
	return i.String()
}

// near lists the intervals of a schedule around a time.
func near(plan *schedule.Plan, at time.Time) string {
	before := lastWhole(plan, at)
	fires, err := plan.Intervals(before.From, before.To.Add(2*before.Length()))
	if err != nil || len(fires) == 0 {
		return before.String()
	}
	var texts []string
	for _, f := range fires[:min(len(fires), 3)] {
		texts = append(texts, f.Interval.String())
	}
	return strings.Join(texts, ", ")
}

// unscheduled is an interval of a job without a schedule: such as are told from
// each other by more than the second in which somebody asked.
func unscheduled(i *fleet.Interval, length time.Duration, now time.Time) fleet.Interval {
	switch {
	case i == nil:
		end := time.Unix(now.Unix()-now.Unix()%int64(length.Seconds()), 0)
		return fleet.NewInterval(end.Add(-length), end)
	case i.To.IsZero():
		return fleet.NewInterval(i.From, i.From.Add(length))
	}
	return *i
}

// lastWhole is the last interval that is over.
func lastWhole(plan *schedule.Plan, now time.Time) fleet.Interval {
	for back := time.Minute; ; back *= 4 {
		f := plan.Next(now.Add(-back))
		if f.At.After(now) && back < 10*366*24*time.Hour {
			continue
		}
		for next := plan.Next(f.At); !next.At.After(now); next = plan.Next(f.At) {
			f = next
		}
		return f.Interval
	}
}
