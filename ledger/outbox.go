package ledger

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// MessageState is how a message stands that has not been delivered.
type MessageState string

// The states of a message. One that was delivered is not in the ledger any more.
const (
	MessageWaiting MessageState = "waiting"
	MessageHeld    MessageState = "held" // over the receiver's rate; a summary will stand for it
	MessageDead    MessageState = "dead" // given up, until somebody asks for it again
)

// Message is an event that one receiver is to be told.
type Message struct {
	Seq         int64 // rises; the ledger gives it
	Receiver    string
	ID          string // of the event: a receiver is told it once
	Type        string
	Subject     string
	OrderingKey string // those of a receiver that share it go one after the other
	Body        string // the event as JSON
	State       MessageState
	Created     time.Time
	Due         time.Time // the next attempt
	Expires     time.Time // when it is given up
	Attempts    int
	Error       string // of the last attempt
}

const messageColumns = "receiver, id, type, subject, ordering_key, body, state, created, due, expires, attempts, error"

func scanMessage(m *Message) []any {
	return []any{
		&m.Seq, &m.Receiver, &m.ID, &m.Type, &m.Subject, &m.OrderingKey, &m.Body, &m.State,
		timeColumn{&m.Created}, timeColumn{&m.Due}, timeColumn{&m.Expires}, &m.Attempts, &m.Error,
	}
}

// check refuses a message that cannot be stored as it is.
func (m *Message) check() error {
	if err := checkName("receiver", m.Receiver); err != nil {
		return err
	}
	if err := checkName("event", m.ID); err != nil {
		return err
	}
	if err := checkExact(m.OrderingKey, maxName); err != nil {
		return fmt.Errorf("its ordering key %w", err)
	}
	if err := checkExact(m.Body, maxValue); err != nil {
		return fmt.Errorf("its body %w", err)
	}
	return nil
}

// Enqueue puts messages into the outbox, and takes the runs that they tell of off
// the list of those that are untold, in one transaction. A message whose receiver
// has one of that ID waiting is left out.
func (l *Ledger) Enqueue(ctx context.Context, messages []Message, told ...string) error {
	err := l.write(ctx, func(tx session) error {
		for i := range messages {
			if err := enqueue(ctx, tx, &messages[i]); err != nil {
				return err
			}
		}
		for _, run := range told {
			if _, err := tx.exec(ctx, "DELETE FROM untold WHERE run = ?", run); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("writing the outbox: %w", err)
	}
	return nil
}

func enqueue(ctx context.Context, tx session, m *Message) error {
	if err := m.check(); err != nil {
		return fmt.Errorf("message %.80q: %w", m.ID, err)
	}
	_, err := tx.exec(ctx, "INSERT INTO messages ("+messageColumns+") VALUES (?"+strings.Repeat(", ?", 11)+") ON CONFLICT (receiver, id) DO NOTHING",
		m.Receiver, m.ID, clip(m.Type), clip(m.Subject), m.OrderingKey, m.Body, string(MessageWaiting),
		m.Created.UnixMicro(), m.Due.UnixMicro(), m.Expires.UnixMicro(), 0, "")
	return err
}

// Untold lists runs that are over and that nobody has been told of, those that
// ended first first.
func (l *Ledger) Untold(ctx context.Context, limit int) ([]Run, error) {
	runs, err := rows(ctx, l.read(), scanRun, "SELECT "+runColumns+" FROM untold JOIN runs ON runs.id = untold.run ORDER BY untold.seq LIMIT ?", limit)
	if err != nil {
		return nil, fmt.Errorf("reading runs that are untold: %w", l.explain(err))
	}
	return runs, nil
}

// Settled is what came of trying to deliver a message.
type Settled struct {
	Seq       int64
	Delivered bool // then the rest does not matter
	State     MessageState
	Due       time.Time
	Attempts  int
	Error     string
}

// Settle writes what came of messages, in one transaction. Those that are not there
// any more are passed over.
func (l *Ledger) Settle(ctx context.Context, all []Settled) error {
	err := l.write(ctx, func(tx session) error {
		for _, s := range all {
			var err error
			if s.Delivered {
				_, err = tx.exec(ctx, "DELETE FROM messages WHERE seq = ?", s.Seq)
			} else {
				_, err = tx.exec(ctx, "UPDATE messages SET state = ?, due = ?, attempts = ?, error = ? WHERE seq = ?",
					string(s.State), s.Due.UnixMicro(), s.Attempts, clip(s.Error), s.Seq)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("writing what was delivered: %w", err)
	}
	return nil
}

// Summarize puts one message in the place of those of its receiver that are held
// and whose Seq is at most upTo.
func (l *Ledger) Summarize(ctx context.Context, summary Message, upTo int64) error {
	err := l.write(ctx, func(tx session) error {
		if err := enqueue(ctx, tx, &summary); err != nil {
			return err
		}
		_, err := tx.exec(ctx, "DELETE FROM messages WHERE receiver = ? AND state = 'held' AND seq <= ?", summary.Receiver, upTo)
		return err
	})
	if err != nil {
		return fmt.Errorf("summing up what is held for %.80q: %w", summary.Receiver, err)
	}
	return nil
}
