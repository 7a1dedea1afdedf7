package app

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/notify"
	"github.com/fleetscore/fleetscore/pool"
	"github.com/fleetscore/fleetscore/web"
)

// Where the ledger has what a pool keeps.
const (
	poolSetting    = "pool"         // what was set while the service ran
	learnedSetting = "pool.learned" // what the pool knows of the past
)

// mostNodes is more than any pool has.
const mostNodes = 4096

// makePool makes the pool: as it was set by command, or else as the settings say.
func (a *App) makePool(ctx context.Context) error {
	settings := a.poolSettings()
	if set, ok, err := a.poolSet(ctx); err != nil {
		return err
	} else if ok {
		settings = set
	}
	var learned pool.Learned
	text, _, err := a.ledger.Setting(ctx, learnedSetting)
	if err != nil {
		return err
	}
	if text != "" && json.Unmarshal([]byte(text), &learned) != nil {
		a.log.Warn("what the pool has learned cannot be read, and is learned anew")
	}
	cfg := pool.Config{Settings: settings, Learned: learned, Next: a.nextRuns, Resize: func() { a.executor.Resize() }, Record: a.decided, Log: a.log.With("system", "pool")}
	if a.pool, err = pool.New(cfg); err == nil {
		return nil
	}
	a.log.Error("the pool cannot do as it was told by command, and does as the settings say", "error", err)
	cfg.Settings = a.poolSettings()
	a.pool, err = pool.New(cfg)
	return err
}

// poolSettings is what the settings say.
func (a *App) poolSettings() pool.Settings {
	p := a.settings().Pool
	return pool.Settings{Formula: p.Formula, Min: p.Min, Max: p.Max}
}

// poolSet is what was set by command, if anything was.
func (a *App) poolSet(ctx context.Context) (s pool.Settings, ok bool, err error) {
	text, ok, err := a.ledger.Setting(ctx, poolSetting)
	if err != nil || !ok || text == "" {
		return s, false, err
	}
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		a.log.Error("how the pool was set by command cannot be read; the settings count", "error", err)
		return s, false, nil
	}
	return s, true, nil
}

// resettle has the pool do as new settings say, unless it was set by command.
func (a *App) resettle(ctx context.Context) error {
	_, set, err := a.poolSet(ctx)
	if err != nil || set || a.pool.Settings() == a.poolSettings() {
		return err
	}
	return a.pool.Set(a.poolSettings())
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
	a.tellFormula(records)
}

// tellFormula tells people that the formula fails, when it begins to. Only the pool
// calls it, one call after the other.
func (a *App) tellFormula(records []pool.Record) {
	for i := range records {
		r := &records[i]
		failing := r.Error != ""
		if failing && !a.failing {
			err := a.notify.FormulaFailing(context.Background(), notify.FormulaData{Formula: r.Formula, Using: "the last good one", Error: r.Error, Since: r.Time.UTC()})
			if err != nil {
				a.log.Error("it cannot be told that the formula fails", "error", err)
				continue
			}
		}
		a.failing = failing
	}
}

// learn keeps what the pool has learned of a run that is over.
func (a *App) learn(r *ledger.Run) {
	a.pool.RunEnded(r.Job, r.ID, r.State == ledger.Succeeded)
	text, err := json.Marshal(a.pool.Learned())
	if err == nil {
		err = a.ledger.SetSetting(context.Background(), learnedSetting, string(text))
	}
	if err != nil {
		a.log.Warn("what the pool has learned is not kept", "error", err)
	}
}

// poolControl is the pool, for the API.
type poolControl struct{ *App }

var _ web.Pool = poolControl{}

// Pool implements web.Pool.
func (c poolControl) Pool(ctx context.Context) (web.PoolStatus, error) {
	_, set, err := c.poolSet(ctx)
	last := c.pool.Last()
	s := c.pool.Settings()
	status := poolStatus(s, set, c.pool.Signals(c.executor.Load()))
	status.Decision = web.PoolDecision{Time: last.Time, Target: last.Target, Reason: last.Reason, Error: last.Error, Signals: signalsOf(last.Signals)}
	return status, err
}

func poolStatus(s pool.Settings, set bool, signals pool.Signals) web.PoolStatus {
	status := web.PoolStatus{Formula: s.Formula, Default: s.Formula == "", Set: set, Min: s.Min, Max: s.Max, Signals: signalsOf(signals)}
	if status.Default {
		status.Formula = pool.Default
	}
	return status
}

// signalsOf are signals by their names in formulas.
func signalsOf(s pool.Signals) web.PoolSignals {
	out := web.PoolSignals{}
	for name, value := range s.All() {
		out[name] = value
	}
	return out
}

// SetPool implements web.Pool.
func (c poolControl) SetPool(ctx context.Context, change web.PoolChange) (web.PoolStatus, error) {
	c.applying.Lock()
	defer c.applying.Unlock()
	s := c.pool.Settings()
	if change.Reset {
		s = c.poolSettings()
	}
	if change.Formula != nil {
		s.Formula = *change.Formula
	}
	if change.Min != nil {
		s.Min = *change.Min
	}
	if change.Max != nil {
		s.Max = *change.Max
	}
	d, signals, err := c.pool.Try(s, c.executor.Load())
	if err != nil {
		return web.PoolStatus{}, invalid("%w", err)
	}
	set := !change.Reset || change.Formula != nil || change.Min != nil || change.Max != nil
	if change.DryRun {
		status := poolStatus(s, set, signals)
		status.Decision = web.PoolDecision{Time: time.Now().UTC(), Target: d.Target, Reason: d.Reason, Signals: status.Signals}
		return status, nil
	}
	text := ""
	if set {
		data, err := json.Marshal(s)
		if err != nil {
			return web.PoolStatus{}, err
		}
		text = string(data)
	}
	if err := c.ledger.SetSetting(ctx, poolSetting, text); err != nil {
		return web.PoolStatus{}, err
	}
	if err := c.pool.Set(s); err != nil {
		return web.PoolStatus{}, err
	}
	c.executor.Resize()
	return c.Pool(ctx)
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
