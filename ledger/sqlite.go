package ledger

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

// applicationID marks a file as a ledger: "FLSC". The program file shows it.
const applicationID = 0x464c5343

//go:embed migrations/sqlite/*.sql
var sqliteMigrations embed.FS

// sqliteDialect is a ledger in a file.
type sqliteDialect struct{ path string }

func (sqliteDialect) bind(query string) string { return query }

func (sqliteDialect) args(all []any) []any { return all }

func (sqliteDialect) migrations() (goose.Dialect, fs.FS, error) {
	steps, err := fs.Sub(sqliteMigrations, "migrations/sqlite")
	return goose.DialectSQLite3, steps, err
}

func (d sqliteDialect) explain(err error) error {
	var problem *sqlite.Error
	if !errors.As(err, &problem) {
		return err
	}
	switch problem.Code() & 0xff { // the rest are details
	case sqlitelib.SQLITE_CORRUPT, sqlitelib.SQLITE_NOTADB:
		return fmt.Errorf("%w: %w; stop fleetscore, keep a copy of %s, and save what can be saved with "+
			"`sqlite3 %[3]s .recover`, put back a backup, or move it away to begin with a new one: predictions and commits are in the store, not here",
			ErrDamaged, err, d.path)
	case sqlitelib.SQLITE_FULL:
		return fmt.Errorf("writing %s, which nothing was changed in: %w; make room on its disk", d.path, err)
	case sqlitelib.SQLITE_READONLY, sqlitelib.SQLITE_CANTOPEN, sqlitelib.SQLITE_PERM:
		return fmt.Errorf("%w; %s and its folder must be writable for this user", err, d.path)
	}
	return err
}

func openSQLite(ctx context.Context, path string) (_ *Ledger, err error) {
	path, err = resolve(path)
	if err != nil {
		return nil, err
	}
	lock, err := acquire(path + ".lock")
	if err != nil {
		return nil, err
	}
	l := &Ledger{dialect: sqliteDialect{path}, lock: lock}
	defer func() {
		if err != nil {
			err = errors.Join(l.explain(err), l.Close())
		}
	}()
	if err := checkSQLite(ctx, path); err != nil {
		return nil, err
	}
	if l.writer, err = connect(path, url.Values{"_txlock": {"immediate"}, "_pragma": append(always(),
		"journal_mode(WAL)", "synchronous(FULL)", "journal_size_limit(67108864)", fmt.Sprintf("application_id(%d)", applicationID))}); err != nil {
		return nil, err
	}
	l.writer.SetMaxOpenConns(1)
	if err := migrate(ctx, l.writer, l.dialect); err != nil {
		return nil, err
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return nil, err
	}
	if l.reader, err = connect(path, url.Values{"_pragma": append(always(), "query_only(1)")}); err != nil {
		return nil, err
	}
	opened, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	l.there = func() error {
		if now, err := os.Stat(path); err != nil || !os.SameFile(opened, now) {
			return fmt.Errorf("%s was deleted or replaced while it was open; bring it back, or restart fleetscore to begin with a new one", path)
		}
		return nil
	}
	readers := max(2, min(runtime.GOMAXPROCS(0), 4))
	l.reader.SetMaxOpenConns(readers)
	l.reader.SetMaxIdleConns(readers)
	return l, nil
}

// always is what every connection is told.
func always() []string { return []string{"busy_timeout(10000)", "trusted_schema(0)"} }

func connect(path string, options url.Values) (*sql.DB, error) {
	options.Set("_dqs", "0")
	address := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: options.Encode()}
	return sql.Open("sqlite", address.String())
}

// resolve is the one path of a file, whatever links lead to it, so that its lock
// is one too. It makes the folder.
func resolve(path string) (string, error) {
	if path == "" || strings.ContainsRune(path, 0) {
		return "", errors.New("it needs the path of a file")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	target, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return target, err
	}
	if _, err := os.Lstat(path); err == nil {
		return "", errors.New("it is a link that leads nowhere")
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	return filepath.Join(folder, filepath.Base(path)), err
}

// checkSQLite refuses a file that is no ledger, before anything is changed in it.
func checkSQLite(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode().IsRegular() && info.Size() == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("it is not a file")
	}
	db, err := connect(path, url.Values{"mode": {"ro"}, "_pragma": always()})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	var id, tables int
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	if id != applicationID && (id != 0 || tables > 0) {
		return fmt.Errorf("%w but of another program; give another path, or move that file away", ErrForeign)
	}
	return nil
}

// syncFolder makes it durable that a folder has the files that it has.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
