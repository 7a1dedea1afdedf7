package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/fleetscore/fleetscore/web"
)

// Status is how the service does.
func (c *Client) Status(ctx context.Context) (*web.Status, error) {
	return get[web.Status](ctx, c, at("status"), nil)
}

// Nodes lists the nodes that are there, and those that have ended since a time;
// zero: in the last hour.
func (c *Client) Nodes(ctx context.Context, since time.Time) (*web.NodeList, error) {
	q := query{}
	q.time("since", since)
	return get[web.NodeList](ctx, c, at("nodes"), url.Values(q))
}

// Audit lists who changed what, the newest first; before an entry, if that is not 0.
func (c *Client) Audit(ctx context.Context, before int64, limit int) (*web.Trail, error) {
	q := query{}
	q.number("before", before)
	q.number("limit", int64(limit))
	return get[web.Trail](ctx, c, at("audit"), url.Values(q))
}

// Apply has the service read its settings again.
func (c *Client) Apply(ctx context.Context) (*web.ApplyReport, error) {
	return post[web.ApplyReport](ctx, c, at("config", "apply"), nil)
}

// Backup writes a copy of the ledger.
func (c *Client) Backup(ctx context.Context, w io.Writer) error {
	res, err := c.open(ctx, http.MethodGet, at("ledger", "backup"), nil, nil, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(w, res.Body); err != nil { // shorter than it said is an error too
		return fmt.Errorf("receiving the copy of the ledger: %w", err)
	}
	return nil
}

// Health reports whether the service runs: nil if it does.
func (c *Client) Health(ctx context.Context) error {
	_, err := get[web.Health](ctx, c, "/healthz", nil)
	return err
}

// Ready says what of the service answers. That something does not is no error.
func (c *Client) Ready(ctx context.Context) (*web.Health, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/readyz", nil)
	if err != nil {
		return nil, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, c.unanswered(ctx, err)
	}
	defer res.Body.Close()
	health := &web.Health{}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxProblem)).Decode(health); err != nil {
		return nil, fmt.Errorf("the answer of %s/readyz cannot be read: %w", c.base, err)
	}
	return health, nil
}
