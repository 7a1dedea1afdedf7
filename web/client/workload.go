package client

import (
	"context"
	"net/url"
	"time"

	"github.com/fleetscore/fleetscore/web"
)

// WorkloadQuery says of which runs. What is zero filters nothing, but Since: zero is
// seven days ago.
type WorkloadQuery struct {
	Since time.Time
	Job   string
	Limit int
}

// Workload is what nodes had to do for the runs of some time.
func (c *Client) Workload(ctx context.Context, w WorkloadQuery) (*web.Workload, error) {
	q := query{}
	q.time("since", w.Since)
	q.text("job", w.Job)
	q.number("limit", int64(w.Limit))
	return get[web.Workload](ctx, c, at("pool", "workload"), url.Values(q))
}
