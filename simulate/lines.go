package simulate

import (
	"context"
	"fmt"
	"io"
	"time"
)

// Lines writes messages as lines of JSON: what a service would be sent.
type Lines struct {
	w      io.Writer
	tally  *Tally
	buffer []byte
}

// NewLines writes to w.
func NewLines(w io.Writer, tally *Tally) *Lines { return &Lines{w: w, tally: tally} }

// Send writes the messages. Those that are written are acknowledged.
func (l *Lines) Send(_ context.Context, messages []Message) error {
	l.tally.sending(len(messages), 1)
	l.buffer = l.buffer[:0]
	for i := range messages {
		l.buffer = appendLine(l.buffer, &messages[i].Reading)
	}
	if _, err := l.w.Write(l.buffer); err != nil {
		return fmt.Errorf("writing readings: %w", err)
	}
	now := time.Now()
	for i := range messages {
		l.tally.settle(&messages[i], Acknowledged, 1, now)
	}
	return nil
}

// Close has nothing to do.
func (l *Lines) Close(context.Context) error { return nil }
