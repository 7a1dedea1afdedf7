package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Fire moves the cursor of a job forward, never back, and makes runs of it, which
// are queued, all in one transaction. It returns the runs that it made: one of
// origin Scheduled is left out if its interval has, or had before it was pruned, a
// scheduled run. So each interval is fired once, whatever crashes, by a caller that
// goes on from the cursor. A run that was asked for does not stop the scheduled
// one of its interval. ErrNotFound if there is no such job.
func (l *Ledger) Fire(ctx context.Context, job string, cursor time.Time, runs []Run) (created []Run, err error) {
	fresh := make([]Run, len(runs))
	for i, r := range runs {
		r.State = Queued
		if fresh[i], err = r.fresh(); err == nil && r.Job != job {
			err = fmt.Errorf("it is a run of job %.80q", r.Job)
		}
		if err != nil {
			return nil, fmt.Errorf("firing job %.80q: run %.80q: %w", job, r.ID, err)
		}
	}
	err = l.write(ctx, func(tx session) error {
		created = nil
		var pruned time.Time
		if err := tx.row(ctx, []any{timeColumn{&pruned}}, "SELECT pruned_to FROM jobs WHERE name = ?", job); err != nil {
			return err
		}
		if !cursor.IsZero() {
			at := cursor.UnixMicro()
			if _, err := tx.exec(ctx, "UPDATE jobs SET cursor = ? WHERE name = ? AND (cursor IS NULL OR cursor < ?)", at, job, at); err != nil {
				return err
			}
		}
		for _, r := range fresh {
			if r.Origin == Scheduled {
				gone := !pruned.IsZero() && !r.Interval.To.After(pruned)
				has, err := tx.has(ctx, "SELECT 1 FROM runs WHERE job = ? AND interval_from = ? AND interval_to = ? AND origin = 'schedule'",
					job, r.Interval.From.UnixMicro(), r.Interval.To.UnixMicro())
				if err != nil {
					return err
				}
				if has || gone {
					continue
				}
			}
			if err := insertRun(ctx, tx, r); err != nil {
				return fmt.Errorf("run %s: %w", r.ID, err)
			}
			created = append(created, r)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("firing job %.80q: %w", job, err)
	}
	return created, nil
}

// AddRun makes a run that somebody asked for. ErrActive if a run of that job and
// interval, scheduled or not, is not over yet. Without a state it is queued.
func (l *Ledger) AddRun(ctx context.Context, r Run) error {
	if r.State == "" {
		r.State = Queued
	}
	fresh, err := r.fresh()
	if err == nil {
		err = l.write(ctx, func(tx session) error { return insertRun(ctx, tx, fresh) })
	}
	if err != nil {
		return fmt.Errorf("adding run %.80q: %w", r.ID, err)
	}
	return nil
}

// insertRun makes a run. What it looks at first the indexes hold to as well.
func insertRun(ctx context.Context, tx session, r Run) error {
	if has, err := tx.has(ctx, "SELECT 1 FROM runs WHERE id = ?", r.ID); err != nil || has {
		return errors.Join(err, errorIf(has, "there is a run of that name"))
	}
	if r.Origin != Scheduled && !r.State.Final() {
		var id string
		err := tx.row(ctx, []any{&id}, "SELECT id FROM runs WHERE job = ? AND interval_from = ? AND interval_to = ? AND "+isActive+" ORDER BY id LIMIT 1",
			r.Job, r.Interval.From.UnixMicro(), r.Interval.To.UnixMicro())
		if err == nil {
			return fmt.Errorf("%w: run %s", ErrActive, id)
		}
		if err != ErrNotFound {
			return err
		}
	}
	changes, err := r.changes()
	if err != nil {
		return err
	}
	args := slices.Concat(r.fixed(), changes)
	_, err = tx.exec(ctx, "INSERT INTO runs ("+runColumns+") VALUES (?"+strings.Repeat(", ?", len(args)-1)+")", args...)
	return err
}

func errorIf(is bool, text string) error {
	if is {
		return errors.New(text)
	}
	return nil
}
