package ledger

import (
	"context"
	"fmt"
	"time"
)

// pruneAtOnce is how many runs are removed in a transaction, so that others need
// not wait long for theirs.
const pruneAtOnce = 10

// Prune removes the runs that are over and were made before, with their attempts,
// the nodes that ended, the decisions of the pool, and the messages that were given up before. It keeps runs that a run under way retries. An
// interval whose scheduled run is gone is not fired again. It returns how many runs
// it removed, also with an error.
func (l *Ledger) Prune(ctx context.Context, runsBefore time.Time) (runs int, err error) {
	for {
		n, err := l.pruneSome(ctx, runsBefore.UnixMicro())
		if err != nil {
			return runs, fmt.Errorf("pruning runs: %w", err)
		}
		if runs += n; n < pruneAtOnce {
			break
		}
	}
	err = l.write(ctx, func(tx session) error {
		for _, old := range []string{
			"DELETE FROM decisions WHERE at < ?", "DELETE FROM nodes WHERE NOT (" + isAlive + ") AND ended < ?", "DELETE FROM messages WHERE state = 'dead' AND created < ?",
		} {
			if _, err := tx.exec(ctx, old, runsBefore.UnixMicro()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return runs, fmt.Errorf("pruning nodes, decisions and messages: %w", err)
	}
	return runs, nil
}

func (l *Ledger) pruneSome(ctx context.Context, before int64) (n int, err error) {
	err = l.write(ctx, func(tx session) error {
		old, err := rows(ctx, tx, scanRun, "SELECT "+runColumns+" FROM runs WHERE created < ? AND NOT ("+isActive+`)
			AND id NOT IN (SELECT retry_of FROM runs WHERE `+isActive+") ORDER BY created, id LIMIT ?", before, pruneAtOnce)
		if err != nil {
			return err
		}
		hours := map[hourOf]bool{}
		for _, r := range old {
			if r.Origin == Scheduled {
				to := r.Interval.To.UnixMicro()
				if _, err := tx.exec(ctx, "UPDATE jobs SET pruned_to = ? WHERE name = ? AND (pruned_to IS NULL OR pruned_to < ?)", to, r.Job, to); err != nil {
					return err
				}
			}
			if _, err := tx.exec(ctx, "DELETE FROM attempts WHERE run = ?", r.ID); err != nil {
				return err
			}
			if _, err := tx.exec(ctx, "DELETE FROM untold WHERE run = ?", r.ID); err != nil {
				return err
			}
			if _, err := tx.exec(ctx, "DELETE FROM runs WHERE id = ?", r.ID); err != nil {
				return err
			}
			if r.Committed {
				hours[hourOf{r.Job, hour(r.Interval.From)}] = true
			}
		}
		n = len(old)
		for at := range hours {
			if err := tally(ctx, tx, at); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}
