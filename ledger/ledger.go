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
	place  string  // as Shown
	writer *sql.DB // one connection: changes are made one at a time; nil: the lease has it
	reader *sql.DB
	// lock is held for as long as the ledger is open.
	lock interface{ Release() error }
	// there tells when it is not where it was any more, or not ours.
	there func() error
	lease *lease // of a ledger in PostgreSQL

	close sync.Once
	err   error // of close
}

// Open opens the ledger in the SQLite file at a path, which it makes if there is
// none, or in the PostgreSQL database of a URL (postgres://…), and brings its tables
// up to date. No other process can open it until Close, or until this one has ended
// in whatever way; of PostgreSQL, see Lost.
func Open(ctx context.Context, place string) (*Ledger, error) {
	open := openSQLite
	if IsURL(place) {
		open = openPostgres
	}
	l, err := open(ctx, place)
	if err != nil {
		return nil, fmt.Errorf("opening the ledger %s: %w", Shown(place), err)
	}
	if err := l.tallyAll(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the ledger %s: %w", Shown(place), err), l.Close())
	}
	return l, nil
}

// Lost is closed when another process has taken the ledger over, because the
// database did not hear of this one for a while; Held then says which. Of a file it
// is nil: that cannot be.
func (l *Ledger) Lost() <-chan struct{} {
	if l.lease == nil {
		return nil
	}
	return l.lease.lost
}

// Held tells when it is not sure that the ledger is still ours: ErrAway, or ErrLost.
// Until it does, no other process has begun.
func (l *Ledger) Held() error {
	if l.lease == nil {
		return nil
	}
	return l.lease.check()
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
func (l *Ledger) read() session {
	s := session{dialect: l.dialect, sql: l.reader}
	if l.lease != nil {
		s.again = l.lease.patiently
	}
	return s
}

// write does all that do does, or nothing. It is durable when write returns nil. What
// do does it may be told to do again.
func (l *Ledger) write(ctx context.Context, do func(session) error) error {
	if l.lease != nil {
		return l.explain(l.lease.write(ctx, l.dialect, do))
	}
	tx, err := l.writer.BeginTx(ctx, nil)
	if err != nil {
		return l.explain(err)
	}
	if err := do(session{dialect: l.dialect, sql: tx}); err != nil {
		// An error here is of a connection that is lost, and so is the transaction.
		_ = tx.Rollback()
		return l.explain(err)
	}
	return l.explain(tx.Commit())
}
