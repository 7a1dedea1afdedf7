package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/fleetscore/fleetscore/web"
)

// RunQuery says which runs are wanted. What is zero filters nothing.
type RunQuery struct {
	Job      string
	State    []string
	From, To time.Time // the interval begins in [From, To)
	Before   string    // the Next of an earlier list
	Limit    int
}

// Runs lists runs, the newest first.
func (c *Client) Runs(ctx context.Context, r RunQuery) (*web.RunList, error) {
	q := query{}
	q.text("job", r.Job)
	q.texts("state", r.State)
	q.time("from", r.From)
	q.time("to", r.To)
	q.text("before", r.Before)
	q.number("limit", int64(r.Limit))
	return get[web.RunList](ctx, c, at("runs"), url.Values(q))
}

// Run is a run.
func (c *Client) Run(ctx context.Context, id string) (*web.Run, error) {
	return get[web.Run](ctx, c, at("runs", id), nil)
}

// Cancel ends a run. It is over when its state says so.
func (c *Client) Cancel(ctx context.Context, id string) (*web.Run, error) {
	return post[web.Run](ctx, c, at("runs", id, "cancel"), nil)
}

// Retry makes a run that does another again, or only what failed of it.
func (c *Client) Retry(ctx context.Context, id string, failedOnly bool) (*web.Run, error) {
	return post[web.Run](ctx, c, at("runs", id, "retry"), web.RetryRequest{Failed: failedOnly})
}

// TaskQuery says which attempts are wanted. What is zero filters nothing.
type TaskQuery struct {
	Task   string // generation-index
	State  []string
	Cursor string // the Next of an earlier list
	Limit  int
}

// Tasks lists the attempts at the tasks of a run.
func (c *Client) Tasks(ctx context.Context, run string, r TaskQuery) (*web.AttemptList, error) {
	q := query{}
	q.text("task", r.Task)
	q.texts("state", r.State)
	q.text("cursor", r.Cursor)
	q.number("limit", int64(r.Limit))
	return get[web.AttemptList](ctx, c, at("runs", run, "tasks"), url.Values(q))
}

// FailureQuery says which sensors are wanted. What is zero filters nothing.
type FailureQuery struct {
	Cause  string // a fleet.Cause
	Cursor string // the Next of an earlier list
	Limit  int
}

// Failures lists what failed in a run: by cause, and a page of sensors.
func (c *Client) Failures(ctx context.Context, run string, r FailureQuery) (*web.FailureList, error) {
	q := query{}
	q.text("cause", r.Cause)
	q.text("cursor", r.Cursor)
	q.number("limit", int64(r.Limit))
	return get[web.FailureList](ctx, c, at("runs", run, "failures"), url.Values(q))
}

// LogQuery says which log is wanted. Without a task it is those of all attempts,
// each line after the name of its attempt.
type LogQuery struct {
	Task    string // generation-index
	Attempt int    // 0: the last
	Offset  int64  // in bytes; only with a task
	Follow  bool   // until the attempt, or the run, is over
}

// Log is a log, which the caller closes.
func (c *Client) Log(ctx context.Context, run string, r LogQuery) (io.ReadCloser, error) {
	q := query{}
	q.text("task", r.Task)
	q.number("attempt", int64(r.Attempt))
	q.number("offset", r.Offset)
	if r.Follow {
		q.text("follow", "true")
	}
	res, err := c.open(ctx, http.MethodGet, at("runs", run, "log"), url.Values(q), nil, nil)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}
