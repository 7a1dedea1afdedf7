package web

import (
	"context"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/view/overview"
)

// Spender knows what nodes and the store have cost, and what they would.
type Spender interface {
	// Spent is the cost of some time, by day.
	Spent(ctx context.Context, from, to time.Time) (Spending, error)
	// Counts is how many nodes were there over some time, in a bounded number of steps.
	Counts(ctx context.Context, from, to time.Time) ([]NodeCount, error)
	// Trial simulates a pool with what runs took, as it is and as it might be. What cannot
	// be followed is ErrInvalid.
	Trial(ctx context.Context, request TrialRequest, work Workload) (PoolTrial, error)
}

// Spending is what some time has cost.
type Spending struct {
	From     time.Time     `json:"from"`
	To       time.Time     `json:"to"`
	Since    time.Time     `json:"since" doc:"from when on something is known of it: what is before the first run, decision or node is not compared"`
	Nodes    float64       `json:"node_seconds" doc:"that nodes were there"`
	AlwaysOn float64       `json:"always_on_seconds" doc:"the same, had all nodes that there may be been there since then"`
	Max      int           `json:"max" doc:"nodes that there may be, now"`
	Money    *fleet.Money  `json:"money,omitempty" doc:"at the prices of the settings; none: they give none"`
	Always   *fleet.Money  `json:"always_on,omitempty" doc:"what it would cost with all nodes there since then"`
	Days     []SpendingDay `json:"days" nullable:"false" doc:"of UTC"`
}

// SpendingDay is what a day has cost.
type SpendingDay struct {
	Day       time.Time    `json:"day" doc:"when it begins"`
	Nodes     float64      `json:"node_seconds"`
	Intervals int          `json:"intervals" doc:"that begin that day, and were committed"`
	Sensors   int          `json:"sensors" doc:"of these; each counts once an interval"`
	Store     fleet.Usage  `json:"store" doc:"what they asked of the store"`
	Money     *fleet.Money `json:"money,omitempty"`
}

// NodeSeries is how many nodes were there over some time. Its area is their time, as in
// Spending.
type NodeSeries struct {
	From  time.Time   `json:"from"`
	To    time.Time   `json:"to"`
	Steps []NodeCount `json:"steps" nullable:"false" doc:"500 at most, each up to the next"`
}

// NodeCount is how many nodes were there from a time on.
type NodeCount struct {
	Time  time.Time `json:"time"`
	Nodes float64   `json:"nodes" doc:"of more changes than there are steps: the mean until the next"`
}

type nodeSeriesInput struct {
	Since string `query:"since" maxLength:"40" doc:"from when on; without it: the last hour"`
}

type spendingInput struct {
	Days int `query:"days" minimum:"1" maximum:"31" default:"7" doc:"days of UTC, today's included"`
}

func (s *Server) spendingOperation(api huma.API) {
	register(s, api, operation{id: "get-pool-cost", at: "GET " + base + "/pool/cost", tag: "pool", role: Viewer, summary: "What nodes and the store have cost, by day, beside nodes that are always on"},
		func(ctx context.Context, in *spendingInput) (Spending, error) {
			now := s.cfg.Now().UTC()
			return s.cfg.Views.Spent(ctx, now.Truncate(overview.Day).AddDate(0, 0, 1-in.Days), now)
		})
	register(s, api, operation{id: "get-node-series", at: "GET " + base + "/pool/nodes", tag: "pool", role: Viewer, summary: "How many nodes there were over time"}, s.nodeSeries)
}

func (s *Server) nodeSeries(ctx context.Context, in *nodeSeriesInput) (NodeSeries, error) {
	to := s.cfg.Now().UTC()
	series := NodeSeries{From: to.Add(-time.Hour), To: to}
	if in.Since != "" {
		var err error
		if series.From, err = ParseTime(in.Since); err == nil && series.From.After(to) {
			err = fmt.Errorf("%s is yet to come", in.Since)
		}
		if err != nil {
			return series, invalid("query.since", err)
		}
	}
	var err error
	if series.Steps, err = s.cfg.Views.Counts(ctx, series.From, to); err != nil {
		return series, fmt.Errorf("counting nodes: %w", err)
	}
	return series, nil
}
