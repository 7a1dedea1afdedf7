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
