package web

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/internal/counted"
	"github.com/fleetscore/fleetscore/ledger"
)

// Job is a job as the API shows it.
type Job struct {
	Name       string          `json:"name"`
	Paused     bool            `json:"paused" doc:"it does not run by schedule"`
	Removed    bool            `json:"removed,omitempty" doc:"it is not in the settings any more"`
	Priority   int             `json:"priority"`
	Updated    time.Time       `json:"updated,omitzero" doc:"when its definition changed"`
	Cursor     time.Time       `json:"cursor,omitzero" doc:"the end of the last interval that was fired or passed over"`
	Definition json.RawMessage `json:"definition,omitempty" doc:"what the settings say, defaults included"`
	Next       []Fire          `json:"next" nullable:"false" doc:"when it fires next: once in a list, a few times alone"`
	Runs       []Run           `json:"runs" nullable:"false" doc:"its last runs, the newest first: one in a list, ten alone"`
}

// JobList is all jobs.
type JobList struct {
	Jobs []Job `json:"jobs" nullable:"false"`
}

// JobData is what data there is that a job can score.
type JobData struct {
	First *fleet.Interval `json:"first,omitempty" doc:"the first interval of the job of which there is a window; none: it is not known, or there is nothing yet"`
}

// RunRequest says what a run is to be of.
type RunRequest struct {
	Interval *IntervalRequest `json:"interval,omitempty" doc:"without it: the last interval that is whole"`
}

// IntervalRequest is an interval, or when one begins.
type IntervalRequest struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to,omitzero" doc:"without it: the end of the job's interval that begins at from; not in the future"`
}

// BackfillRequest says which intervals are to be run.
type BackfillRequest struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to" doc:"intervals that begin before it"`
	Only   []string  `json:"only,omitempty" nullable:"false" maxItems:"2" enum:"missing,failed" doc:"only intervals that stand so; without it: all"`
	DryRun bool      `json:"dry_run,omitempty" doc:"say what would be run, and run nothing"`
}

// Backfill is what a backfill did, or would do.
type Backfill struct {
	DryRun    bool           `json:"dry_run"`
	Intervals []BackfillItem `json:"intervals" nullable:"false"`
}

// JobParam is the job in a path. It is exported for huma to see it in other structs.
type JobParam struct {
	Job string `path:"job" maxLength:"63" pattern:"^[a-z0-9][a-z0-9._-]*$" doc:"name of a job"`
}

const (
	nextAlone = 5
	runsAlone = 10
)

func (s *Server) jobOperations(api huma.API) {
	register(s, api, operation{id: "list-jobs", at: "GET " + base + "/jobs", tag: "jobs", role: Viewer, summary: "All jobs"},
		func(ctx context.Context, _ *struct{}) (JobList, error) { return s.listJobs(ctx) })
	register(s, api, operation{id: "get-job", at: "GET " + base + "/jobs/{job}", tag: "jobs", role: Viewer, summary: "A job, when it fires next, its last runs"},
		func(ctx context.Context, in *JobParam) (Job, error) { return s.getJob(ctx, in.Job) })
	register(s, api, operation{id: "get-job-data", at: "GET " + base + "/jobs/{job}/data", tag: "jobs", role: Viewer, summary: "Since when there is data that a job can score",
		about: "Of a job that scores windows; of others it is not known."}, s.jobData)
	register(s, api, operation{id: "run-job", at: "POST " + base + "/jobs/{job}/runs", tag: "jobs", role: Operator, status: 201, conflicts: true, summary: "Run a job now"}, s.runJob)
	register(s, api, operation{id: "pause-job", at: "POST " + base + "/jobs/{job}/pause", tag: "jobs", role: Operator, summary: "Do not run a job by its schedule"},
		func(ctx context.Context, in *JobParam) (JobState, error) { return s.pause(ctx, in.Job, true) })
	register(s, api, operation{id: "resume-job", at: "POST " + base + "/jobs/{job}/resume", tag: "jobs", role: Operator, conflicts: true, summary: "Run a job by its schedule again"},
		func(ctx context.Context, in *JobParam) (JobState, error) { return s.pause(ctx, in.Job, false) })
	register(s, api, operation{id: "backfill-job", at: "POST " + base + "/jobs/{job}/backfill", tag: "jobs", role: Operator, conflicts: true,
		summary: "Run past intervals of a job, or say which would be"}, s.backfill)
}

func (s *Server) listJobs(ctx context.Context) (JobList, error) {
	all, err := s.cfg.Ledger.Jobs(ctx)
	if err != nil {
		return JobList{}, fmt.Errorf("listing jobs: %w", err)
	}
	list := JobList{Jobs: make([]Job, 0, len(all))}
	for _, j := range all {
		job, err := s.viewJob(ctx, j, 1, 1)
		if err != nil {
			return JobList{}, err
		}
		list.Jobs = append(list.Jobs, job)
	}
	return list, nil
}

