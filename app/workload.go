package app

import (
	"errors"
	"fmt"
	"time"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/pool"
	"github.com/fleetscore/fleetscore/schedule"
	"github.com/fleetscore/fleetscore/web"
)

// mostRuns bounds a simulated schedule.
const mostRuns = 1_000_000

// JobSchedule is the schedule of a job, as the settings say.
func JobSchedule(file *config.File, name string) (*schedule.Plan, error) {
	job, ok := file.Jobs[name]
	if !ok {
		return nil, fmt.Errorf("the settings have no job %.80q", name)
	}
	if job.Schedule == "" {
		return nil, fmt.Errorf("job %s has no schedule: it runs only when it is told to", name)
	}
	return schedule.Parse(scheduleOf(job))
}

// ScheduledWorkload is what a schedule brings in some time after now. Runs have the
// tasks of each of works in turn, at least one; the last is known when the first is due.
func ScheduledWorkload(plan *schedule.Plan, job string, now time.Time, length time.Duration, works []pool.WorkRun) (*pool.Workload, error) {
	first := plan.Next(now)
	second := plan.Next(first.At)
	if first.At.IsZero() || second.At.IsZero() {
		return nil, errors.New("the schedule has no two runs to come")
	}
	begin := first.At.Add(first.At.Sub(second.At)) // a gap before the first, as if after another
	w := &pool.Workload{Length: length, Last: map[string]pool.Work{job: works[len(works)-1].Work()}}
	for f := first; !f.At.IsZero() && f.At.Sub(begin) <= length; f = plan.Next(f.At) {
		if len(w.Runs) == mostRuns {
			return nil, fmt.Errorf("the schedule has more than %d runs in %s; simulate fewer days", mostRuns, length)
		}
		like := works[len(w.Runs)%len(works)]
		w.Runs = append(w.Runs, pool.WorkRun{Job: job, Due: f.At.Sub(begin), Prepare: like.Prepare, Tasks: like.Tasks})
	}
	return w, nil
}

// RecordedWorkload is what nodes have had to do.
func RecordedWorkload(recorded *web.Workload) *pool.Workload {
	w := &pool.Workload{Length: recorded.Until.Sub(recorded.Since)}
	if recorded.Cut && len(recorded.Runs) > 0 { // what came before is not known
		w.Length = recorded.Until.Sub(recorded.Runs[0].Due)
	}
	begin := recorded.Until.Add(-w.Length)
	for _, r := range recorded.Runs {
		w.Runs = append(w.Runs, WorkOf(r))
		w.Runs[len(w.Runs)-1].Due = r.Due.Sub(begin)
	}
	return w
}

// WorkOf is what nodes had to do for a run.
func WorkOf(r web.WorkloadRun) pool.WorkRun {
	run := pool.WorkRun{Job: r.Job, Prepare: seconds(r.Prepare), Tasks: make([]pool.WorkTask, len(r.Seconds))}
	for i, s := range r.Seconds {
		run.Tasks[i].Time = seconds(s)
		if i < len(r.Sensors) {
			run.Tasks[i].Sensors = r.Sensors[i]
		}
	}
	return run
}

// seconds is a length of time, to the millisecond.
func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(time.Millisecond)
}
