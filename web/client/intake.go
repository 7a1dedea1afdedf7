package client

import (
	"context"
	"net/url"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/web"
)

// Stream tells how readings come in and become windows.
func (c *Client) Stream(ctx context.Context) (*web.StreamStatus, error) {
	return get[web.StreamStatus](ctx, c, at("stream"), nil)
}

// LateQuery says which late readings are wanted. What is zero filters nothing.
type LateQuery struct {
	web.LateFilter
	Limit int
}

// Late lists readings that a window did not take, those that came last first.
func (c *Client) Late(ctx context.Context, window string, l LateQuery) (*web.LateList, error) {
	q := query{}
	q.text("device", l.Device)
	q.text("tag", l.Tag)
	q.text("cause", l.Cause)
	q.time("from", l.From)
	q.time("to", l.To)
	q.number("limit", int64(l.Limit))
	return get[web.LateList](ctx, c, at("windows", window, "late"), url.Values(q))
}

// ReplayLate has late readings counted.
func (c *Client) ReplayLate(ctx context.Context, window string, f web.LateFilter) (*web.LateReplay, error) {
	return post[web.LateReplay](ctx, c, at("windows", window, "late", "replay"), f)
}

// Windows lists a sensor's windows that start in [from, to), those that are open too;
// zero is an hour before to, and now.
func (c *Client) Windows(ctx context.Context, window string, s fleet.Sensor, from, to time.Time) (*web.WindowList, error) {
	q := query{}
	q.text("device", s.Device)
	q.text("tag", s.Tag)
	q.time("from", from)
	q.time("to", to)
	return get[web.WindowList](ctx, c, at("windows", window), url.Values(q))
}
