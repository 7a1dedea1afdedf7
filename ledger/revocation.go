package ledger

import (
	"context"
	"fmt"
	"time"
)

// Revocation is of a signed token, which no row is kept of.
type Revocation struct {
	ID      string
	At      time.Time
	Expires time.Time // when the token has expired by itself, at the latest
}

func scanRevocation(r *Revocation) []any {
	return []any{&r.ID, timeColumn{&r.At}, timeColumn{&r.Expires}}
}

// Revoke adds a revocation. One that is there stays as it is.
func (l *Ledger) Revoke(ctx context.Context, r Revocation) error {
	err := checkName("ID of the token", r.ID)
	if err == nil {
		err = l.write(ctx, func(tx session) error {
			_, err := tx.exec(ctx, "INSERT INTO revocations (id, at, expires) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING", r.ID, r.At.UnixMicro(), r.Expires.UnixMicro())
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("revoking token %.80q: %w", r.ID, err)
	}
	return nil
}

// Revocations lists all revocations, by when they were made.
func (l *Ledger) Revocations(ctx context.Context) ([]Revocation, error) {
	all, err := rows(ctx, l.read(), scanRevocation, "SELECT id, at, expires FROM revocations ORDER BY at, id")
	if err != nil {
		return nil, fmt.Errorf("reading revocations: %w", l.explain(err))
	}
	return all, nil
}

// PruneRevocations removes the revocations of tokens that have expired before.
func (l *Ledger) PruneRevocations(ctx context.Context, before time.Time) error {
	err := l.write(ctx, func(tx session) error {
		_, err := tx.exec(ctx, "DELETE FROM revocations WHERE expires < ?", before.UnixMicro())
		return err
	})
	if err != nil {
		return fmt.Errorf("pruning revocations: %w", err)
	}
	return nil
}
