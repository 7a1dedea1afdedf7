package client

import (
	"context"
	"net/url"
	"strconv"

	"github.com/fleetscore/fleetscore/web"
)

// Overview is whether the fleet is all right; its series goes back so many hours.
func (c *Client) Overview(ctx context.Context, hours int) (*web.Overview, error) {
	return get[web.Overview](ctx, c, at("overview"), url.Values{"hours": {strconv.Itoa(hours)}})
}

// SimulatePool plays the past again, with the pool as it is and as it might be.
func (c *Client) SimulatePool(ctx context.Context, r web.TrialRequest) (*web.PoolTrial, error) {
	return post[web.PoolTrial](ctx, c, at("pool", "simulate"), r)
}

// Spending is what nodes and the store have cost in the last days.
func (c *Client) Spending(ctx context.Context, days int) (*web.Spending, error) {
	return get[web.Spending](ctx, c, at("pool", "cost"), url.Values{"days": {strconv.Itoa(days)}})
}
