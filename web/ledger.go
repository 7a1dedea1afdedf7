package web

import (
	"context"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// Jobs are the jobs that are known.
type Jobs interface {
	Jobs(ctx context.Context) ([]ledger.Job, error)
	Job(ctx context.Context, name string) (ledger.Job, error)
}

// Runs are the runs that are known.
type Runs interface {
	Run(ctx context.Context, id string) (ledger.Run, error)
	Runs(ctx context.Context, filter ledger.RunFilter) ([]ledger.Run, error)
	ActiveRuns(ctx context.Context) ([]ledger.Run, error)
}

// Work is who does the tasks of runs.
type Work interface {
	Attempts(ctx context.Context, filter ledger.AttemptFilter) ([]ledger.Attempt, error)
	Nodes(ctx context.Context, since time.Time) ([]fleet.Node, error)
	// Begins is when the first is known of; zero: nothing is.
	Begins(ctx context.Context) (time.Time, error)
}

// Audit is the trail of changes.
type Audit interface {
	Note(ctx context.Context, entry ledger.Entry) error
	Trail(ctx context.Context, before int64, limit int) ([]ledger.Entry, error)
}

// Outbox is what receivers have not been told yet.
type Outbox interface {
	Messages(ctx context.Context, filter ledger.MessageFilter) ([]ledger.Message, error)
}

// Mutes are the sensors that nobody is told of.
type Mutes interface {
	Mutes(ctx context.Context, now time.Time) ([]ledger.Mute, error)
	AddMute(ctx context.Context, m ledger.Mute) error
	RemoveMute(ctx context.Context, id string) (ledger.Mute, error)
}

// Ledger is what the API reads, and where it notes changes.
type Ledger interface {
	Jobs
	Runs
	Work
	Audit
	Outbox
	Mutes
	Tallies
}
