package ledger

import (
	"context"
	"fmt"
	"time"
)

// Entry is who changed what.
type Entry struct {
	ID      int64 // rises; the ledger gives it
	Time    time.Time
	Who     string
	From    string // the address of who asked for it
	Action  string
	Subject string
	Detail  string
}

func scanEntry(e *Entry) []any {
	return []any{&e.ID, timeColumn{&e.Time}, &e.Who, &e.From, &e.Action, &e.Subject, &e.Detail}
}

// Note adds an entry to the audit trail.
func (l *Ledger) Note(ctx context.Context, e Entry) error {
	err := l.write(ctx, func(tx session) error {
		_, err := tx.exec(ctx, "INSERT INTO trail (at, who, origin, action, subject, detail) VALUES (?, ?, ?, ?, ?, ?)",
			stored(e.Time), clip(e.Who), clip(e.From), clip(e.Action), clip(e.Subject), clip(e.Detail))
		return err
	})
	if err != nil {
		return fmt.Errorf("noting %.80q in the audit trail: %w", e.Action, err)
	}
	return nil
}

// Trail lists the audit trail, the newest first: at most limit entries (0: all)
// whose ID is below before (0: the newest).
func (l *Ledger) Trail(ctx context.Context, before int64, limit int) ([]Entry, error) {
	var w where
	if before > 0 {
		w.and("id < ?", before)
	}
	entries, err := rows(ctx, l.read(), scanEntry, "SELECT id, at, who, origin, action, subject, detail FROM trail"+w.text()+" ORDER BY id DESC"+w.limit(limit), w.args...)
	if err != nil {
		return nil, fmt.Errorf("reading the audit trail: %w", l.explain(err))
	}
	return entries, nil
}
