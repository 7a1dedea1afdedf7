package ledger

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// SaveRun writes what has become of a run: all but ID, Job, Interval, Origin,
// Created and Cancel. The state of a run that is over does not change any more:
// ErrFinal. ErrNotFound if there is no such run. A run that ends is noted as
// untold, and tallied if it was committed, in the same transaction.
func (l *Ledger) SaveRun(ctx context.Context, r Run) error {
	r, err := r.storable()
	if err == nil {
		err = l.write(ctx, func(tx session) error { return saveRun(ctx, tx, r) })
	}
	if err != nil {
		return fmt.Errorf("saving run %.80q: %w", r.ID, err)
	}
	return nil
}

func saveRun(ctx context.Context, tx session, r Run) error {
	changes, err := r.changes()
	if err != nil {
		return err
	}
	update := "UPDATE runs SET " + strings.ReplaceAll(runChanges, ",", " = ?,") + " = ? WHERE id = ? AND "
	args := slices.Concat(changes, []any{r.ID})
	n, err := tx.exec(ctx, update+isActive, args...)
	if err != nil {
		return err
	}
	if n > 0 && r.State.Final() { // it ends with this, and that is to be told
		_, err = tx.exec(ctx, "INSERT INTO untold (run) VALUES (?) ON CONFLICT (run) DO NOTHING", r.ID)
		if err == nil {
			err = tallyRun(ctx, tx, r.ID)
		}
		return err
	}
	if n == 0 && r.State.Final() {
		n, err = tx.exec(ctx, update+"state = ?", slices.Concat(args, []any{string(r.State)})...)
		if err == nil && n > 0 {
			return tallyRun(ctx, tx, r.ID)
		}
	}
	if err != nil || n > 0 {
		return err
	}
	return whyNot(ctx, tx, r.ID)
}

// whyNot says why a run could not be changed.
func whyNot(ctx context.Context, tx session, id string) error {
	var state RunState
	if err := tx.row(ctx, []any{&state}, "SELECT state FROM runs WHERE id = ?", id); err != nil {
		return err
	}
	return fmt.Errorf("%w: it has %s", ErrFinal, map[RunState]string{Succeeded: "succeeded", Failed: "failed", Canceled: "been canceled"}[state])
}

// AskCancel notes that somebody wants a run to end. ErrNotFound, or ErrFinal if it
// is over.
func (l *Ledger) AskCancel(ctx context.Context, id string) error {
	err := l.write(ctx, func(tx session) error {
		n, err := tx.exec(ctx, "UPDATE runs SET cancel = TRUE WHERE id = ? AND "+isActive, id)
		if err != nil || n > 0 {
			return err
		}
		return whyNot(ctx, tx, id)
	})
	if err != nil {
		return fmt.Errorf("canceling run %.80q: %w", id, err)
	}
	return nil
}

// Run finds a run, or returns ErrNotFound.
func (l *Ledger) Run(ctx context.Context, id string) (Run, error) {
	var r Run
	if err := l.read().row(ctx, scanRun(&r), "SELECT "+runColumns+" FROM runs WHERE id = ?", id); err != nil {
		return Run{}, fmt.Errorf("reading run %.80q: %w", id, l.explain(err))
	}
	return r, nil
}

// ActiveRuns lists the runs that are not over, the oldest first.
func (l *Ledger) ActiveRuns(ctx context.Context) ([]Run, error) {
	runs, err := rows(ctx, l.read(), scanRun, "SELECT "+runColumns+" FROM runs WHERE "+isActive+" ORDER BY id")
	if err != nil {
		return nil, fmt.Errorf("reading runs: %w", l.explain(err))
	}
	return runs, nil
}

// Overlapping finds a run of the job that was committed, or if active is set is
// under way, of an interval that shares some time with i and is not i;
// ErrNotFound if there is none.
func (l *Ledger) Overlapping(ctx context.Context, job string, i fleet.Interval, active bool) (Run, error) {
	from, to := i.From.UnixMicro(), i.To.UnixMicro()
	which := "rev > 0"
	if active {
		which = "(rev > 0 OR " + isActive + ")"
	}
	// As no two of them overlap, it is the last that begins before i ends, or none.
	var r Run
	err := l.read().row(ctx, scanRun(&r), "SELECT "+runColumns+" FROM runs WHERE job = ? AND interval_from < ? AND (interval_from <> ? OR interval_to <> ?) AND "+
		which+" ORDER BY interval_from DESC LIMIT 1", job, to, from, to)
	if err == nil && !r.Interval.To.After(i.From) {
		err = ErrNotFound
	}
	if err != nil {
		return Run{}, fmt.Errorf("looking for runs of job %.80q that overlap %s: %w", job, i, l.explain(err))
	}
	return r, nil
}

// RunFilter chooses runs. What is zero does not matter.
type RunFilter struct {
	Job      string
	States   []RunState
	Interval *fleet.Interval
	From, To time.Time // the interval begins in [From, To)
	Before   string    // only runs whose ID is below: the last of the page before
	Limit    int
}

// Runs lists runs, the newest first.
func (l *Ledger) Runs(ctx context.Context, f RunFilter) ([]Run, error) {
	var w where
	if f.Job != "" {
		w.and("job = ?", f.Job)
	}
	if len(f.States) > 0 {
		w.in("state", asStrings(f.States))
	}
	if f.Interval != nil {
		w.and("interval_from = ?", f.Interval.From.UnixMicro())
		w.and("interval_to = ?", f.Interval.To.UnixMicro())
	}
	if !f.From.IsZero() {
		w.and("interval_from >= ?", f.From.UnixMicro())
	}
	if !f.To.IsZero() {
		w.and("interval_from < ?", f.To.UnixMicro())
	}
	if f.Before != "" {
		w.and("id < ?", f.Before)
	}
	runs, err := rows(ctx, l.read(), scanRun, "SELECT "+runColumns+" FROM runs"+w.text()+" ORDER BY id DESC"+w.limit(f.Limit), w.args...)
	if err != nil {
		return nil, fmt.Errorf("reading runs: %w", l.explain(err))
	}
	return runs, nil
}
