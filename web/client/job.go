package client

import (
	"context"

	"github.com/fleetscore/fleetscore/web"
)

// Jobs lists all jobs.
func (c *Client) Jobs(ctx context.Context) (*web.JobList, error) {
	return get[web.JobList](ctx, c, at("jobs"), nil)
}

// Job is a job, when it fires next, and its last runs.
func (c *Client) Job(ctx context.Context, name string) (*web.Job, error) {
	return get[web.Job](ctx, c, at("jobs", name), nil)
}

// RunJob runs a job now.
func (c *Client) RunJob(ctx context.Context, job string, r web.RunRequest) (*web.Run, error) {
	return post[web.Run](ctx, c, at("jobs", job, "runs"), r)
}

// Pause has a job not run by its schedule.
func (c *Client) Pause(ctx context.Context, job string) (*web.JobState, error) {
	return post[web.JobState](ctx, c, at("jobs", job, "pause"), nil)
}

// Resume has a job run by its schedule again.
func (c *Client) Resume(ctx context.Context, job string) (*web.JobState, error) {
	return post[web.JobState](ctx, c, at("jobs", job, "resume"), nil)
}

// Backfill runs past intervals of a job, or says which it would.
func (c *Client) Backfill(ctx context.Context, job string, r web.BackfillRequest) (*web.Backfill, error) {
	return post[web.Backfill](ctx, c, at("jobs", job, "backfill"), r)
}
