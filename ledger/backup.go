package ledger

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
)

// ErrNoBackup is a ledger in a database, which backs itself up by its own means; the text
// has the command.
var ErrNoBackup = errors.New("the ledger is in PostgreSQL, which is backed up by its own means, with the password in PGPASSWORD or ~/.pgpass")

// copier is a dialect whose database can be copied while it is in use.
type copier interface {
	copyTo(ctx context.Context, path string) error
}

// Backup writes a copy of the ledger, as it is at one instant, to a file that is not
// there yet or is empty. Changes go on meanwhile. The copy is durable and a database
// of its own, which Restore puts in a ledger's place.
func (l *Ledger) Backup(ctx context.Context, path string) error {
	c, ok := l.dialect.(copier)
	if !ok {
		return NoBackup(l.place)
	}
	if err := c.copyTo(ctx, path); err != nil {
		return fmt.Errorf("backing up the ledger: %w", l.explain(err))
	}
	return nil
}

func (d sqliteDialect) copyTo(ctx context.Context, path string) error {
	db, err := connect(d.path, url.Values{"mode": {"ro"}, "_pragma": always()})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(seal(file), file.Sync(), file.Close())
}

// Copy is what a copy of a ledger holds.
type Copy struct {
	Version  int64 // of its tables
	Jobs     int
	Runs     int
	Newest   string // the ID of the newest run; "": there is none
	Settings map[string]string
	SHA256   string // that it ends with, and is as it says; "": it has none
}

// Inspect reads a copy of a ledger in a file, or a ledger that no process has open, all
// of it, and changes nothing.
// ErrForeign, ErrDamaged or ErrNewer if it cannot be put in a ledger's place.
func Inspect(ctx context.Context, path string) (Copy, error) {
	c, err := inspect(ctx, path)
	if err != nil {
		return c, fmt.Errorf("looking through %s: %w", path, err)
	}
	return c, nil
}

func inspect(ctx context.Context, path string) (c Copy, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return c, err
	}
	if info.Mode().IsRegular() && info.Size() == 0 {
		return c, fmt.Errorf("%w: it is empty", ErrForeign)
	}
	damaged := func(err error) error {
		if err == nil {
			return nil
		}
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	options := url.Values{"mode": {"ro"}, "_pragma": always()}
	if _, err := os.Stat(path + "-wal"); err != nil { // it is no ledger whose process was killed
		options.Set("immutable", "1") // so that nothing is made beside it
		if c.SHA256, err = checkSeal(path); err != nil {
			return c, err
		}
	}
	if err := checkSQLite(ctx, path); err != nil {
		if errors.Is(err, ErrForeign) {
			return c, err
		}
		return c, damaged(err)
	}
	db, err := connect(path, options)
	if err != nil {
		return c, err
	}
	defer func() { _ = db.Close() }()
	s := session{dialect: sqliteDialect{path}, sql: db}
	var sound string
	if err := s.row(ctx, []any{&sound}, "PRAGMA integrity_check(1)"); err != nil || sound != "ok" {
		return c, damaged(errors.Join(err, errorIf(err == nil, sound)))
	}
	if err := s.row(ctx, []any{&c.Version}, "SELECT COALESCE(MAX(version_id), 0) FROM ledger_version"); err != nil {
		return c, damaged(err)
	}
	if knows, err := newestVersion(s.dialect); err != nil || c.Version > knows {
		return c, errors.Join(err, fmt.Errorf("%w: its tables are of version %d, and this program knows those up to %d; use the newer program", ErrNewer, c.Version, knows))
	}
	err = errors.Join(
		s.row(ctx, []any{&c.Jobs}, "SELECT COUNT(*) FROM jobs WHERE NOT removed"),
		s.row(ctx, []any{&c.Runs, &c.Newest}, "SELECT COUNT(*), COALESCE(MAX(id), '') FROM runs"))
	if err != nil {
		return c, damaged(err)
	}
	all, err := rows(ctx, s, func(pair *[2]string) []any { return []any{&pair[0], &pair[1]} }, "SELECT name, value FROM settings")
	c.Settings = map[string]string{}
	for _, pair := range all {
		c.Settings[pair[0]] = pair[1]
	}
	return c, damaged(err)
}
