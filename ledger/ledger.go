package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// Ledger is an open ledger. Its methods may be called at the same time.
type Ledger struct {
	dialect
	writer *sql.DB // one connection: changes are made one at a time
	reader *sql.DB
	// lock is held for as long as the ledger is open.
	lock interface{ Release() error }
	// there tells when it is not where it was any more.
	there func() error

	close sync.Once
	err   error // of close
}

// Open opens the ledger in the SQLite file at path, which it makes if there is
// none, and brings its tables up to date. No other process can open it until
// Close, or until this one has ended in whatever way.
func Open(ctx context.Context, path string) (*Ledger, error) {
	l, err := openSQLite(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("opening the ledger %s: %w", path, err)
	}
	return l, nil
}

// Close closes the ledger, after the calls that are under way.
func (l *Ledger) Close() error {
	l.close.Do(func() {
		var errs []error
		for _, db := range []*sql.DB{l.reader, l.writer} {
			if db != nil {
				errs = append(errs, db.Close())
			}
		}
		errs = append(errs, l.lock.Release())
		if err := errors.Join(errs...); err != nil {
			l.err = fmt.Errorf("closing the ledger: %w", err)
		}
	})
	return l.err
}

// Check tells whether the ledger answers, and is still what was opened.
func (l *Ledger) Check(ctx context.Context) error {
	if err := l.there(); err != nil {
		return fmt.Errorf("the ledger: %w", err)
	}
	_, err := l.read().has(ctx, "SELECT 1 FROM jobs LIMIT 1")
	return l.explain(err)
}

// read is a session that sees all that was written before.
func (l *Ledger) read() session { return session{l.dialect, l.reader} }

// write does all that do does, or nothing. It is durable when write returns nil.
func (l *Ledger) write(ctx context.Context, do func(session) error) error {
	tx, err := l.writer.BeginTx(ctx, nil)
	if err != nil {
		return l.explain(err)
	}
	if err := do(session{l.dialect, tx}); err != nil {
		// An error here is of a connection that is lost, and so is the transaction.
		_ = tx.Rollback()
		return l.explain(err)
	}
	return l.explain(tx.Commit())
}
