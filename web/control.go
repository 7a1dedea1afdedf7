package web

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// What a Control or Data may answer, for errors.Is; the text around it is shown to
// whoever asked. The ledger's own sentinels are understood too.
var (
	ErrNotFound    = errors.New("not found")
	ErrConflict    = errors.New("not as things stand")
	ErrInvalid     = errors.New("not valid")
	ErrUnavailable = errors.New("not available at the moment")
)

// Runner starts and ends runs.
type Runner interface {
	// RunNow makes a run of a job: for the interval i; for the one that begins at
	// i.From, if i.To is zero; for the last whole one, if i is nil.
	RunNow(ctx context.Context, job string, i *fleet.Interval) (ledger.Run, error)
	Cancel(ctx context.Context, run string) error
	// Retry makes a run that does another again, or only what failed of it.
	Retry(ctx context.Context, run string, failedOnly bool) (ledger.Run, error)
}

// Planner decides which intervals are run.
type Planner interface {
	// Next lists the next n times at which a job fires, fewer if there are fewer.
	Next(job string, n int) []Fire
	SetPaused(ctx context.Context, job string, paused bool) error
	// Backfill makes runs of the job's intervals in [from, to) that stand as one of
	// only, "missing" or "failed"; all, if only is empty. A dry run makes none. With an
	// error come the items so far, of which some may have been made.
	Backfill(ctx context.Context, job string, from, to time.Time, only []string, dryRun bool) ([]BackfillItem, error)
}

// Applier reads the settings anew.
type Applier interface {
	Apply(ctx context.Context) (ApplyReport, error)
}

// Control is who does what the API is told to.
type Control interface {
	Runner
	Planner
	Applier
}

// Fire is a time at which a job runs, and the interval that it scores then.
type Fire struct {
	At       time.Time      `json:"at" doc:"when"`
	Interval fleet.Interval `json:"interval"`
}

// BackfillItem is an interval, how it stands, and its run.
type BackfillItem struct {
	Interval fleet.Interval `json:"interval"`
	State    string         `json:"state" enum:"missing,failed,done,active,overlapped" doc:"before the backfill: without a commit, with too many failures, done, being run, or overlapped by an interval of an earlier schedule"`
	Rev      int            `json:"rev,omitempty" doc:"its last revision"`
	Failed   int            `json:"failed,omitempty" doc:"sensors that failed in it"`
	Run      string         `json:"run,omitempty" doc:"the run that was made; in a dry run, and if none was, the run that the state is of"`
	Made     bool           `json:"made" doc:"a run was made"`
}

// ApplyReport says what the settings changed.
type ApplyReport struct {
	Added    []string  `json:"added,omitempty" nullable:"false" doc:"jobs"`
	Changed  []string  `json:"changed,omitempty" nullable:"false" doc:"jobs"`
	Removed  []string  `json:"removed,omitempty" nullable:"false" doc:"jobs"`
	Settings []string  `json:"settings,omitempty" nullable:"false" doc:"other settings that have changed and are in effect, such as pool.max"`
	Pool     *PoolMove `json:"pool,omitempty" doc:"what the pool was told, and is now, if that has changed"`
	Restart  []string  `json:"restart,omitempty" nullable:"false" doc:"settings that have changed and take effect with the next start only"`
	Warnings []string  `json:"warnings,omitempty" nullable:"false" doc:"settings without effect"`
}

// Detail is what the audit trail has of it.
func (r *ApplyReport) Detail() string {
	text := fmt.Sprintf("added %q, changed %q, removed %q, settings %q", r.Added, r.Changed, r.Removed, r.Settings)
	if r.Pool != nil {
		text += ", pool: " + r.Pool.String()
	}
	return text
}
