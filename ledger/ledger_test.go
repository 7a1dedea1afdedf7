package ledger_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/ledger/ledgertest"
)

func TestLedger(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) ledgertest.Database {
		path := filepath.Join(t.TempDir(), "ledger.db")
		return func(ctx context.Context) (*ledger.Ledger, error) { return ledger.Open(ctx, path) }
	})
}
