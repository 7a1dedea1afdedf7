package aggregator_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/stream"
)

// memLog is a log in memory, whose time is the clock's of a bubble.
type memLog struct {
	mu      sync.Mutex
	parts   [][]stream.Entry
	trimmed []stream.Position
	next    stream.Position
	changed chan struct{} // closed when something was appended
	full    bool
}

func newMemLog(partitions int, first stream.Position) *memLog {
	return &memLog{parts: make([][]stream.Entry, partitions), trimmed: make([]stream.Position, partitions), next: first, changed: make(chan struct{})}
}

func (l *memLog) Append(_ context.Context, messages []stream.Message) error {
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

func (l *memLog) last(partition int) stream.Position {
	if all := l.parts[partition]; len(all) > 0 {
		return all[len(all)-1].Position
	}
	return 0
}

func (l *memLog) State(context.Context) ([]stream.State, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	states := make([]stream.State, len(l.parts))
	for p := range l.parts {
		states[p] = stream.State{Trimmed: l.trimmed[p], Last: l.last(p)}
	}
	return states, nil
}

func (l *memLog) Trim(_ context.Context, partition int, through stream.Position) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if through > l.last(partition) {
		return stream.ErrPosition
	}
	l.trimmed[partition] = max(l.trimmed[partition], through)
	l.full = false
	return nil
}

// whole is the log as if nothing had been trimmed.
func (l *memLog) whole() *memLog {
	all := newMemLog(len(l.parts), l.next)
	for p := range l.parts {
		all.parts[p] = slices.Clone(l.parts[p])
	}
	return all
}

func (l *memLog) Read(partition int, after stream.Position) stream.Reader {
	return &memReader{log: l, partition: partition, after: after, from: after}
}

type memReader struct {
	log         *memLog
	partition   int
	after, from stream.Position
}

func (r *memReader) Next(ctx context.Context) (stream.Entry, error) {
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

func (r *memReader) look() (e stream.Entry, wait chan struct{}, err error) {
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

func (r *memReader) Close() error { return nil }
