package app

import (
	"context"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/schedule"
)

// interval is the one of a job that is meant: the one that begins where i does, or,
// if i is nil, the last that is over.
func (c control) interval(ctx context.Context, job string, i *fleet.Interval, now time.Time) (fleet.Interval, error) {
	plan, err := c.jobs.plan(job)
	switch {
	case err != nil:
		return fleet.Interval{}, asWeb(err)
	case plan == nil:
		return c.unscheduled(job, i, now)
	case i == nil:
		return lastWhole(plan, now), nil
	case i.To.IsZero():
		return begun(job, plan, i.From)
	}
	if err := checked(*i); err != nil {
		return fleet.Interval{}, err
	}
	if own, err := begun(job, plan, i.From); err == nil && own.To.Equal(i.To) {
		return own, nil
	}
	// What another schedule of the job has scored can be scored again.
	runs, err := c.ledger.Runs(ctx, ledger.RunFilter{Job: job, Interval: i, Limit: 1})
	if err == nil && len(runs) == 0 {
		err = invalid("%s is no interval of job %s; leave out its end, and it is the one that begins there", i, job)
	}
	return *i, err
}

// unscheduled is the interval of a job that has no schedule, of which only the
// settings may say how long it is. One that nobody names is a whole one, so that
// whoever asks twice does not have rows scored twice.
func (c control) unscheduled(job string, i *fleet.Interval, now time.Time) (fleet.Interval, error) {
	length := c.jobs.length(job)
	switch {
	case i == nil:
		if length == 0 {
			length = time.Hour
		}
		end := time.Unix(now.Unix()-now.Unix()%int64(length.Seconds()), 0)
		return fleet.NewInterval(end.Add(-length), end), nil
	case !i.To.IsZero():
		return *i, checked(*i)
	case length == 0:
		return fleet.Interval{}, invalid("job %s has neither a schedule nor an interval in the settings, so it is open when this one ends; give both ends, such as %s",
			job, fleet.NewInterval(i.From, i.From.Add(time.Hour)))
	}
	whole := fleet.NewInterval(i.From, i.From.Add(length))
	return whole, checked(whole)
}

// checked is what is wrong with an interval that somebody gave.
func checked(i fleet.Interval) error {
	if err := schedule.CheckInterval(i); err != nil {
		return invalid("%w", err)
	}
	return nil
}

// begun is the interval of a schedule that begins at a time.
func begun(job string, plan *schedule.Plan, from time.Time) (fleet.Interval, error) {
	fires, err := plan.Intervals(from, from.Add(time.Second))
	if err != nil {
		return fleet.Interval{}, invalid("%w", err)
	}
	if len(fires) > 0 && fires[0].Interval.From.Equal(from) {
		return fires[0].Interval, nil
	}
	next := firstAfter(plan, from)
	if next.IsZero() {
		return fleet.Interval{}, invalid("no interval of job %s begins at %s, or later", job, from.Format(time.RFC3339Nano))
	}
	return fleet.Interval{}, invalid("no interval of job %s begins at %s; the next one begins at %s", job, from.Format(time.RFC3339Nano), next.Format(time.RFC3339))
}

// firstAfter is when the first interval after a time begins, or zero.
func firstAfter(plan *schedule.Plan, after time.Time) time.Time {
	// Look at stretches of time, each longer than the one before.
	for length := time.Minute; length < 200*366*24*time.Hour; length *= 4 {
		fires, err := plan.Intervals(after, after.Add(length))
		if err != nil {
			break
		}
		for _, f := range fires {
			if f.Interval.From.After(after) {
				return f.Interval.From
			}
		}
	}
	return time.Time{}
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
