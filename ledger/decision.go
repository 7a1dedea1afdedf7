package ledger

import (
	"context"
	"fmt"
	"time"
)

// Decision is how many nodes there should be from a time on, and why.
type Decision struct {
	ID      int64 // rises; the ledger gives it
	Time    time.Time
	Target  int
	Formula string
	Signals string // that it was made for; JSON of at most 4 KiB
	Reason  string
	Error   string // why the formula was not followed; empty: it was
}

const decisionColumns = "id, at, target, formula, signals, reason, error"

func scanDecision(d *Decision) []any {
	return []any{&d.ID, timeColumn{&d.Time}, &d.Target, &d.Formula, &d.Signals, &d.Reason, &d.Error}
}

// AddDecisions adds decisions, all or none.
func (l *Ledger) AddDecisions(ctx context.Context, all []Decision) error {
	err := l.write(ctx, func(tx session) error {
		for _, d := range all {
			if _, err := tx.exec(ctx, "INSERT INTO decisions (at, target, formula, signals, reason, error) VALUES (?, ?, ?, ?, ?, ?)",
				d.Time.UnixMicro(), d.Target, clip(d.Formula), clip(d.Signals), clip(d.Reason), clip(d.Error)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("saving %d decisions of the pool: %w", len(all), err)
	}
	return nil
}

// Decisions lists decisions, the newest first: at most limit (0: all), not older than
// since (zero: any), with an ID below before (0: any).
func (l *Ledger) Decisions(ctx context.Context, since time.Time, before int64, limit int) ([]Decision, error) {
	var w where
	if !since.IsZero() {
		w.and("at >= ?", since.UnixMicro())
	}
	if before > 0 {
		w.and("id < ?", before)
	}
	all, err := rows(ctx, l.read(), scanDecision, "SELECT "+decisionColumns+" FROM decisions"+w.text()+" ORDER BY id DESC"+w.limit(limit), w.args...)
	if err != nil {
		return nil, fmt.Errorf("reading decisions of the pool: %w", l.explain(err))
	}
	return all, nil
}
