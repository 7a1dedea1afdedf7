package ledger

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/postgres/*.sql
var postgresMigrations embed.FS

// postgresDialect is a ledger in a schema of a PostgreSQL database.
type postgresDialect struct{ shown string }

// bind numbers the parameters. No query of this package has a question mark that
// is none.
func (postgresDialect) bind(query string) string {
	var b strings.Builder
	for n := 1; ; n++ {
		before, after, found := strings.Cut(query, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString("$" + strconv.Itoa(n))
		query = after
	}
}

// args puts what no row can have in the place of text that PostgreSQL cannot take.
// What is stored has been checked or clipped before, so this is of what is compared.
func (postgresDialect) args(all []any) []any {
	for i, arg := range all {
		if text, ok := arg.(string); ok && (!utf8.ValidString(text) || strings.ContainsRune(text, 0)) {
			all[i] = strings.Repeat("\uFFFD", maxText) // longer than any name and any text
		}
	}
	return all
}

func (postgresDialect) migrations() (goose.Dialect, fs.FS, error) {
	steps, err := fs.Sub(postgresMigrations, "migrations/postgres")
	return goose.DialectPostgres, steps, err
}

func (d postgresDialect) explain(err error) error {
	if isAway(err) && !errors.Is(err, ErrLocked) && !errors.Is(err, ErrAway) {
		return fmt.Errorf("%w: %s: %w", ErrAway, d.shown, err)
	}
	var problem *pgconn.PgError
	if !errors.As(err, &problem) {
		return err
	}
	switch problem.Code {
	case "28000", "28P01":
		return fmt.Errorf("%w; the user is in the URL, and the password in PGPASSWORD, ~/.pgpass (PGPASSFILE) or FLEETSCORE_DATABASE", err)
	case "3D000":
		return fmt.Errorf("%w; make it with `createdb`", err)
	case "42P07":
		return fmt.Errorf("%w: %w; %s", ErrForeign, err, ownSchema)
	case "42501":
		return fmt.Errorf("%w; its user must own the schema, or have USAGE and CREATE on it", err)
	case "53100":
		return fmt.Errorf("writing %s, which nothing was changed in: %w; make room on the server's disk", d.shown, err)
	}
	return err
}

// ownSchema is what to do where others have tables of our names.
const ownSchema = "give it a schema of its own: CREATE SCHEMA fleetscore, and ?search_path=fleetscore in the URL"

// readers is how many connections read.
const readers = 4

func openPostgres(ctx context.Context, url string) (_ *Ledger, err error) {
	config, err := parsePostgres(url)
	if err != nil {
		return nil, err
	}
	l := &Ledger{dialect: postgresDialect{Shown(url)}, place: Shown(url)}
	l.lease = newLease(config.Copy())
	l.lock, l.there = l.lease, l.lease.check
	defer func() {
		if err != nil {
			err = errors.Join(l.explain(err), l.Close())
		}
	}()
	if err := l.lease.connect(ctx); err != nil {
		return nil, err
	}
	if err := l.lease.migrate(ctx, l.dialect); err != nil {
		return nil, err
	}
	if err := l.lease.take(ctx); err != nil {
		return nil, err
	}
	config.RuntimeParams["default_transaction_read_only"] = "on"
	l.reader = l.lease.openReader(config)
	l.reader.SetMaxOpenConns(readers)
	l.reader.SetMaxIdleConns(readers)
	return l, nil
}

// migrate brings the tables up to date, which may take long.
func (s *lease) migrate(ctx context.Context, d dialect) error {
	if p := s.pulse.Load(); p != nil {
		p.migrating.Store(true)
		defer p.migrating.Store(false)
	}
	return migrate(ctx, s.writer, d)
}

// openReader is for the connections that read. None waits for a server that is known
// to be gone: neither a new one nor one that has been idle.
func (s *lease) openReader(config *pgx.ConnConfig) *sql.DB {
	return stdlib.OpenDB(*config,
		stdlib.OptionBeforeConnect(func(context.Context, *pgx.ConnConfig) error { return s.gone() }),
		stdlib.OptionShouldPing(func(_ context.Context, p stdlib.ShouldPingParams) bool {
			return p.IdleDuration > time.Second && s.gone() == nil
		}),
		stdlib.OptionResetSession(func(context.Context, *pgx.Conn) error {
			if s.gone() != nil {
				return driver.ErrBadConn
			}
			return nil
		}))
}

// prepare looks at a new connection, and returns the lock's key, which is of the
// schema: so several ledgers can be in one database.
func prepare(ctx context.Context, conn *pgx.Conn) (key int64, err error) {
	var schema *string
	var encoding, version string
	var copying bool
	err = conn.QueryRow(ctx, "SELECT current_schema(), current_setting('server_encoding'), current_setting('server_version_num'), pg_is_in_recovery()").
		Scan(&schema, &encoding, &version, &copying)
	if err != nil {
		return 0, err
	}
	number, err := strconv.Atoi(version)
	switch {
	case err != nil:
		return 0, fmt.Errorf("the server's version is %.20q: %w", version, err)
	case number < 140000:
		return 0, fmt.Errorf("the server is PostgreSQL %d, and must be 14 or later", number/10000)
	case encoding != "UTF8":
		return 0, fmt.Errorf("the database is encoded in %.40s, and must be in UTF8", encoding)
	case schema == nil:
		return 0, errors.New("there is no schema that search_path names; make it with CREATE SCHEMA")
	case copying: // until it has been promoted
		return 0, fmt.Errorf("%w: the server is a replica, which cannot be written", ErrAway)
	}
	return lockKey(*schema), nil
}
