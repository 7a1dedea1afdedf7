package ledger

import (
	"context"
	"fmt"
	"time"
)

// MessageFilter chooses messages. What is zero does not matter.
type MessageFilter struct {
	Receiver string
	State    MessageState
	ID       string
	After    int64 // only messages whose Seq is above
	Limit    int
}

// Messages lists messages that have not been delivered, the oldest first.
func (l *Ledger) Messages(ctx context.Context, f MessageFilter) ([]Message, error) {
	w := where{}
	w.and("seq > ?", f.After)
	if f.Receiver != "" {
		w.and("receiver = ?", f.Receiver)
	}
	if f.State != "" {
		w.and("state = ?", string(f.State))
	}
	if f.ID != "" {
		w.and("id = ?", f.ID)
	}
	all, err := rows(ctx, l.read(), scanMessage, "SELECT seq, "+messageColumns+" FROM messages"+w.text()+" ORDER BY seq"+w.limit(f.Limit), w.args...)
	if err != nil {
		return nil, fmt.Errorf("reading the outbox: %w", l.explain(err))
	}
	return all, nil
}

// Message reads one message, or returns ErrNotFound: it may have been delivered.
func (l *Ledger) Message(ctx context.Context, seq int64) (Message, error) {
	var m Message
	if err := l.read().row(ctx, scanMessage(&m), "SELECT seq, "+messageColumns+" FROM messages WHERE seq = ?", seq); err != nil {
		return m, fmt.Errorf("reading message %d: %w", seq, l.explain(err))
	}
	return m, nil
}

// Backlog is how many messages of a receiver are in a state, and when the oldest
// was made.
type Backlog struct {
	Receiver string
	State    MessageState
	Count    int
	Oldest   time.Time
}

// Backlogs lists what has not been delivered, by receiver and state.
func (l *Ledger) Backlogs(ctx context.Context) ([]Backlog, error) {
	all, err := rows(ctx, l.read(), func(b *Backlog) []any { return []any{&b.Receiver, &b.State, &b.Count, timeColumn{&b.Oldest}} },
		"SELECT receiver, state, COUNT(*), MIN(created) FROM messages GROUP BY receiver, state ORDER BY receiver, state")
	if err != nil {
		return nil, fmt.Errorf("reading the outbox: %w", l.explain(err))
	}
	return all, nil
}

// Revive has messages of a receiver tried again now, that were given up or wait for
// their next attempt: that of an ID, or all if it is empty. They are given up anew
// when expires comes. It returns how many there were.
func (l *Ledger) Revive(ctx context.Context, receiver, id string, now, expires time.Time) (n int, err error) {
	query, args := "UPDATE messages SET state = 'waiting', due = ?, expires = ?, attempts = 0 WHERE receiver = ? AND state IN ('dead', 'waiting')",
		[]any{now.UnixMicro(), expires.UnixMicro(), receiver}
	if id != "" {
		query, args = query+" AND id = ?", append(args, id)
	}
	err = l.write(ctx, func(tx session) error {
		n, err = tx.exec(ctx, query, args...)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("trying messages to %.80q again: %w", receiver, err)
	}
	return n, nil
}

// Orphan gives up what waits for receivers other than these, and returns how much
// that was.
func (l *Ledger) Orphan(ctx context.Context, known []string, why string) (n int, err error) {
	query, args := "UPDATE messages SET state = 'dead', error = ? WHERE state <> 'dead'", []any{clip(why)}
	for _, name := range known {
		query, args = query+" AND receiver <> ?", append(args, name)
	}
	err = l.write(ctx, func(tx session) error {
		n, err = tx.exec(ctx, query, args...)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("giving up messages: %w", err)
	}
	return n, nil
}
