package client

import (
	"context"
	"net/url"
	"time"

	"github.com/fleetscore/fleetscore/web"
)

// CommitQuery says which commits are wanted. What is zero filters nothing.
type CommitQuery struct {
	From, To time.Time // the interval begins in [From, To)
	Limit    int
}

// Commits lists what counts for the intervals of a job, in order.
func (c *Client) Commits(ctx context.Context, job string, r CommitQuery) (*web.CommitList, error) {
	q := query{}
	q.time("from", r.From)
	q.time("to", r.To)
	q.number("limit", int64(r.Limit))
	return get[web.CommitList](ctx, c, at("jobs", job, "commits"), url.Values(q))
}

// SensorQuery says which sensors are wanted. What is zero filters nothing.
type SensorQuery struct {
	Interval    string   // when it begins, or from/to; "": the last that was committed
	Fate        []string // web.FateFailed and so on
	Cause       string   // a fleet.Cause
	Device, Tag string
	Cursor      string // the Next of an earlier list
	Limit       int
}

// Sensors lists what became of sensors in an interval.
func (c *Client) Sensors(ctx context.Context, job string, r SensorQuery) (*web.SensorList, error) {
	q := query{}
	q.text("interval", r.Interval)
	q.texts("fate", r.Fate)
	q.text("cause", r.Cause)
	q.text("device", r.Device)
	q.text("tag", r.Tag)
	q.text("cursor", r.Cursor)
	q.number("limit", int64(r.Limit))
	return get[web.SensorList](ctx, c, at("jobs", job, "sensors"), url.Values(q))
}

// PredictionQuery says which predictions are wanted.
type PredictionQuery struct {
	Interval    string // when it begins, or from/to; "": the last that was committed
	Device, Tag string // the sensor whose rows are wanted; none: the files alone
	Sensor      string // the same, by its name
	Cursor      string // the Next of an earlier list
	Limit       int
}

// Predictions lists the files that count for an interval and, of a sensor, a page
// of its rows.
func (c *Client) Predictions(ctx context.Context, job string, r PredictionQuery) (*web.PredictionList, error) {
	q := query{}
	q.text("interval", r.Interval)
	q.text("device", r.Device)
	q.text("tag", r.Tag)
	q.text("sensor", r.Sensor)
	q.text("cursor", r.Cursor)
	q.number("limit", int64(r.Limit))
	return get[web.PredictionList](ctx, c, at("jobs", job, "predictions"), url.Values(q))
}
