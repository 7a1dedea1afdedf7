package web

import (
	"context"
	"errors"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Pool is the nodes, and what says how many there should be.
type Pool interface {
	Pool(ctx context.Context) (PoolStatus, error)
	// SetPool changes what the pool is told, or with DryRun says what it would decide. What
	// cannot be followed is ErrInvalid. The status has what was before.
	SetPool(ctx context.Context, change PoolChange) (PoolStatus, error)
	// PoolHistory lists decisions, the newest first.
	PoolHistory(ctx context.Context, since time.Time, before int64, limit int) ([]PoolDecision, error)
}

// PoolTold is what a pool is told.
type PoolTold struct {
	Formula   string   `json:"formula" doc:"that is in force, in CEL"`
	Default   bool     `json:"default" doc:"it is the one that fleetscore brings"`
	Set       bool     `json:"set" doc:"something was set while the service ran"`
	Overrides []string `json:"overrides" nullable:"false" enum:"formula,min,max" doc:"what was; the rest is as the settings say"`
	Min       int      `json:"min"`
	Max       int      `json:"max"`
}

// PoolStatus is what a pool is told, and what it has decided.
type PoolStatus struct {
	PoolTold
	Before   *PoolTold    `json:"before,omitempty" doc:"what it was told before a change"`
	Good     string       `json:"good" doc:"the formula that is followed where this one fails: the last that did not"`
	Failing  *PoolFailing `json:"failing,omitempty" doc:"the formula has failed in the last two hours"`
	Decision PoolDecision `json:"decision" doc:"that is in force; in a dry run, what it would be now"`
	Signals  PoolSignals  `json:"signals" doc:"as they are now"`
}

// PoolFailing is that a formula cannot be followed.
type PoolFailing struct {
	Since time.Time `json:"since"`
	Last  time.Time `json:"last" doc:"when it failed last"`
	Error string    `json:"error" doc:"why"`
}

// PoolSignals are what decisions depend on, by the names that formulas have for them.
type PoolSignals map[string]float64

// PoolDecision is how many nodes there should be, and why.
type PoolDecision struct {
	ID      int64       `json:"id,omitempty"`
	Time    time.Time   `json:"time" doc:"since when"`
	Target  int         `json:"target" doc:"nodes that there should be"`
	Reason  string      `json:"reason"`
	Error   string      `json:"error,omitempty" doc:"why the formula was not followed"`
	Formula string      `json:"formula,omitempty"`
	Signals PoolSignals `json:"signals,omitempty" doc:"for which it was decided"`
}

// PoolChange is what a pool is to be told. What is left out stays.
type PoolChange struct {
	Formula *string `json:"formula,omitempty" maxLength:"4096" doc:"in CEL; empty: the one that fleetscore brings"`
	Min     *int    `json:"min,omitempty" minimum:"0" maximum:"4096"`
	Max     *int    `json:"max,omitempty" minimum:"0" maximum:"4096" doc:"0: one for each core"`
	Reset   bool    `json:"reset,omitempty" doc:"go back to what the settings say; nothing else can be set with it"`
	DryRun  bool    `json:"dry_run,omitempty" doc:"change nothing, and say what would be decided now"`
}

// PoolHistory is some decisions, the newest first.
type PoolHistory struct {
	Decisions []PoolDecision `json:"decisions" nullable:"false"`
	Next      int64          `json:"next,omitempty" doc:"there may be more: ask with before set to it"`
}

type setPoolInput struct {
	Body PoolChange
}

type poolHistoryInput struct {
	Since  string `query:"since" maxLength:"40" doc:"not older; without it: of any age"`
	Before int64  `query:"before" minimum:"0" doc:"the next of an answer"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

func (s *Server) poolOperations(api huma.API) {
	register(s, api, operation{id: "get-pool", at: "GET " + base + "/pool", tag: "pool", role: Viewer, summary: "How many nodes there should be, and by which formula"},
		func(ctx context.Context, _ *struct{}) (PoolStatus, error) { return s.cfg.Pool.Pool(ctx) })
	register(s, api, operation{id: "set-pool", at: "POST " + base + "/pool", tag: "pool", role: Operator,
		summary: "Change the formula, or how many nodes there may be, or try a change"}, s.setPool)
	register(s, api, operation{id: "list-pool-history", at: "GET " + base + "/pool/history", tag: "pool", role: Viewer, summary: "What was decided, the newest first"}, s.poolHistory)
}

func (s *Server) setPool(ctx context.Context, in *setPoolInput) (PoolStatus, error) {
	status, err := s.cfg.Pool.SetPool(ctx, in.Body)
	if errors.Is(err, ErrInvalid) {
		return status, invalid("body", err)
	}
	if err == nil && !in.Body.DryRun {
		how := ""
		if in.Body.Reset {
			how = "reset: "
		}
		s.note(ctx, "pool.set", "pool", how+PoolMove{Before: *status.Before, After: status.PoolTold}.String())
	}
	return status, err
}

func (s *Server) poolHistory(ctx context.Context, in *poolHistoryInput) (PoolHistory, error) {
	var since time.Time
	if in.Since != "" {
		var err error
		if since, err = ParseTime(in.Since); err != nil {
			return PoolHistory{}, invalid("query.since", err)
		}
	}
	all, err := s.cfg.Pool.PoolHistory(ctx, since, in.Before, in.Limit)
	h := PoolHistory{Decisions: all}
	if h.Decisions == nil {
		h.Decisions = []PoolDecision{}
	}
	if len(all) == in.Limit {
		h.Next = all[len(all)-1].ID
	}
	return h, err
}
