package ledger

import (
	"context"
	"fmt"
	"time"
)

// The first of each is found by an index.
const beginsQuery = "SELECT MIN(at) FROM decisions UNION ALL SELECT MIN(created) FROM runs"

// Begins is when the first decision or run was made that the ledger has; zero if it has none.
func (l *Ledger) Begins(ctx context.Context) (time.Time, error) {
	all, err := rows(ctx, l.read(), func(t *time.Time) []any { return []any{timeColumn{t}} }, beginsQuery)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading when the ledger begins: %w", l.explain(err))
	}
	var first time.Time
	for _, t := range all {
		if first.IsZero() || !t.IsZero() && t.Before(first) {
			first = t
		}
	}
	return first, nil
}
