// Package memlog has a log in memory, for tests whose time is a bubble's.
package memlog

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/stream"
)

// Log is a stream.Log in memory, which keeps what is trimmed, too.
type Log struct {
	mu      sync.Mutex
	parts   [][]stream.Entry
	trimmed []stream.Position
	next    stream.Position
	changed chan struct{} // closed when something was appended
	full    bool
}

var _ stream.Log = (*Log)(nil)

// New returns a log whose first entry has a position.
func New(partitions int, first stream.Position) *Log {
	return &Log{parts: make([][]stream.Entry, partitions), trimmed: make([]stream.Position, partitions), next: first, changed: make(chan struct{})}
}

// Append implements stream.Log.
func (l *Log) Append(_ context.Context, messages []stream.Message) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full {
		return stream.ErrFull
	}
	for _, m := range messages {
		l.parts[m.Partition] = append(l.parts[m.Partition], stream.Entry{Position: l.next, Time: time.Now().UnixNano(), Body: m.Body})
		l.next++
	}
	close(l.changed)
	l.changed = make(chan struct{})
	return nil
}

func (l *Log) last(partition int) stream.Position {
	if all := l.parts[partition]; len(all) > 0 {
		return all[len(all)-1].Position
	}
	return 0
}

// State implements stream.Log.
func (l *Log) State(context.Context) ([]stream.State, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	states := make([]stream.State, len(l.parts))
	for p := range l.parts {
		states[p] = stream.State{Trimmed: l.trimmed[p], Last: l.last(p)}
	}
	return states, nil
}

// Trim implements stream.Log.
func (l *Log) Trim(_ context.Context, partition int, through stream.Position) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if through > l.last(partition) {
		return stream.ErrPosition
	}
	l.trimmed[partition] = max(l.trimmed[partition], through)
	l.full = false
	return nil
}

// Fill makes it full until it is trimmed.
func (l *Log) Fill() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.full = true
}

// Trimmed is how far a partition was trimmed.
func (l *Log) Trimmed(partition int) stream.Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.trimmed[partition]
}

// Whole is a copy of the log as if nothing had been trimmed.
func (l *Log) Whole() *Log {
	all := New(len(l.parts), l.next)
	for p := range l.parts {
		all.parts[p] = slices.Clone(l.parts[p])
	}
	return all
}

// Read implements stream.Log.
func (l *Log) Read(partition int, after stream.Position) stream.Reader {
	return &reader{log: l, partition: partition, after: after, from: after}
}

type reader struct {
	log         *Log
	partition   int
	after, from stream.Position
}

// Next implements stream.Reader.
func (r *reader) Next(ctx context.Context) (stream.Entry, error) {
	for {
		if err := ctx.Err(); err != nil {
			return stream.Entry{}, err
		}
		e, wait, err := r.look()
		if wait == nil {
			return e, err
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return stream.Entry{}, ctx.Err()
		}
	}
}

func (r *reader) look() (e stream.Entry, wait chan struct{}, err error) {
	l := r.log
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.parts[r.partition]
	trimmed := l.trimmed[r.partition]
	switch at := slices.IndexFunc(all, func(e stream.Entry) bool { return e.Position == r.after }); {
	case r.after > l.last(r.partition):
		return e, nil, fmt.Errorf("after %d: %w", r.after, stream.ErrPosition)
	case r.from == 0 && r.after == 0:
		if i := slices.IndexFunc(all, func(e stream.Entry) bool { return e.Position > trimmed }); i >= 0 {
			r.after = all[i].Position
			return all[i], nil, nil
		}
	case at < 0 || r.after < trimmed:
		return e, nil, fmt.Errorf("after %d: %w", r.after, stream.ErrTrimmed)
	case at+1 < len(all):
		r.after = all[at+1].Position
		return all[at+1], nil, nil
	}
	return e, l.changed, nil
}

// Close implements stream.Reader.
func (r *reader) Close() error { return nil }
