package app

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/pool"
	"github.com/fleetscore/fleetscore/web"
)

// learnedSetting is where the ledger has what the pool knows of past runs.
const learnedSetting = "pool.learned"

// mostNodes is more than any pool has.
const mostNodes = 4096

// makePool makes the pool: as it was set by command, or else as the settings say.
func (a *App) makePool(ctx context.Context) error {
	settings, err := a.poolTold(ctx, a.settings())
	if err != nil {
		return err
	}
	cfg := pool.Config{Settings: settings, Next: a.nextRuns, Resize: func() { a.executor.Resize() }, Record: a.decided, Log: a.log.With("system", "pool")}
	for key, into := range map[string]any{learnedSetting: &cfg.Learned, formulasSetting: &a.kept, toldSetting: &a.told} {
		if err := a.recall(ctx, key, into); err != nil {
			return err
		}
	}
	cfg.Kept = a.kept
	if a.pool, err = pool.New(cfg); err == nil {
		return nil
	}
	a.log.Error("the pool cannot do as it was told by command, and does as the settings say", "error", err)
	cfg.Settings = poolSettings(a.settings())
	a.pool, err = pool.New(cfg)
	return err
}

// nextRuns lists what is expected: the next run of each job that is not paused, and
// runs that have no tasks yet.
func (a *App) nextRuns(now time.Time) []pool.Due {
	ctx := context.Background()
	jobs, err := a.ledger.Jobs(ctx)
	if err != nil {
		a.log.Warn("the pool cannot look ahead", "error", err)
		return nil
	}
	var dues []pool.Due
	for _, j := range jobs {
		plan, err := a.jobs.plan(j.Name)
		if j.Paused || j.Removed || err != nil || plan == nil {
			continue
		}
		if f := plan.Next(now); !f.At.IsZero() {
			dues = append(dues, pool.Due{Job: j.Name, At: f.At})
		}
	}
	runs, err := a.ledger.ActiveRuns(ctx)
	if err != nil {
		a.log.Warn("the pool does not know of runs that begin", "error", err)
	}
	for i := range runs {
		if r := &runs[i]; r.State == ledger.Queued || r.State == ledger.Planning {
			dues = append(dues, pool.Due{Job: r.Job, At: r.Created})
		}
	}
	return dues
}

// decided keeps what the pool has decided.
func (a *App) decided(records []pool.Record) {
	all := make([]ledger.Decision, 0, len(records))
	for i := range records {
		r := &records[i]
		signals, err := json.Marshal(r.Signals)
		if err != nil {
			signals = []byte("{}")
		}
		all = append(all, ledger.Decision{Time: r.Time, Target: r.Target, Formula: r.Formula, Signals: string(signals), Reason: r.Reason, Error: r.Error})
	}
	if err := a.ledger.AddDecisions(context.Background(), all); err != nil {
		a.log.Error("the ledger cannot be written", "error", err)
	}
	a.keepFormulas()
	for i := range records {
		d := decisionOf(&records[i])
		a.hub.Publish(web.Event{Decision: &d})
	}
	a.tellFormula(records)
}

// learn keeps what the pool has learned of a run that is over.
func (a *App) learn(r *ledger.Run) {
	a.pool.RunEnded(r.Job, r.ID, r.State == ledger.Succeeded)
	a.keep(learnedSetting, a.pool.Learned())
}

// poolControl is the pool, for the API.
type poolControl struct{ *App }

var _ web.Pool = poolControl{}

// Pool implements web.Pool.
func (c poolControl) Pool(ctx context.Context) (web.PoolStatus, error) {
	o, err := c.overrides(ctx)
	last, failing := c.pool.Last(), c.pool.Failing()
	status := web.PoolStatus{PoolTold: c.toldNow(o), Good: c.pool.Good(), Signals: signalsOf(c.pool.Signals(c.executor.Load()))}
	status.Decision = decisionOf(&last)
	status.Decision.Formula = ""
	if !failing.Since.IsZero() {
		status.Failing = &web.PoolFailing{Since: failing.Since.UTC(), Last: failing.Last.UTC(), Error: failing.Error}
	}
	return status, err
}

func decisionOf(r *pool.Record) web.PoolDecision {
	return web.PoolDecision{Time: r.Time, Target: r.Target, Reason: r.Reason, Error: r.Error, Formula: r.Formula, Signals: signalsOf(r.Signals)}
}

// signalsOf are signals by their names in formulas.
func signalsOf(s pool.Signals) web.PoolSignals {
	out := web.PoolSignals{}
	for name, value := range s.All() {
		out[name] = value
	}
	return out
}

// PoolHistory implements web.Pool.
func (c poolControl) PoolHistory(ctx context.Context, since time.Time, before int64, limit int) ([]web.PoolDecision, error) {
	all, err := c.ledger.Decisions(ctx, since, before, limit)
	out := make([]web.PoolDecision, 0, len(all))
	for i := range all {
		d := &all[i]
		v := web.PoolDecision{ID: d.ID, Time: d.Time, Target: d.Target, Reason: d.Reason, Error: d.Error, Formula: d.Formula}
		var s pool.Signals
		if json.Unmarshal([]byte(d.Signals), &s) == nil {
			v.Signals = signalsOf(s)
		}
		out = append(out, v)
	}
	return out, err
}

// checkPool says what is wrong with the settings of the pool.
func checkPool(formula string) error {
	if formula == "" {
		return nil
	}
	if _, err := pool.Compile(formula); err != nil {
		return fmt.Errorf("%w; docs/pool.md has the names that it can use", err)
	}
	return nil
}
