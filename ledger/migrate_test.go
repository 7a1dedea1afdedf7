package ledger

import (
	"io/fs"
	"slices"
	"testing"
)

// TestSameSteps checks that all databases are made by steps of the same numbers and
// names.
func TestSameSteps(t *testing.T) {
	var lists [][]string
	for _, d := range []dialect{sqliteDialect{}, postgresDialect{}} {
		_, steps, err := d.migrations()
		if err != nil {
			t.Fatal(err)
		}
		names, err := fs.Glob(steps, "*.sql")
		if err != nil || len(names) == 0 {
			t.Fatal(names, err)
		}
		lists = append(lists, names)
	}
	if !slices.Equal(lists[0], lists[1]) {
		t.Errorf("SQLite has %v, PostgreSQL %v", lists[0], lists[1])
	}
}
