package app

import (
	"context"
	"errors"
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

// length is how much time's data a run of a job scores, as the settings say; 0 if
// they do not.
func (j *jobs) length(name string) time.Duration {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return j.config[name].Interval.Std()
}

// saveJobs tells the ledger which jobs there are, and which of them the settings
// pause.
//
// A job whose settings say that it is paused, is. One whose settings have said so
// and do not any more goes on. Where they do not say so and did not before, it is
// as job pause and job resume have left it.
func (a *App) saveJobs(ctx context.Context) error {
	all := make([]ledger.Job, 0, len(a.settings().Jobs))
	var added []string // paused, and not in the ledger yet
	for name, job := range a.settings().Jobs {
		all = append(all, ledger.Job{Name: name, Spec: job.JSON(), Priority: job.Priority})
		before, err := a.ledger.Job(ctx, name)
		if errors.Is(err, ledger.ErrNotFound) {
			if job.Paused {
				added = append(added, name)
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("reading the ledger: %w", err)
		}
		// The definition follows, so that after a crash between the two it is as if
		// neither had been written.
		if job.Paused || pausedBySettings(before) {
			if err := a.ledger.SetPaused(ctx, name, job.Paused); err != nil {
				return fmt.Errorf("writing the ledger: %w", err)
			}
		}
	}
	if err := a.ledger.SaveJobs(ctx, all, time.Now()); err != nil {
		return fmt.Errorf("writing the ledger: %w", err)
	}
	for _, name := range added {
		if err := a.ledger.SetPaused(ctx, name, true); err != nil {
			return fmt.Errorf("writing the ledger: %w", err)
		}
	}
	return nil
}

// pausedBySettings reports whether the definition that the ledger has says that
// the job is paused.
func pausedBySettings(j ledger.Job) bool {
	job, err := config.ParseJob(j.Spec)
	return err == nil && job.Paused
}
