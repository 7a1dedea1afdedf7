package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// versions is the table that tells which steps were made.
const versions = "ledger_version"

// newer is an ErrNewer.
func newer(has, knows int64) error {
	return fmt.Errorf("%w: its tables are of version %d, and this program knows those up to %d; "+
		"use the newer program, or put back a copy of the ledger from before", ErrNewer, has, knows)
}

// newestVersion is that of the tables after all steps.
func newestVersion(d dialect) (int64, error) {
	_, steps, err := d.migrations()
	if err != nil {
		return 0, err
	}
	names, err := fs.Glob(steps, "*.sql")
	newest := int64(0)
	for _, name := range names {
		version, parseErr := goose.NumericComponent(name)
		if newest = max(newest, version); err == nil {
			err = parseErr
		}
	}
	return newest, err
}

// migrate brings the tables up to date, each step in a transaction.
func migrate(ctx context.Context, db *sql.DB, d dialect) error {
	kind, steps, err := d.migrations()
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(kind, db, steps,
		goose.WithTableName(versions), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("reading the steps that make its tables: %w", err)
	}
	has, knows, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("reading the version of its tables: %w", err)
	}
	if has > knows {
		return newer(has, knows)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("bringing its tables from version %d to %d: %w", has, knows, err)
	}
	return nil
}
