package jetstream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/fleetscore/fleetscore/stream"
)

// reader is a stream.Reader. Its partition may have entries for it from seq on.
type reader struct {
	log       *Log
	partition int
	pos       stream.Position // of the last entry it gave
	seq       uint64          // the group to look at; 0: not found out yet
	index     int             // there, the item to look at
	group     *group          // with that seq, or nil

	wake   chan struct{} // an entry came, where seq and index now are
	closed chan struct{}
	once   sync.Once
}

// Read implements stream.Log.
func (l *Log) Read(partition int, after stream.Position) stream.Reader {
	return &reader{log: l, partition: partition, pos: after, wake: make(chan struct{}, 1), closed: make(chan struct{})}
}

// Next implements stream.Reader.
func (r *reader) Next(ctx context.Context) (stream.Entry, error) {
	if r.partition < 0 || r.partition >= r.log.cfg.Partitions {
		return stream.Entry{}, fmt.Errorf("reading partition %d: %w", r.partition, stream.ErrPartition)
	}
	for {
		if err := ctx.Err(); err != nil {
			return stream.Entry{}, err
		}
		if err := r.seek(ctx); err != nil {
			return stream.Entry{}, err
		}
		if r.group == nil {
			g, err := r.log.group(r.seq) //nolint:contextcheck // it is loaded for all readers, not for this one
			switch {
			case errors.Is(err, jetstream.ErrMsgNotFound) && r.log.follows(r.seq):
				r.seq, r.index = r.seq+1, 0 // scan will know if something was in it
				continue
			case err != nil:
				return stream.Entry{}, err
			}
			r.group = g
		}
		if entry, ok, err := r.scan(); ok || err != nil {
			return entry, err
		}
		r.seq, r.index, r.group = r.seq+1, 0, nil
	}
}

// seek finds out which group to look at next, and waits if there is none.
func (r *reader) seek(ctx context.Context) error {
	l := r.log
	l.mu.Lock()
	select {
	case <-r.closed:
		l.mu.Unlock()
		return stream.ErrClosed
	default:
	}
	if l.err != nil {
		defer l.mu.Unlock()
		return l.err
	}
	p := &l.parts[r.partition]
	if r.pos > p.position {
		defer l.mu.Unlock()
		return fmt.Errorf("reading partition %d after %d, its last is %d: %w", r.partition, r.pos, p.position, stream.ErrPosition)
	}
	if r.pos < p.position {
		if r.seq == 0 {
			if r.seq, r.index = split(r.pos); r.pos > 0 {
				r.index++
			}
		}
		if r.seq < l.first {
			r.seq, r.index, r.group = l.first, 0, nil
		}
		if r.seq <= l.last {
			l.mu.Unlock()
			return nil
		}
		// All groups were looked at: what the partition had is gone.
		if r.pos > 0 {
			defer l.mu.Unlock()
			return fmt.Errorf("reading partition %d after %d: %w", r.partition, r.pos, stream.ErrTrimmed)
		}
		r.pos = p.position
	}
	r.group = nil
	p.waiting = append(p.waiting, r)
	l.mu.Unlock()
	select {
	case <-r.wake:
		return nil
	case <-ctx.Done():
		r.leave()
		return ctx.Err()
	case <-r.closed:
		r.leave()
		return stream.ErrClosed
	case <-l.ended:
		return l.err // which does not change again
	}
}

// leave waits no longer.
func (r *reader) leave() {
	l := r.log
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &l.parts[r.partition]
	p.waiting = slices.DeleteFunc(p.waiting, func(w *reader) bool { return w == r })
	select {
	case <-r.wake:
	default:
	}
}

// scan looks for the next entry in the group.
func (r *reader) scan() (stream.Entry, bool, error) {
	g := r.group
	for ; r.index < len(g.items); r.index++ {
		it := g.items[r.index]
		if int(it.partition) != r.partition {
			continue
		}
		if seq, _ := split(r.pos); seq != g.seq && r.pos > 0 && g.before[r.partition].position != r.pos {
			return stream.Entry{}, false, fmt.Errorf("reading partition %d after %d: %w", r.partition, r.pos, stream.ErrTrimmed)
		}
		r.pos = position(g.seq, r.index)
		r.index++
		return stream.Entry{Position: r.pos, Time: g.time, Body: g.raw[it.start:it.end:it.end]}, true, nil
	}
	return stream.Entry{}, false, nil
}

// Close implements stream.Reader.
func (r *reader) Close() error {
	r.once.Do(func() { close(r.closed) })
	return nil
}

// group returns a group from the cache or the server.
func (l *Log) group(seq uint64) (*group, error) {
	l.mu.Lock()
	g, load := l.cache.get(seq)
	l.mu.Unlock()
	if g != nil {
		return g, nil
	}
	load.once.Do(func() {
		load.group, load.err = l.fetch(seq)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.cache.loaded(seq, load)
	})
	return load.group, load.err
}

func (l *Log) fetch(seq uint64) (*group, error) {
	l.use.RLock()
	defer l.use.RUnlock()
	if l.server == nil {
		return nil, stream.ErrClosed
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return l.server.get(ctx, seq)
}

// follows reports whether there is a group after seq.
func (l *Log) follows(seq uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return seq < l.last
}
