package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/run"
	"github.com/fleetscore/fleetscore/schedule"
)

// jobs are the jobs as the configuration says now.
type jobs struct {
	mu     sync.RWMutex
	runs   map[string]run.Job
	plans  map[string]*schedule.Plan // nil: no schedule
	config map[string]config.Job
}

// set takes over the jobs of a configuration, all or none.
func (j *jobs) set(all map[string]config.Job) error {
	runs, plans := make(map[string]run.Job, len(all)), make(map[string]*schedule.Plan, len(all))
	for name, job := range all {
		r, err := runJob(name, job)
		if err != nil {
			return err
		}
		runs[name] = r
		if job.Schedule == "" {
			continue
		}
		if plans[name], err = schedule.Parse(scheduleOf(job)); err != nil {
			return fmt.Errorf("job %s: schedule: %w", name, err)
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.runs, j.plans, j.config = runs, plans, all
	return nil
}

func (j *jobs) run(name string) (run.Job, bool) {
	j.mu.RLock()
	defer j.mu.RUnlock()
	job, ok := j.runs[name]
	return job, ok
}

// plan is the schedule of a job; nil if it has none.
func (j *jobs) plan(name string) (*schedule.Plan, error) {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if _, ok := j.runs[name]; !ok {
		return nil, fmt.Errorf("job %s: %w", name, run.ErrNoJob)
	}
	return j.plans[name], nil
}

// length is how much time's data a run of a job without a schedule scores.
func (j *jobs) length(name string) time.Duration {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if length := j.config[name].Interval.Std(); length > 0 {
		return length
	}
	return time.Hour
}

// saveJobs tells the ledger which jobs there are. What the configuration says of
// pausing holds for jobs that are new.
func (a *App) saveJobs(ctx context.Context) error {
	known := map[string]bool{}
	before, err := a.ledger.Jobs(ctx)
	if err != nil {
		return fmt.Errorf("reading the ledger: %w", err)
	}
	for _, j := range before {
		known[j.Name] = true
	}
	var all []ledger.Job
	for name, job := range a.settings().Jobs {
		all = append(all, ledger.Job{Name: name, Spec: job.JSON(), Priority: job.Priority})
	}
	if err := a.ledger.SaveJobs(ctx, all, time.Now()); err != nil {
		return fmt.Errorf("writing the ledger: %w", err)
	}
	for name, job := range a.settings().Jobs {
		if job.Paused && !known[name] {
			if err := a.ledger.SetPaused(ctx, name, true); err != nil {
				return fmt.Errorf("writing the ledger: %w", err)
			}
		}
	}
	return nil
}
