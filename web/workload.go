package web

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/ledger"
)

// Workload is what nodes had to do: of each run, what its tasks took.
type Workload struct {
	Since time.Time     `json:"since"`
	Until time.Time     `json:"until" doc:"now"`
	Runs  []WorkloadRun `json:"runs" nullable:"false" doc:"runs that are over, the oldest first"`
	Cut   bool          `json:"cut,omitempty" doc:"there were more, and older, runs than an answer has"`
}

// WorkloadRun is what nodes had to do for a run.
type WorkloadRun struct {
	Run     string    `json:"run"`
	Job     string    `json:"job"`
	Due     time.Time `json:"due" doc:"when it was made"`
	Prepare float64   `json:"prepare_seconds" doc:"from then until its tasks waited"`
	Seconds []float64 `json:"seconds" nullable:"false" doc:"what each attempt took, of a node"`
	Sensors []int     `json:"sensors" nullable:"false" doc:"of each attempt"`
}

type workloadInput struct {
	Since string `query:"since" maxLength:"40" doc:"only runs that were made since then, such as 2026-11-23T13:00Z; without it: in the last 7 days"`
	Job   string `query:"job" maxLength:"63" doc:"only of this job"`
	Limit int    `query:"limit" minimum:"1" maximum:"20000" default:"20000" doc:"at most so many runs, the newest"`
}

// Bounds of what an answer has.
const (
	workloadDays  = 7 * 24 * time.Hour
	workloadPage  = 500
	workloadTasks = 500_000
)

func (s *Server) workloadOperation(api huma.API) {
	register(s, api, operation{id: "get-workload", at: "GET " + base + "/pool/workload", tag: "service", role: Viewer,
		summary: "What nodes had to do for the runs of some time, to simulate a pool with"}, s.workload)
}

// errEnough ends the reading of runs.
var errEnough = errors.New("enough")

func (s *Server) workload(ctx context.Context, in *workloadInput) (Workload, error) {
	now := s.cfg.Now().UTC()
	w := Workload{Since: now.Add(-workloadDays), Until: now, Runs: []WorkloadRun{}}
	if in.Since != "" {
		var err error
		if w.Since, err = ParseTime(in.Since); err != nil {
			return w, invalid("query.since", err)
		}
	}
	filter := ledger.RunFilter{Job: in.Job, Limit: workloadPage}
	tasks := 0
	take := func(r ledger.Run) error {
		if r.Created.Before(w.Since) {
			return errEnough
		}
		if !r.State.Final() || r.Started.IsZero() {
			return nil
		}
		if len(w.Runs) == in.Limit || tasks > workloadTasks {
			w.Cut = true
			return errEnough
		}
		attempts, err := s.cfg.Ledger.Attempts(ctx, ledger.AttemptFilter{Run: r.ID})
		if err != nil {
			return fmt.Errorf("reading attempts: %w", err)
		}
		tasks += len(attempts)
		if one := workOf(r, attempts); len(one.Seconds) > 0 {
			w.Runs = append(w.Runs, one)
		}
		return nil
	}
	for {
		runs, err := s.cfg.Ledger.Runs(ctx, filter)
		if err != nil {
			return w, fmt.Errorf("listing runs: %w", err)
		}
		for _, r := range runs {
			filter.Before = r.ID
			if err = take(r); err != nil {
				break
			}
		}
		if err == nil && len(runs) == workloadPage {
			continue
		}
		slices.Reverse(w.Runs)
		if err == errEnough {
			err = nil
		}
		return w, err
	}
}

// workOf is what nodes had to do for a run.
func workOf(r ledger.Run, attempts []ledger.Attempt) WorkloadRun {
	w := WorkloadRun{Run: r.ID, Job: r.Job, Due: r.Created, Seconds: []float64{}, Sensors: []int{}}
	for _, a := range attempts {
		if a.Started.IsZero() || !a.Finished.After(a.Started) {
			continue // no node had it
		}
		if len(w.Seconds) == 0 && a.Queued.After(r.Created) {
			w.Prepare = a.Queued.Sub(r.Created).Seconds()
		}
		w.Seconds = append(w.Seconds, a.Finished.Sub(a.Started).Seconds())
		w.Sensors = append(w.Sensors, a.Sensors)
	}
	return w
}
