package client

import (
	"context"
	"net/url"
	"time"

	"github.com/fleetscore/fleetscore/web"
)

// Pool says how many nodes there should be, and by which formula.
func (c *Client) Pool(ctx context.Context) (*web.PoolStatus, error) {
	return get[web.PoolStatus](ctx, c, at("pool"), nil)
}

// SetPool changes what the pool is told, or tries it.
func (c *Client) SetPool(ctx context.Context, change web.PoolChange) (*web.PoolStatus, error) {
	return post[web.PoolStatus](ctx, c, at("pool"), change)
}

// PoolHistory lists what was decided, the newest first: not before since, and before a
// decision, if that is not 0.
func (c *Client) PoolHistory(ctx context.Context, since time.Time, before int64, limit int) (*web.PoolHistory, error) {
	q := query{}
	q.time("since", since)
	q.number("before", before)
	q.number("limit", int64(limit))
	return get[web.PoolHistory](ctx, c, at("pool", "history"), url.Values(q))
}
