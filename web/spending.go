package web

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/view/overview"
)

// Spender knows what nodes and the store have cost, and what they would.
type Spender interface {
	// Spent is the cost of some time, by day.
	Spent(ctx context.Context, from, to time.Time) (Spending, error)
	// Trial simulates a pool with what runs took, as it is and as it might be. What cannot
	// be followed is ErrInvalid.
	Trial(ctx context.Context, request TrialRequest, work Workload) (PoolTrial, error)
}

// Spending is what some time has cost.
type Spending struct {
	From     time.Time     `json:"from"`
	To       time.Time     `json:"to"`
	Nodes    float64       `json:"node_seconds" doc:"that nodes were there"`
	AlwaysOn float64       `json:"always_on_seconds" doc:"the same, had all nodes that there may be always been there"`
	Max      int           `json:"max" doc:"nodes that there may be, now"`
	Money    *fleet.Money  `json:"money,omitempty" doc:"at the prices of the settings; none: they give none"`
	Always   *fleet.Money  `json:"always_on,omitempty" doc:"what it would cost with all nodes always there"`
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

type spendingInput struct {
	Days int `query:"days" minimum:"1" maximum:"31" default:"7" doc:"days of UTC, today's included"`
}

func (s *Server) spendingOperation(api huma.API) {
	register(s, api, operation{id: "get-pool-cost", at: "GET " + base + "/pool/cost", tag: "pool", role: Viewer, summary: "What nodes and the store have cost, by day, beside nodes that are always on"},
		func(ctx context.Context, in *spendingInput) (Spending, error) {
			now := s.cfg.Now().UTC()
			return s.cfg.Views.Spent(ctx, now.Truncate(overview.Day).AddDate(0, 0, 1-in.Days), now)
		})
}
