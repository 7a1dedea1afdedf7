package web

import (
	"context"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// Run is a run as the API shows it.
type Run struct {
	ID         string          `json:"id"`
	Job        string          `json:"job"`
	Interval   fleet.Interval  `json:"interval"`
	Origin     string          `json:"origin" doc:"what made it: schedule, manual, backfill or retry"`
	State      ledger.RunState `json:"state" enum:"queued,planning,running,committing,succeeded,failed,canceled"`
	Rev        int             `json:"rev,omitempty" doc:"the revision of the interval that it commits"`
	RetryOf    string          `json:"retry_of,omitempty" doc:"the run of which it does again what failed"`
	Priority   int             `json:"priority"`
	Created    time.Time       `json:"created"`
	Started    time.Time       `json:"started,omitzero"`
	Finished   time.Time       `json:"finished,omitzero"`
	Generation int             `json:"generation" doc:"the last: each later one has split what an earlier one could not do"`
	Tasks      int             `json:"tasks"`
	TasksDone  int             `json:"tasks_done"`
	fleet.Counts
	Causes    []fleet.Group `json:"causes" nullable:"false" doc:"what failed, by cause"`
	Complete  bool          `json:"complete" doc:"no more sensors failed than the job allows"`
	Canceling bool          `json:"canceling,omitempty" doc:"it was told to end"`
	Error     string        `json:"error,omitempty" doc:"why it failed, or what it waits for"`
	Note      string        `json:"note,omitempty" doc:"what is remarkable of a run that did not fail"`
	Cost      *fleet.Cost   `json:"cost,omitempty" doc:"what it has cost so far; not in lists"`
	// ScoredBy is empty where all is scored natively.
	ScoredBy []fleet.Scorer `json:"scored_by,omitempty" doc:"who scored its sensors, and why not natively, once it is committed; not in lists, and not where all are scored natively"`
}

// Final reports whether the run is over.
func (r *Run) Final() bool { return r.State.Final() }

// RunList is some runs, the newest first.
type RunList struct {
	Runs []Run  `json:"runs" nullable:"false"`
	Next string `json:"next,omitempty" doc:"there may be more: ask with before set to it"`
}

// RetryRequest says what is to be done again.
type RetryRequest struct {
	Failed bool `json:"failed,omitempty" doc:"only the tasks in which a sensor failed; without it: all"`
}

func viewRun(r ledger.Run) Run {
	v := Run{
		ID: r.ID, Job: r.Job, Interval: r.Interval, Origin: r.Origin, State: r.State, Rev: r.Rev, RetryOf: r.RetryOf, Priority: r.Priority,
		Created: r.Created, Started: r.Started, Finished: r.Finished, Generation: r.Generation, Tasks: r.Tasks, TasksDone: r.TasksDone,
		Counts: r.Counts, Causes: r.Causes, Complete: r.Complete, Canceling: r.Cancel && !r.State.Final(), Error: r.Error, Note: r.Note,
	}
	if v.Causes == nil {
		v.Causes = []fleet.Group{}
	}
	if v.Note == "" && r.State == ledger.Succeeded && r.Readings == 0 && r.Failed == 0 {
		v.Note = "there were no readings: what the job's input names for this interval is not in the store, or has no rows of it"
	}
	return v
}

func viewRuns(runs []ledger.Run) []Run {
	views := make([]Run, 0, len(runs))
	for _, r := range runs {
		views = append(views, viewRun(r))
	}
	return views
}

// RunParam is the run in a path.
type RunParam struct {
	Run string `path:"run" maxLength:"80" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]*$" doc:"name of a run"`
}

type listRunsInput struct {
	Job    string            `query:"job" maxLength:"63" doc:"only of this job"`
	State  []ledger.RunState `query:"state" enum:"queued,planning,running,committing,succeeded,failed,canceled" maxItems:"7" doc:"only in one of these states"`
	From   string            `query:"from" maxLength:"40" doc:"only of intervals that begin then or later, such as 2026-11-23T13:00Z"`
	To     string            `query:"to" maxLength:"40" doc:"only of intervals that begin earlier"`
	Before string            `query:"before" maxLength:"80" doc:"only runs that were made before this one: the next of an answer"`
	Limit  int               `query:"limit" minimum:"1" maximum:"1000" default:"50"`
}

func (s *Server) runOperations(api huma.API) {
	register(s, api, operation{id: "list-runs", at: "GET " + base + "/runs", tag: "runs", role: Viewer, summary: "Runs, the newest first"}, s.listRuns)
	register(s, api, operation{id: "get-run", at: "GET " + base + "/runs/{run}", tag: "runs", role: Viewer, summary: "A run"},
		s.getRun)
	register(s, api, operation{id: "cancel-run", at: "POST " + base + "/runs/{run}/cancel", tag: "runs", role: Operator, status: 202, conflicts: true, summary: "End a run"}, s.cancelRun)
	register(s, api, operation{id: "retry-run", at: "POST " + base + "/runs/{run}/retry", tag: "runs", role: Operator, status: 201, conflicts: true,
		summary: "Make a run that does another again, or what failed of it"}, s.retryRun)
}

func (s *Server) listRuns(ctx context.Context, in *listRunsInput) (RunList, error) {
	from, to, err := span(in.From, in.To)
	if err != nil {
		return RunList{}, err
	}
	runs, err := s.cfg.Ledger.Runs(ctx, ledger.RunFilter{Job: in.Job, States: in.State, From: from, To: to, Before: in.Before, Limit: in.Limit})
	if err != nil {
		return RunList{}, fmt.Errorf("listing runs: %w", err)
	}
	list := RunList{Runs: viewRuns(runs)}
	if len(runs) == in.Limit {
		list.Next = runs[len(runs)-1].ID
	}
	return list, nil
}

// run finds a run.
func (s *Server) run(ctx context.Context, id string) (ledger.Run, error) {
	r, err := s.cfg.Ledger.Run(ctx, id)
	if err != nil && notFound(err) {
		return r, missing("there is no run "+id, "fleetscore run list shows what there is; old ones are deleted as retention says")
	}
	return r, err
}

func (s *Server) getRun(ctx context.Context, in *RunParam) (Run, error) {
	r, err := s.run(ctx, in.Run)
	if err != nil {
		return Run{}, err
	}
	v := viewRun(r)
	if s.cfg.Cost != nil {
		cost, err := s.cfg.Cost(ctx, r)
		if err != nil {
			return Run{}, fmt.Errorf("what run %s costs: %w", in.Run, err)
		}
		v.Cost = &cost
	}
	if s.cfg.ScoredBy != nil {
		if v.ScoredBy, err = s.cfg.ScoredBy(ctx, r); err != nil {
			return Run{}, fmt.Errorf("who scored run %s: %w", in.Run, err)
		}
	}
	return v, nil
}

func (s *Server) cancelRun(ctx context.Context, in *RunParam) (Run, error) {
	if _, err := s.run(ctx, in.Run); err != nil {
		return Run{}, err
	}
	if err := s.cfg.Control.Cancel(ctx, in.Run); err != nil {
		return Run{}, fmt.Errorf("canceling run %s: %w", in.Run, err)
	}
	s.note(ctx, "run.cancel", in.Run, "")
	r, err := s.run(ctx, in.Run)
	return viewRun(r), err
}

type retryInput struct {
	RunParam
	Body *RetryRequest
}

func (s *Server) retryRun(ctx context.Context, in *retryInput) (Run, error) {
	if _, err := s.run(ctx, in.Run); err != nil {
		return Run{}, err
	}
	failedOnly := in.Body != nil && in.Body.Failed
	r, err := s.cfg.Control.Retry(ctx, in.Run, failedOnly)
	if err != nil {
		return Run{}, fmt.Errorf("retrying run %s: %w", in.Run, err)
	}
	what := "all of it"
	if failedOnly {
		what = "what failed"
	}
	s.note(ctx, "run.retry", in.Run, what+", as run "+r.ID)
	return viewRun(r), nil
}

// notFound reports that err says that there is none, whoever says so.
func notFound(err error) bool {
	p, told := problemOf(err)
	return told && p.Code == CodeNotFound
}
