package ledger

import (
	"io/fs"

	"github.com/pressly/goose/v3"
)

// dialect is what differs between the databases that a ledger may be in, besides
// how one is opened. Whoever opens one must see to it that no other process has
// it. All other SQL of this package is what SQLite and PostgreSQL have in common:
// parameters are question marks, truths are TRUE and FALSE, text is compared byte
// by byte (in PostgreSQL by COLLATE "C"), and rows change in transactions that
// run one at a time.
type dialect interface {
	// bind rewrites the parameters of a query as the database wants them.
	bind(query string) string
	// args makes arguments ones that the database can take, in place: no row may be
	// found by those that it cannot.
	args(all []any) []any
	// migrations are the steps that make the tables.
	migrations() (goose.Dialect, fs.FS, error)
	// explain adds to an error of the database what it means and what to do.
	explain(err error) error
}
