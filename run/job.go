package run

import (
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// Job is what a run must know of its job.
type Job struct {
	Name      string
	Input     Input
	Recipe    fleet.Recipe
	MaxFailed fleet.Tolerance
	Retries   Retries
	Overlap   string // "skip", "queue" or "replace": what a scheduled run does that meets another
	Priority  int
	// MaxSensors is how many known sensors a task has at most; 0: no limit.
	MaxSensors int
	// TaskSeconds is how much work a task has at least, in seconds of a core.
	TaskSeconds float64
}

// unknownCost is what a sensor is expected to take that no run has scored yet, in seconds.
func (j *Job) unknownCost() float32 {
	if r := j.Recipe.Runtime; r != nil && !r.Fallback {
		return 5e-3
	}
	return 100e-6
}

// Input says which objects a run reads. One of Window, Files and File is set.
type Input struct {
	Window string // of windows/window=…
	// Wait is how long a run waits for windows of its interval that are open.
	Wait  time.Duration
	Files string // template of keys with {date}, {hour} and so on
	File  string // key
}

// Retries say how often an attempt is made again, and when.
type Retries struct {
	Max     int           // after the first attempt
	Backoff time.Duration // before the second; doubled for each one after it
	Most    time.Duration
}

// wait is how long to wait before attempt n+1, after n attempts.
func (r Retries) wait(n int) time.Duration {
	d := r.Backoff
	for ; n > 1 && d < r.Most; n-- {
		d *= 2
	}
	return min(d, r.Most)
}
