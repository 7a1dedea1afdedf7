package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Server is what Examine has found of a ledger's database.
type Server struct {
	Copy            // what the ledger holds
	Postgres string // the server's version
	Schema   string // that the ledger is in, or will be
	Unproven bool   // it is on another machine, and does not prove who it is

	Knows   int64    // the newest version of tables that this program knows; Version is what there is, 0: none
	Holder  string   // the process that has the ledger; "": none has
	Last    string   // the one that had it before, and has not given it up in order
	MayMake bool     // the user may make tables
	Lacks   []string // tables that the user may not read and change
	Owns    bool     // all tables, as it must to bring them up to date

	Ahead time.Duration // by how much the server's clock is
	Free  int           // how many more connections the user may make
}

// Examine looks at the database of a URL over one connection. It takes no lock, which
// would be in the way of who does, and changes nothing. Its errors are those of Open;
// what was found before is in s.
func Examine(ctx context.Context, place string) (s Server, err error) {
	config, err := parsePostgres(place)
	if err != nil {
		return s, err
	}
	dialect := postgresDialect{Shown(place)}
	config.RuntimeParams["default_transaction_read_only"] = "on"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return s, dialect.explain(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // nothing was changed
	proven := config.TLSConfig != nil && (!config.TLSConfig.InsecureSkipVerify || config.TLSConfig.VerifyPeerCertificate != nil)
	tcp, distant := conn.PgConn().Conn().RemoteAddr().(*net.TCPAddr)
	s.Unproven = !proven && distant && !tcp.IP.IsLoopback()
	if err := s.examine(ctx, conn, dialect); err != nil {
		return s, dialect.explain(err)
	}
	return s, nil
}

func (s *Server) examine(ctx context.Context, conn *pgx.Conn, d dialect) error {
	s.Postgres = conn.PgConn().ParameterStatus("server_version")
	key, err := prepare(ctx, conn)
	if err != nil {
		return err
	}
	if err := s.lookAround(ctx, conn); err != nil {
		return err
	}
	if err := s.lookAtTables(ctx, conn, d); err != nil {
		return err
	}
	if s.Version == 0 || len(s.Lacks) > 0 {
		return nil
	}
	if s.Version > s.Knows {
		return newer(s.Version, s.Knows)
	}
	if err := s.lookForHolder(ctx, conn, key); err != nil {
		return err
	}
	return s.count(ctx, conn)
}

// lookAround is for what is not the ledger's own.
func (s *Server) lookAround(ctx context.Context, conn *pgx.Conn) error {
	asked := time.Now()
	var clock time.Time
	if err := conn.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&clock); err != nil {
		return err
	}
	s.Ahead = clock.Sub(asked.Add(time.Since(asked) / 2))
	// Who may not see what others do sees that they are there. -1 is no limit.
	return conn.QueryRow(ctx, `SELECT current_schema(), has_schema_privilege(current_schema(), 'CREATE'), LEAST(
			current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
				- COALESCE(current_setting('reserved_connections', TRUE)::int, 0) - (SELECT SUM(numbackends) FROM pg_stat_database),
			(SELECT rolconnlimit - (SELECT COUNT(*) FROM pg_stat_activity WHERE usename = rolname) FROM pg_roles WHERE rolname = current_user AND rolconnlimit >= 0),
			(SELECT datconnlimit - numbackends FROM pg_database JOIN pg_stat_database ON datid = oid WHERE oid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND datconnlimit >= 0)
		)::int`).Scan(&s.Schema, &s.MayMake, &s.Free)
}

// lookAtTables tells whether there are tables, and whether they are ours.
func (s *Server) lookAtTables(ctx context.Context, conn *pgx.Conn, d dialect) error {
	names, err := tableNames(d)
	if err != nil {
		return err
	}
	if s.Knows, err = newestVersion(d); err != nil {
		return err
	}
	there, err := conn.Query(ctx, `SELECT relname, pg_has_role(relowner, 'USAGE'),
			has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE')
		FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = current_schema() AND relname = ANY($1) ORDER BY relname`, append(names, versions))
	if err != nil {
		return err
	}
	defer there.Close()
	s.Owns = true
	var found []string
	marked := false
	for there.Next() {
		var name string
		var owns, may bool
		if err := there.Scan(&name, &owns, &may); err != nil {
			return err
		}
		s.Owns = s.Owns && owns
		marked = marked || name == versions
		found = append(found, name)
		if !may {
			s.Lacks = append(s.Lacks, name)
		}
	}
	switch {
	case there.Err() != nil:
		return there.Err()
	case !marked && len(found) > 0:
		return fmt.Errorf("%w: the schema %s has %s, which no ledger made; %s", ErrForeign, s.Schema, strings.Join(found, ", "), ownSchema)
	case !marked || len(s.Lacks) > 0:
		return nil
	}
	return conn.QueryRow(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM "+versions+" WHERE is_applied").Scan(&s.Version)
}

// lookForHolder tells who has the lock.
func (s *Server) lookForHolder(ctx context.Context, conn *pgx.Conn, key int64) error {
	_, h, err := readLease(ctx, conn)
	if err != nil {
		return err
	}
	var held bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database WHERE locktype = 'advisory' AND granted
		AND datname = current_database() AND classid::bigint = $1 AND objid::bigint = $2 AND objsubid = 1)`, key>>32&0xffffffff, key&0xffffffff).Scan(&held)
	switch {
	case err != nil:
		return err
	case held:
		s.Holder = h.String()
	case h.pid != 0:
		s.Last = h.String()
	}
	return nil
}

func (s *Server) count(ctx context.Context, conn *pgx.Conn) error {
	err := errors.Join(
		conn.QueryRow(ctx, "SELECT COUNT(*) FROM jobs WHERE NOT removed").Scan(&s.Jobs),
		conn.QueryRow(ctx, "SELECT COUNT(*), COALESCE(MAX(id), '') FROM runs").Scan(&s.Runs, &s.Newest))
	if err != nil {
		return err
	}
	s.Settings = map[string]string{}
	all, err := conn.Query(ctx, "SELECT name, value FROM settings")
	if err != nil {
		return err
	}
	var name, value string
	_, err = pgx.ForEachRow(all, []any{&name, &value}, func() error { s.Settings[name] = value; return nil })
	return err
}

// tableNames are those that the steps make.
func tableNames(d dialect) (names []string, err error) {
	_, steps, err := d.migrations()
	if err != nil {
		return nil, err
	}
	files, err := fs.Glob(steps, "*.sql")
	made := regexp.MustCompile(`(?m)^CREATE TABLE (\w+)`)
	for _, file := range files {
		text, readErr := fs.ReadFile(steps, file)
		if err == nil {
			err = readErr
		}
		for _, match := range made.FindAllSubmatch(text, -1) {
			names = append(names, string(match[1]))
		}
	}
	return names, err
}
