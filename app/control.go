package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/run"
	"github.com/fleetscore/fleetscore/web"
)

// control does what the API is told to.
type control struct{ *App }

var _ web.Control = control{}

// RunNow implements web.Runner.
func (c control) RunNow(ctx context.Context, job string, i *fleet.Interval) (ledger.Run, error) {
	interval, err := c.interval(ctx, job, i, time.Now())
	if err != nil {
		return ledger.Run{}, err
	}
	if now := time.Now().UTC(); interval.To.After(now) {
		// Its data is not there yet, and the run would pass for one of all of it.
		return ledger.Run{}, invalid("the interval %s ends in the future, it is %s now; run it when it is over", interval, now.Format(time.RFC3339))
	}
	r, err := c.runs.Add(ctx, job, interval, ledger.Manual)
	return r, asWeb(err)
}

// Cancel implements web.Runner.
func (c control) Cancel(ctx context.Context, id string) error { return asWeb(c.runs.Cancel(ctx, id)) }

// Retry implements web.Runner.
func (c control) Retry(ctx context.Context, id string, failedOnly bool) (ledger.Run, error) {
	r, err := c.runs.Retry(ctx, id, failedOnly)
	return r, asWeb(err)
}

// Next implements web.Planner.
func (c control) Next(job string, n int) []web.Fire {
	plan, err := c.jobs.plan(job)
	if err != nil || plan == nil {
		return nil
	}
	var fires []web.Fire
	at := time.Now()
	for range n {
		f := plan.Next(at)
		if f.At.IsZero() {
			break
		}
		fires = append(fires, web.Fire{At: f.At, Interval: f.Interval})
		at = f.At
	}
	return fires
}

// SetPaused implements web.Planner.
func (c control) SetPaused(ctx context.Context, job string, paused bool) error {
	if !paused && c.settings().Jobs[job].Paused {
		return kindOf{errors.New("the settings say that it is paused; take paused: true out of them, and have them read anew with fleetscore config apply"), web.ErrConflict}
	}
	if err := c.ledger.SetPaused(ctx, job, paused); err != nil {
		return err
	}
	c.scheduler.Reload()
	c.pool.Changed()
	c.jobChanged(ctx, job)
	return nil
}

// Backfill implements web.Planner.
func (c control) Backfill(ctx context.Context, job string, from, to time.Time, only []string, dryRun bool) ([]web.BackfillItem, error) {
	plan, err := c.jobs.plan(job)
	if err != nil {
		return nil, asWeb(err)
	}
	if plan == nil {
		return nil, invalid("job %s has no schedule, so it has no intervals to backfill; run it for one with fleetscore job run", job)
	}
	fires, err := plan.Intervals(from, to)
	if err != nil {
		return nil, invalid("%w", err)
	}
	var intervals []fleet.Interval
	now := time.Now()
	for _, f := range fires {
		if !f.Interval.To.After(now) {
			intervals = append(intervals, f.Interval)
		}
	}
	standings, runs, err := c.runs.Backfill(ctx, job, intervals, only, dryRun)
	made := map[string]string{}
	for _, r := range runs {
		made[r.Interval.Key()] = r.ID
	}
	items := make([]web.BackfillItem, len(standings))
	for i, st := range standings {
		items[i] = web.BackfillItem{Interval: st.Interval, State: st.State, Rev: st.Rev, Failed: st.Failed, Run: st.Run}
		if id, ok := made[st.Interval.Key()]; ok {
			items[i].Run, items[i].Made = id, true
		}
	}
	return items, asWeb(err) // what was made before the error, was made
}

// Apply implements web.Applier.
func (c control) Apply(ctx context.Context) (web.ApplyReport, error) {
	report, err := c.apply(ctx)
	var problems config.Problems
	if errors.As(err, &problems) {
		return report, refusal(problems)
	}
	return report, err
}

// refusal tells whoever asked what is wrong with the settings.
func refusal(problems config.Problems) error {
	wrong := make([]web.Detail, 0, len(problems))
	for _, p := range problems {
		at := p
		at.Message = ""
		wrong = append(wrong, web.Detail{Location: at.Error(), Message: p.Message})
	}
	return web.Refuse("nothing has changed, as there are settings that cannot be used:\n  "+strings.ReplaceAll(problems.Error(), "\n", "\n  "), wrong)
}

// Reload reads the settings anew; of those that are not of jobs, the retention, the
// prices and how many nodes there should be take effect. The certificate is read anew too.
func (a *App) Reload(ctx context.Context) error {
	if a.tls != nil {
		if err := a.tls.Reload(); err != nil {
			a.log.Error("the files of TLS cannot be used; what was read before stays", "error", err)
		}
	}
	report, err := a.apply(ctx)
	if problems := (config.Problems{}); !errors.As(err, &problems) {
		a.noteReload(ctx, &report, err)
	}
	if err != nil {
		return fmt.Errorf("reading the settings anew: %w", err)
	}
	a.log.Info("settings read anew", "added", report.Added, "changed", report.Changed, "removed", report.Removed, "settings", report.Settings, "restart", report.Restart)
	return nil
}

func (a *App) apply(ctx context.Context) (web.ApplyReport, error) {
	a.applying.Lock()
	defer a.applying.Unlock()
	var report web.ApplyReport
	next, err := a.reread()
	if err != nil {
		return report, err
	}
	before := a.settings()
	for _, name := range slices.Sorted(maps.Keys(next.Jobs)) {
		old, ok := before.Jobs[name]
		switch {
		case !ok:
			report.Added = append(report.Added, name)
		case !reflect.DeepEqual(old, next.Jobs[name]):
			report.Changed = append(report.Changed, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before.Jobs)) {
		if _, ok := next.Jobs[name]; !ok {
			report.Removed = append(report.Removed, name)
		}
	}
	report.Settings, report.Restart = inEffect(before, next), needRestart(before, next)
	for _, w := range next.Warnings {
		report.Warnings = append(report.Warnings, w.Error())
	}
	move, err := a.planPool(ctx, next, &report)
	if err != nil {
		return report, err
	}
	if err := a.jobs.set(next.Jobs); err != nil {
		return report, err
	}
	now := *before
	now.Jobs, now.Retention, now.Prices = next.Jobs, next.Retention, next.Prices
	now.Pool.Formula, now.Pool.Min, now.Pool.Max = next.Pool.Formula, next.Pool.Min, next.Pool.Max
	a.file.Store(&now)
	if err := a.saveJobs(ctx); err != nil {
		return report, err
	}
	if err := move(); err != nil {
		return report, err
	}
	a.pool.Changed()
	a.scheduler.Reload()
	a.runs.Wake()
	for _, name := range slices.Concat(report.Added, report.Changed, report.Removed) {
		a.jobChanged(ctx, name)
	}
	return report, nil
}

// asWeb gives errors the kinds that the API knows.
func asWeb(err error) error {
	var damage *run.Damage
	switch {
	case err == nil:
		return nil
	case errors.As(err, &damage):
		return web.Damaged(damage.Key+": "+damage.What, damage.Hint)
	case errors.Is(err, run.ErrNoJob):
		return kindOf{err, web.ErrNotFound}
	case errors.Is(err, run.ErrConflict):
		return kindOf{err, web.ErrConflict}
	}
	return err
}

// invalid is that a request is not valid, and why.
func invalid(format string, args ...any) error {
	return kindOf{fmt.Errorf(format, args...), web.ErrInvalid}
}

// kindOf is an error that is of a kind too, which its text does not repeat.
type kindOf struct {
	error
	kind error
}

func (k kindOf) Unwrap() []error { return []error{k.error, k.kind} }
