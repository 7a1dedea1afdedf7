// Package ledgertest is the suite that a ledger passes in every database.
//
//	func TestLedger(t *testing.T) {
//		ledgertest.Run(t, func(t *testing.T) ledgertest.Database {
//			path := filepath.Join(t.TempDir(), "ledger.db")
//			return func(ctx context.Context) (*ledger.Ledger, error) { return ledger.Open(ctx, path) }
//		})
//	}
//
// What only one kind of database has, such as files that are damaged, its own
// tests look at.
package ledgertest
