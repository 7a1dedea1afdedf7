package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// The server ends a session that holds the lock and says nothing for leaseTime; so
// whoever holds it asks every askEvery. It believes that it has the lock for trustTime
// after a question that was answered; and whoever gets the lock of one that has not
// given it up waits for as long, whatever became of the session.
const (
	leaseTime = 4 * time.Second
	trustTime = 2 * time.Second
	askEvery  = time.Second / 2
)

// lease is the right of one process to change a ledger in PostgreSQL. It is an
// advisory lock of the session by which all changes are made: who has lost the
// session has lost the lock, and can commit nothing. The row of the table lease
// tells, when the session is lost and there is a new one, whether another process
// had the lock meanwhile (its epoch), and whether the last change was committed (its
// turn).
type lease struct {
	writer *sql.DB               // of one connection, which has the lock
	pulse  atomic.Pointer[pulse] // of the connection
	epoch  int64                 // 0: none yet
	turn   int64                 // of the last change
	one    chan struct{}         // who changes something holds it
	failed atomic.Bool           // the last question of keep was not answered

	lost   chan struct{} // closed when another process has taken over
	why    error         // set before
	losing sync.Once
	stop   chan struct{}
	done   sync.WaitGroup
}

func newLease(config *pgx.ConnConfig) *lease {
	s := &lease{one: make(chan struct{}, 1), lost: make(chan struct{}), stop: make(chan struct{})}
	s.writer = stdlib.OpenDB(*config, stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		ctx, cancel := context.WithTimeout(ctx, connectTimeout)
		defer cancel()
		err := s.lock(ctx, conn)
		if err != nil {
			_ = conn.Close(ctx) // it is of no use without the lock
		}
		return err
	}))
	s.writer.SetMaxOpenConns(1)
	s.writer.SetMaxIdleConns(1)
	return s
}

// lock takes the lock for a new connection, or refuses it.
func (s *lease) lock(ctx context.Context, conn *pgx.Conn) error {
	key, err := prepare(ctx, conn)
	if err != nil {
		return err
	}
	var got bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", key).Scan(&got); err != nil {
		return err
	}
	epoch, holder, err := readLease(ctx, conn)
	switch {
	case err != nil:
		return err
	case s.epoch > 0 && epoch != s.epoch:
		return s.lose(holder)
	case !got: // perhaps by the session that we have lost, which the server does not know yet
		return &LockedError{holder.String(), "stop it, or give each its own database or schema"}
	}
	if _, err := conn.Exec(ctx, fmt.Sprintf(`SET idle_session_timeout = %[1]d; SET idle_in_transaction_session_timeout = %[1]d;
		SET tcp_keepalives_idle = %[2]d; SET tcp_keepalives_interval = %[3]d; SET tcp_keepalives_count = %[4]d; SET tcp_user_timeout = %[1]d;
		SELECT set_config('synchronous_commit', 'on', FALSE) WHERE current_setting('synchronous_commit') = 'off'`,
		leaseTime.Milliseconds(), int(probeAfter.Seconds()), int(probeEvery.Seconds()), probes)); err != nil {
		return err
	}
	s.pulse.Store(pulseOf(conn.PgConn().Conn()))
	return nil
}

// readLease reads who has the ledger, or had it last.
func readLease(ctx context.Context, conn *pgx.Conn) (epoch int64, h holder, err error) {
	var there bool
	if err = conn.QueryRow(ctx, "SELECT to_regclass('lease') IS NOT NULL").Scan(&there); err != nil || !there {
		return 0, h, err
	}
	var text string
	err = conn.QueryRow(ctx, "SELECT epoch, holder FROM lease").Scan(&epoch, &text)
	return epoch, parseHolder(text), err
}

// connect makes the connection, or says why there is none.
func (s *lease) connect(ctx context.Context) error { return s.writer.PingContext(ctx) }

