package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// TrialRequest is how a pool might be sized. What is left out is as it is.
type TrialRequest struct {
	Formula *string `json:"formula,omitempty" maxLength:"4096" doc:"in CEL; empty: the one that fleetscore brings"`
	Min     *int    `json:"min,omitempty" minimum:"0" maximum:"4096"`
	Max     *int    `json:"max,omitempty" minimum:"1" maximum:"4096"`
	Days    int     `json:"days,omitempty" minimum:"1" maximum:"31" default:"7" doc:"how much of the past is played again"`
}

// PoolTrial is what the past would have been with a pool as it is, and as it might be.
type PoolTrial struct {
	Since time.Time `json:"since" doc:"what is compared is from then until the end: not before the first that is known"`
	Until time.Time `json:"until"`
	Runs  int       `json:"runs"`
	Now   Trial     `json:"now" doc:"as the pool is sized now"`
	Then  Trial     `json:"then" doc:"as was asked"`
}

// Trial is what a simulated pool comes to.
type Trial struct {
	Formula    string      `json:"formula"`
	Min        int         `json:"min"`
	Max        int         `json:"max"`
	NodeHours  float64     `json:"node_hours" doc:"between since and until"`
	Busy       float64     `json:"busy" doc:"share of it that nodes worked"`
	Money      float64     `json:"money" doc:"for nodes, at the price of the settings"`
	Starts     int         `json:"starts" doc:"of nodes"`
	Most       int         `json:"peak_nodes"`
	Start      TrialTime   `json:"start" doc:"from when a run is due until its first task begins"`
	Finish     TrialTime   `json:"finish" doc:"until its last ends"`
	Left       int         `json:"left,omitempty" doc:"tasks that were not done at the end"`
	Unfinished int         `json:"unfinished,omitempty" doc:"tasks that were not done a day after the end"`
	Error      string      `json:"error,omitempty" doc:"the last of the formula"`
	Series     []TrialStep `json:"series" nullable:"false" doc:"500 steps at most"`
}

// TrialTime is how late something was, in seconds.
type TrialTime struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	Max float64 `json:"max"`
}

// TrialStep is how many nodes there are from a time on.
type TrialStep struct {
	Time  time.Time `json:"time"`
	Nodes int       `json:"nodes"`
	Busy  int       `json:"busy"`
}

type trialInput struct {
	Body TrialRequest
}

// trialRuns bounds what a trial plays again.
const trialRuns = 5000

func (s *Server) trialOperation(api huma.API) {
	register(s, api, operation{id: "simulate-pool", at: "POST " + base + "/pool/simulate", tag: "pool", role: Operator, conflicts: true,
		summary: "Play the past again, with the pool as it is and as it might be", about: "Nothing is changed. The newest 5,000 runs at most are played."}, s.trial)
}

func (s *Server) trial(ctx context.Context, in *trialInput) (PoolTrial, error) {
	days := in.Body.Days
	if days == 0 {
		days = 7
	}
	since := s.cfg.Now().UTC().AddDate(0, 0, -days)
	begins, err := s.cfg.Ledger.Begins(ctx)
	if err != nil {
		return PoolTrial{}, err
	}
	if begins.After(since) { // a pool of which nothing is known costs nothing
		since = begins
	}
	work, err := s.workload(ctx, &workloadInput{Since: since.Format(time.RFC3339Nano), Limit: trialRuns})
	if err != nil {
		return PoolTrial{}, err
	}
	if len(work.Runs) == 0 {
		return PoolTrial{}, newProblem(http.StatusConflict, CodeConflict, "no run of that time is over, so there is nothing to play again", "ask for more days, or let a job run")
	}
	t, err := s.cfg.Views.Trial(ctx, in.Body, work)
	if errors.Is(err, ErrInvalid) {
		return t, invalid("body", err)
	}
	return t, err
}
