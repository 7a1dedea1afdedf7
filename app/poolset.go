package app

import (
	"context"
	"encoding/json"
	"time"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/pool"
	"github.com/fleetscore/fleetscore/web"
)

// poolSetting is where the ledger has what was set while the service ran.
const poolSetting = "pool"

// overrides are what was set by command; the rest is as the settings say.
type overrides struct {
	Formula *string `json:"formula,omitempty"`
	Min     *int    `json:"min,omitempty"`
	Max     *int    `json:"max,omitempty"`
}

// names are those of what was set.
func (o *overrides) names() []string {
	names := []string{}
	for _, v := range []struct {
		name string
		set  bool
	}{{"formula", o.Formula != nil}, {"min", o.Min != nil}, {"max", o.Max != nil}} {
		if v.set {
			names = append(names, v.name)
		}
	}
	return names
}

// with has a change as well.
func (o overrides) with(c web.PoolChange) overrides {
	if c.Reset {
		return overrides{}
	}
	if c.Formula != nil {
		o.Formula = c.Formula
	}
	if c.Min != nil {
		o.Min = c.Min
	}
	if c.Max != nil {
		o.Max = c.Max
	}
	return o
}

// over is what counts over what the settings say.
func (o *overrides) over(s pool.Settings) pool.Settings {
	if o.Formula != nil {
		s.Formula = *o.Formula
	}
	if o.Min != nil {
		s.Min = *o.Min
	}
	if o.Max != nil {
		s.Max = config.MostNodes(*o.Max, s.Min)
	}
	return s
}

// overrides are those in the ledger.
func (a *App) overrides(ctx context.Context) (o overrides, err error) {
	text, _, err := a.ledger.Setting(ctx, poolSetting)
	if err != nil || text == "" {
		return o, err
	}
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		a.log.Error("how the pool was set by command cannot be read; the settings count", "error", err)
		return overrides{}, nil
	}
	return o, nil
}

// poolSettings is what the settings say.
func poolSettings(f *config.File) pool.Settings {
	return pool.Settings{Formula: f.Pool.Formula, Min: f.Pool.Min, Max: f.Pool.Max}
}

// poolTold is what the pool is told: what was set by command, and else what settings say.
func (a *App) poolTold(ctx context.Context, f *config.File) (pool.Settings, error) {
	o, err := a.overrides(ctx)
	return o.over(poolSettings(f)), err
}

// told is what a pool is told, for the API.
func told(s pool.Settings, o overrides) web.PoolTold {
	t := web.PoolTold{Formula: s.Formula, Default: s.Formula == "", Overrides: o.names(), Min: s.Min, Max: s.Max}
	t.Set = len(t.Overrides) > 0
	if t.Default {
		t.Formula = pool.Default
	}
	return t
}

// toldNow is what the pool is told now. What was set by command may not have gone with
// the settings at the start, and does not count then.
func (a *App) toldNow(o overrides) web.PoolTold {
	s := a.pool.Settings()
	if o.over(poolSettings(a.settings())) != s {
		o = overrides{}
	}
	return told(s, o)
}

// SetPool implements web.Pool.
func (c poolControl) SetPool(ctx context.Context, change web.PoolChange) (web.PoolStatus, error) {
	c.applying.Lock()
	defer c.applying.Unlock()
	if change.Reset && (change.Formula != nil || change.Min != nil || change.Max != nil) {
		return web.PoolStatus{}, invalid("a reset goes back to what the settings say; set something else after it, or instead of it")
	}
	old, err := c.overrides(ctx)
	if err != nil {
		return web.PoolStatus{}, err
	}
	before := c.toldNow(old)
	next := old.with(change)
	s := next.over(poolSettings(c.settings()))
	d, signals, err := c.pool.Try(s, c.executor.Load())
	if err != nil {
		return web.PoolStatus{}, invalid("%w", err)
	}
	if change.DryRun {
		status := web.PoolStatus{PoolTold: told(s, next), Before: &before, Good: c.pool.Good(), Signals: signalsOf(signals)}
		status.Decision = web.PoolDecision{Time: time.Now().UTC(), Target: d.Target, Reason: d.Reason, Signals: status.Signals}
		return status, nil
	}
	text, err := json.Marshal(next)
	if err == nil {
		err = c.ledger.SetSetting(ctx, poolSetting, string(text))
	}
	if err == nil {
		err = c.pool.Set(s)
	}
	if err != nil {
		return web.PoolStatus{}, err
	}
	c.executor.Resize()
	status, err := c.Pool(ctx)
	status.Before = &before
	return status, err
}