// take begins an epoch, which ends that of any other process, and keeps the session.
func (s *lease) take(ctx context.Context) error {
	var before string
	if err := s.writer.QueryRowContext(ctx, "SELECT holder FROM lease").Scan(&before); err != nil {
		return err
	}
	if err := s.writer.QueryRowContext(ctx, "UPDATE lease SET epoch = epoch + 1, turn = 0, holder = $1 RETURNING epoch", self().text()).Scan(&s.epoch); err != nil {
		return err
	}
	s.done.Go(s.keep)
	if before == "" {
		return nil
	}
	select {
	case <-time.After(trustTime):
		return s.check()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// keep has the session say something now and then, and be made anew when it is lost.
func (s *lease) keep() {
	for wait := askEvery; ; {
		select {
		case <-time.After(wait):
		case <-s.stop:
			return
		case <-s.lost:
			return
		}
		if wait = askEvery; s.age() < askEvery {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
		failed := s.writer.PingContext(ctx) != nil // check says how it stands
		if s.failed.Store(failed); failed {
			wait = askEvery / 10
		}
		cancel()
	}
}

// age is how long ago the server was asked last what it has answered.
func (s *lease) age() time.Duration {
	if p := s.pulse.Load(); p != nil {
		if at := p.answered.Load(); at != nil {
			return time.Since(*at)
		}
	}
	return time.Hour
}

// check tells when the ledger may be another's.
func (s *lease) check() error {
	select {
	case <-s.lost:
		return s.why
	default:
	}
	if s.age() > trustTime {
		return fmt.Errorf("%w: nothing is decided until it does", ErrAway)
	}
	return nil
}

// lose notes that another process has the ledger.
func (s *lease) lose(to holder) error {
	s.losing.Do(func() {
		s.why = fmt.Errorf("%w to %s", ErrLost, to)
		close(s.lost)
	})
	return s.why
}

// Release gives the lock up, after the change that is under way: the server would see
// a moment later that the session has ended.
func (s *lease) Release() error {
	close(s.stop)
	s.done.Wait()
	s.one <- struct{}{} // for good
	if s.age() < trustTime {
		ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
		defer cancel()
		if _, err := s.writer.ExecContext(ctx, "UPDATE lease SET holder = '' WHERE epoch = $1", s.epoch); err == nil {
			_, _ = s.writer.ExecContext(ctx, "SELECT pg_advisory_unlock_all()") // or the session's end does it
		}
	}
	return s.writer.Close()
}

// write does all that do does, or nothing, and not twice: if it is not known whether
// it was committed, the next session tells.
func (s *lease) write(ctx context.Context, d dialect, do func(session) error) error {
	select {
	case s.one <- struct{}{}:
		defer func() { <-s.one }()
	case <-s.stop:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	s.turn++
	return s.patiently(ctx, func() error { return s.once(ctx, d, do) })
}

var errClosed = errors.New("the ledger is closed")

var errDone = errors.New("it was committed by the try before")

func (s *lease) once(ctx context.Context, d dialect, do func(session) error) error {
	// To be interrupted in a query would cost the session, and the lock with it.
	steady := context.WithoutCancel(ctx)
	if err := ctx.Err(); err != nil {
		return err
	}
	tx, err := s.writer.BeginTx(steady, nil)
	if err != nil {
		return err
	}
	if err = s.begin(steady, tx); err == nil {
		err = do(session{dialect: d, sql: tx, steady: true})
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		// An error here is of a connection that is lost, and so is the transaction.
		_ = tx.Rollback()
		if err == errDone {
			return nil
		}
		return err
	}
	return tx.Commit()
}

// begin proves that the ledger is ours, and the change not made yet.
func (s *lease) begin(ctx context.Context, tx *sql.Tx) error {
	result, err := tx.ExecContext(ctx, "UPDATE lease SET turn = $1 WHERE epoch = $2 AND turn < $1", s.turn, s.epoch)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	var epoch int64
	var text string
	if err := tx.QueryRowContext(ctx, "SELECT epoch, holder FROM lease").Scan(&epoch, &text); err != nil {
		return err
	}
	if epoch != s.epoch {
		return s.lose(parseHolder(text))
	}
	return errDone
}