func (s *Server) getJob(ctx context.Context, name string) (Job, error) {
	j, err := s.job(ctx, name)
	if err != nil {
		return Job{}, err
	}
	return s.viewJob(ctx, j, nextAlone, runsAlone)
}

func (s *Server) jobData(ctx context.Context, in *JobParam) (JobData, error) {
	if _, err := s.job(ctx, in.Job); err != nil {
		return JobData{}, err
	}
	first, err := s.cfg.Views.First(ctx, in.Job)
	if err != nil || first.From.IsZero() {
		return JobData{}, err
	}
	return JobData{First: &first}, nil
}

// job finds a job.
func (s *Server) job(ctx context.Context, name string) (ledger.Job, error) {
	j, err := s.cfg.Ledger.Job(ctx, name)
	if err != nil && notFound(err) {
		return j, missing("there is no job "+name, "fleetscore job list shows what there is")
	}
	return j, err
}

func (s *Server) viewJob(ctx context.Context, j ledger.Job, fires, runs int) (Job, error) {
	job := Job{Name: j.Name, Paused: j.Paused, Removed: j.Removed, Priority: j.Priority, Updated: j.Updated, Cursor: j.Cursor, Definition: j.Spec, Next: []Fire{}, Runs: []Run{}}
	if !j.Paused && !j.Removed {
		job.Next = append(job.Next, s.cfg.Control.Next(j.Name, fires)...)
	}
	last, err := s.cfg.Ledger.Runs(ctx, ledger.RunFilter{Job: j.Name, Limit: runs})
	if err != nil {
		return Job{}, fmt.Errorf("listing the runs of job %s: %w", j.Name, err)
	}
	job.Runs = viewRuns(last)
	return job, nil
}

type runJobInput struct {
	JobParam
	Body *RunRequest
}

func (s *Server) runJob(ctx context.Context, in *runJobInput) (Run, error) {
	if _, err := s.job(ctx, in.Job); err != nil {
		return Run{}, err
	}
	var interval *fleet.Interval
	if in.Body != nil && in.Body.Interval != nil {
		i := fleet.NewInterval(in.Body.Interval.From, in.Body.Interval.To)
		if !i.To.IsZero() && !i.From.Before(i.To) {
			return Run{}, invalid("body.interval.to", fmt.Errorf("it must be after from"))
		}
		interval = &i
	}
	r, err := s.cfg.Control.RunNow(ctx, in.Job, interval)
	if err != nil {
		return Run{}, fmt.Errorf("running job %s: %w", in.Job, err)
	}
	s.note(ctx, "job.run", in.Job, "run "+r.ID+" of "+r.Interval.String())
	return viewRun(r), nil
}

func (s *Server) pause(ctx context.Context, name string, paused bool) (JobState, error) {
	if _, err := s.job(ctx, name); err != nil {
		return JobState{}, err
	}
	if err := s.cfg.Control.SetPaused(ctx, name, paused); err != nil {
		return JobState{}, fmt.Errorf("job %s: %w", name, err)
	}
	action := "job.resume"
	if paused {
		action = "job.pause"
	}
	s.note(ctx, action, name, "")
	j, err := s.job(ctx, name)
	return viewJobState(j), err
}

type backfillInput struct {
	JobParam
	Body BackfillRequest
}

func (s *Server) backfill(ctx context.Context, in *backfillInput) (Backfill, error) {
	if _, err := s.job(ctx, in.Job); err != nil {
		return Backfill{}, err
	}
	b := in.Body
	if !b.From.Before(b.To) {
		return Backfill{}, invalid("body.to", fmt.Errorf("it must be after from"))
	}
	items, err := s.cfg.Control.Backfill(ctx, in.Job, b.From.UTC(), b.To.UTC(), b.Only, b.DryRun)
	made := 0
	for _, item := range items {
		if item.Made {
			made++
		}
	}
	if made > 0 || !b.DryRun && !isRequest(err) {
		what := fmt.Sprintf("%s, only %q: %s", fleet.NewInterval(b.From, b.To), strings.Join(b.Only, ","), counted.Of(made, "run"))
		s.note(ctx, "job.backfill", in.Job, what+broken(err))
	}
	if err != nil {
		err = fmt.Errorf("backfilling job %s: %w", in.Job, err)
		if made > 0 {
			p := s.problem(ctx, "backfill-job", err)
			p.Hint = fmt.Sprintf("%d of %d runs had been made before that, and are done; backfill again, with only missing, for the others", made, len(items))
			err = p
		}
		return Backfill{}, err
	}
	return Backfill{DryRun: b.DryRun, Intervals: append([]BackfillItem{}, items...)}, nil
}
