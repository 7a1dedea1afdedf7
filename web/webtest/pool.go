package webtest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/web"
)

// Pool follows every formula but those with the word bad in them.
type Pool struct{}

// Pool implements web.Pool.
func (*Pool) Pool(context.Context) (web.PoolStatus, error) {
	return web.PoolStatus{PoolTold: web.PoolTold{Formula: "2", Overrides: []string{}, Max: 8}, Good: "1", Decision: decision(3), Signals: web.PoolSignals{"nodes": 2}}, nil
}

// SetPool implements web.Pool.
func (p *Pool) SetPool(ctx context.Context, change web.PoolChange) (web.PoolStatus, error) {
	status, err := p.Pool(ctx)
	before := status.PoolTold
	status.Before = &before
	if change.Formula != nil {
		if strings.Contains(*change.Formula, "bad") {
			return web.PoolStatus{}, fmt.Errorf("the formula is bad: %w", web.ErrInvalid)
		}
		status.Formula, status.Set, status.Overrides = *change.Formula, true, []string{"formula"}
	}
	return status, err
}

// PoolHistory implements web.Pool.
func (*Pool) PoolHistory(_ context.Context, since time.Time, before int64, limit int) ([]web.PoolDecision, error) {
	var all []web.PoolDecision
	for id := int64(3); id > 0 && len(all) < limit; id-- {
		if d := decision(id); (before == 0 || id < before) && !d.Time.Before(since) {
			all = append(all, d)
		}
	}
	return all, nil
}

func decision(id int64) web.PoolDecision {
	return web.PoolDecision{ID: id, Time: Noon().Add(time.Duration(id) * time.Second), Target: 2, Reason: "there is work", Formula: "2", Signals: web.PoolSignals{"nodes": 1}}
}
