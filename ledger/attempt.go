package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// Attempt is one try at a task.
type Attempt struct {
	fleet.Task
	State    fleet.TaskState
	Node     string
	Cost     float64 // what it was expected to take, in seconds of a core
	Queued   time.Time
	Started  time.Time
	Finished time.Time
	Detail   string // what went wrong
	Seconds  fleet.Seconds
	fleet.Counts
	Progress fleet.Progress
}

const attemptColumns = "run, generation, task, attempt, state, node, cost, queued, started, finished, detail, seconds, counts, progress"

func scanAttempt(a *Attempt) []any {
	return []any{
		&a.Run, &a.Generation, &a.Index, &a.Attempt, &a.State, &a.Node, &a.Cost, timeColumn{&a.Queued}, timeColumn{&a.Started},
		timeColumn{&a.Finished}, &a.Detail, jsonColumn{&a.Seconds}, jsonColumn{&a.Counts}, jsonColumn{&a.Progress},
	}
}

func (a *Attempt) values() ([]any, error) {
	s := a.Seconds
	seconds, err1 := encoded(fleet.Seconds{Start: finite(s.Start), Read: finite(s.Read), Score: finite(s.Score), Write: finite(s.Write)})
	counts, err2 := encoded(a.Counts)
	progress, err3 := encoded(a.Progress)
	return []any{
		a.Run, a.Generation, a.Index, a.Attempt, clip(string(a.State)), clip(a.Node), finite(a.Cost), stored(a.Queued), stored(a.Started),
		stored(a.Finished), clip(a.Detail), seconds, counts, progress,
	}, errors.Join(err1, err2, err3)
}

// SaveAttempts writes attempts, new ones or in place of what is known of them, all
// or none. ErrNotFound if there is no such run.
func (l *Ledger) SaveAttempts(ctx context.Context, attempts []Attempt) error {
	if len(attempts) == 0 {
		return nil
	}
	known := map[string]bool{}
	err := l.write(ctx, func(tx session) error {
		insert, err := tx.sql.PrepareContext(context.WithoutCancel(ctx), tx.bind("INSERT INTO attempts ("+attemptColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (run, generation, task, attempt) DO UPDATE SET state = excluded.state, node = excluded.node, cost = excluded.cost,
			queued = excluded.queued, started = excluded.started, finished = excluded.finished, detail = excluded.detail,
			seconds = excluded.seconds, counts = excluded.counts, progress = excluded.progress`))
		if err != nil {
			return err
		}
		defer func() { _ = insert.Close() }()
		for i := range attempts {
			a := &attempts[i]
			if !known[a.Run] {
				if known[a.Run], err = tx.has(ctx, "SELECT 1 FROM runs WHERE id = ?", a.Run); err == nil && !known[a.Run] {
					err = ErrNotFound
				}
			}
			if err == nil {
				err = insertAttempt(ctx, insert, a)
			}
			if err != nil {
				return fmt.Errorf("attempt %s of run %.80q: %w", a.Task, a.Run, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("saving attempts: %w", err)
	}
	return nil
}

func insertAttempt(ctx context.Context, insert *sql.Stmt, a *Attempt) error {
	if a.Generation < 0 || a.Index < 0 || a.Attempt < 0 {
		return errors.New("its numbers begin at 0")
	}
	values, err := a.values()
	if err != nil {
		return err
	}
	// To be able to interrupt each would cost a goroutine each.
	_, err = insert.ExecContext(context.WithoutCancel(ctx), values...)
	return errors.Join(err, ctx.Err())
}

// AttemptFilter chooses attempts of a run. What is zero does not matter, but Run
// must be given.
type AttemptFilter struct {
	Run               string
	Generation, Index *int
	States            []fleet.TaskState
	After             string // the last of the page before, as fleet.Task.String writes it
	Limit             int
}

// Attempts lists attempts by generation, task and attempt.
func (l *Ledger) Attempts(ctx context.Context, f AttemptFilter) ([]Attempt, error) {
	var w where
	w.and("run = ?", f.Run)
	if f.Generation != nil {
		w.and("generation = ?", *f.Generation)
	}
	if f.Index != nil {
		w.and("task = ?", *f.Index)
	}
	if len(f.States) > 0 {
		w.in("state", asStrings(f.States))
	}
	if f.After != "" {
		after, err := fleet.ParseTask(f.Run, f.After)
		if err != nil {
			return nil, fmt.Errorf("reading attempts: %w", err)
		}
		w.and("(generation, task, attempt) > (?, ?, ?)", after.Generation, after.Index, after.Attempt)
	}
	attempts, err := rows(ctx, l.read(), scanAttempt,
		"SELECT "+attemptColumns+" FROM attempts"+w.text()+" ORDER BY generation, task, attempt"+w.limit(f.Limit), w.args...)
	if err != nil {
		return nil, fmt.Errorf("reading the attempts of run %.80q: %w", f.Run, l.explain(err))
	}
	return attempts, nil
}
