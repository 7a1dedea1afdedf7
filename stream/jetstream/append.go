package jetstream

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/fleetscore/fleetscore/stream"
)

// groupSize is how many bytes a group has before the next begins. A call's messages
// are never spread over two.
const groupSize = 1 << 20

// request is a call of Append.
type request struct {
	messages []stream.Message
	size     int64
	built    chan struct{} // closed when messages are no longer needed
	done     chan error
}

// Append implements stream.Log.
func (l *Log) Append(ctx context.Context, messages []stream.Message) error {
	r := &request{messages: messages, built: make(chan struct{}), done: make(chan error, 1)}
	for i, m := range messages {
		if m.Partition < 0 || m.Partition >= l.cfg.Partitions {
			return fmt.Errorf("message %d is of partition %d: %w", i, m.Partition, stream.ErrPartition)
		}
		if len(m.Body) > stream.MaxBody {
			return fmt.Errorf("message %d has %d bytes: %w", i, len(m.Body), stream.ErrTooLarge)
		}
		r.size += int64(len(m.Body)) + stream.MessageSize
	}
	if r.size > stream.MaxAppend {
		return fmt.Errorf("the messages have %d bytes: %w", r.size, stream.ErrTooLarge)
	}
	if r.size == 0 {
		return ctx.Err()
	}
	if err := l.room.Acquire(ctx, r.size); err != nil {
		return err
	}
	defer l.room.Release(r.size)
	if err := l.queue(r); err != nil {
		return err
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		if !l.unqueue(r) {
			<-r.built
		}
		return ctx.Err()
	}
}

func (l *Log) queue(r *request) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return l.err
	}
	l.pending = append(l.pending, r)
	select {
	case l.kick <- struct{}{}:
	default:
	}
	return nil
}

// unqueue reports whether a request was still waiting, and no longer is.
func (l *Log) unqueue(r *request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.pending)
	l.pending = slices.DeleteFunc(l.pending, func(p *request) bool { return p == r })
	return len(l.pending) < n
}

// write stores what is appended, one group after the other, until the log ends.
func (l *Log) write() {
	defer l.wg.Done()
	for {
		select {
		case <-l.kick:
		case <-l.ended:
		}
		for requests := l.take(); len(requests) > 0; requests = l.take() {
			err := l.store(requests)
			for _, r := range requests {
				r.done <- err
			}
		}
		select {
		case <-l.ended:
			return
		default:
		}
	}
}

// take takes from what waits as much as makes a group. When the log has ended,
// what waits is told so.
func (l *Log) take() []*request {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		for _, r := range l.pending {
			close(r.built)
			r.done <- l.err
		}
		l.pending = nil
		return nil
	}
	n, size := 0, int64(0)
	for n < len(l.pending) && (n == 0 || size+l.pending[n].size <= groupSize) {
		size += l.pending[n].size
		n++
	}
	requests := slices.Clone(l.pending[:n])
	l.pending = slices.Delete(l.pending, 0, n)
	return requests
}

// store makes requests a group, durable and seen by readers.
func (l *Log) store(requests []*request) error {
	g := l.build(requests)
	free, err := l.files.free()
	if err != nil {
		return err
	}
	if free < l.cfg.MinFree+int64(len(g.raw)) {
		return fmt.Errorf("%w: its disk has %d MiB left, and %d are for others", stream.ErrFull, free>>20, l.cfg.MinFree>>20)
	}
	ctx := context.Background() // the server answers, or put gives it up
	switch err := l.server.put(ctx, g); {
	case isFull(err):
		return fmt.Errorf("%w: it holds the %d MiB that it may", stream.ErrFull, l.cfg.MaxBytes>>20)
	case err != nil:
		l.cfg.Logger.Error("The stream's server failed and is started again", "err", err)
		return errors.Join(err, l.restart(ctx, g))
	}
	if err := l.files.sync(); err != nil {
		l.end(err)
		return err
	}
	l.publish(g)
	return nil
}

func (l *Log) build(requests []*request) *group {
	l.mu.Lock()
	before := make([]last, len(l.parts))
	for i, p := range l.parts {
		before[i] = p.last
	}
	seq, time := l.next, max(l.time, l.cfg.Now().UnixNano())
	l.mu.Unlock()
	g := newGroup(seq, time, before, requests)
	for _, r := range requests {
		close(r.built)
	}
	return g
}

// publish shows a group to readers.
func (l *Log) publish(g *group) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last, l.next, l.time = g.seq, g.seq+1, g.time
	l.cache.add(g)
	for i, it := range g.items {
		p := &l.parts[it.partition]
		p.last = last{position(g.seq, i), g.time}
		for _, r := range p.waiting {
			r.seq, r.index = g.seq, i
			r.wake <- struct{}{}
		}
		p.waiting = p.waiting[:0]
	}
}

// restart starts the server again after a failure, which may have left a group
// stored. Then readers will see it, and whoever appended it may do so again: it may
// not have been synced when its server said no.
func (l *Log) restart(ctx context.Context, g *group) error {
	l.use.Lock()
	defer l.use.Unlock()
	seq := l.last // only the writer changes it
	l.server.stop()
	err := l.start(ctx)
	switch {
	case err != nil:
	case l.last == seq:
		return nil
	case l.last == g.seq:
		var stored *group
		if stored, err = l.server.get(ctx, g.seq); err == nil && bytes.Equal(stored.raw, g.raw) {
			if err = l.files.syncAll(); err == nil {
				l.publish(g)
				return nil
			}
		}
	}
	err = fmt.Errorf("starting the stream again, whose last group was %d and is %d: %w", seq, l.last, cmp.Or(err, errForeign))
	l.end(err)
	return err
}

var errForeign = errors.New("something else wrote to it")
