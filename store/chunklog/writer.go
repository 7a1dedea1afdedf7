package chunklog

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/store"
)

// TimeFormat is how lines of logs begin, after "time=": as slog writes it.
const TimeFormat = "2006-01-02T15:04:05.000Z07:00"

// Config is what a Writer works with.
type Config struct {
	Store store.Writer
	Key   func(n int) string // of chunk n, from 0; keys sort by n
	// Every is how old the oldest line in memory gets; 0: five seconds. Bytes is when a
	// chunk is stored sooner; 0: one MiB. Most is how much waits in memory while the
	// store does not answer; 0: 16 MiB.
	Every       time.Duration
	Bytes, Most int
}

// Writer is an io.Writer for any number of goroutines. Write does not wait for
// the store.
type Writer struct {
	cfg  Config
	stop context.CancelFunc
	done chan struct{} // of the goroutine that stores; nil: it has not started
	full chan struct{} // a chunk is full

	mu      sync.Mutex
	pending []byte // not stored yet
	n       int    // of the next chunk
	dropped int64  // bytes
	closed  bool
}

// NewWriter returns a Writer. It costs nothing until something is written that is
// not fetched by Rest within Every.
func NewWriter(cfg Config) *Writer {
	if cfg.Every == 0 {
		cfg.Every = 5 * time.Second
	}
	if cfg.Bytes == 0 {
		cfg.Bytes = 1 << 20
	}
	if cfg.Most == 0 {
		cfg.Most = 16 << 20
	}
	return &Writer{cfg: cfg, full: make(chan struct{}, 1)}
}

// Write adds to the log.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return 0, fmt.Errorf("writing to a log: %w", context.Canceled)
	}
	w.pending = append(w.pending, p...)
	if over := len(w.pending) - w.cfg.Most; over > 0 {
		over = afterLine(w.pending, over)
		w.dropped += int64(over)
		// Not moved to the front: that would cost more with every line that is written
		// while the store is away.
		w.pending = w.pending[over:]
	}
	if w.done == nil {
		var ctx context.Context
		ctx, w.stop = context.WithCancel(context.Background())
		w.done = make(chan struct{})
		go w.run(ctx)
	}
	if len(w.pending) >= w.cfg.Bytes {
		select {
		case w.full <- struct{}{}:
		default:
		}
	}
	return len(p), nil
}

// afterLine is where the first line begins that is at or after at.
func afterLine(text []byte, at int) int {
	if end := bytes.IndexByte(text[at:], '\n'); end >= 0 {
		return at + end + 1
	}
	return len(text)
}

// mostWait is the longest that a store which does not answer is left alone.
const mostWait = 30 * time.Second

// run stores chunks until ctx ends.
func (w *Writer) run(ctx context.Context) {
	defer close(w.done)
	wait := w.cfg.Every
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-w.full:
			if wait > w.cfg.Every {
				continue // it does not answer: a full chunk is no reason to try sooner
			}
		}
		if err := w.flush(ctx, false); err != nil {
			wait = min(2*wait, mostWait)
		} else {
			wait = w.cfg.Every
		}
		timer.Reset(wait)
	}
}

// chunk is what is to be stored next: whole lines, unless all is wanted, or a
// line alone is more than a chunk. It stays pending. The chunk says how many bytes
// were dropped before it.
func (w *Writer) chunk(all bool) (body []byte, n int, dropped int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	body = w.pending[:min(len(w.pending), max(w.cfg.Bytes, 1))]
	if end := bytes.LastIndexByte(body, '\n'); end >= 0 {
		body = body[:end+1]
	} else if !all && len(body) < w.cfg.Bytes {
		return nil, w.n, 0
	}
	body = bytes.Clone(body)
	if w.dropped > 0 {
		body = append(fmt.Appendf(nil, "level=WARN msg=\"the store did not take the log in time\" bytes_lost=%d\n", w.dropped), body...)
	}
	return body, w.n, w.dropped
}

// flush stores what is pending.
func (w *Writer) flush(ctx context.Context, all bool) error {
	for {
		body, n, dropped := w.chunk(all)
		if len(body) == 0 {
			return nil
		}
		if err := w.cfg.Store.Put(ctx, w.cfg.Key(n), bytes.NewReader(body)); err != nil {
			return fmt.Errorf("storing a log: %w", err)
		}
		w.stored(body, dropped)
	}
}

// stored forgets a chunk that is stored. Meanwhile its start may have been
// dropped to make room.
func (w *Writer) stored(body []byte, dropped int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	size := int64(len(body))
	if dropped > 0 {
		size -= int64(bytes.IndexByte(body, '\n') + 1)
	}
	gone := w.dropped - dropped // of it, or of what follows
	w.dropped = max(gone-size, 0)
	w.pending = append(w.pending[:0], w.pending[min(max(size-gone, 0), int64(len(w.pending))):]...)
	w.n++
}

// Rest ends the log and returns what is not stored yet, for the caller to store
// with something else.
func (w *Writer) Rest() []store.Object {
	w.end()
	var objects []store.Object
	for {
		body, n, dropped := w.chunk(true)
		if len(body) == 0 {
			return objects
		}
		objects = append(objects, store.Object{Key: w.cfg.Key(n), Body: body})
		w.stored(body, dropped)
	}
}

// Close ends the log and stores what is not stored yet.
func (w *Writer) Close(ctx context.Context) error {
	w.end()
	return w.flush(ctx, true)
}

// end lets nothing more be written.
func (w *Writer) end() {
	w.mu.Lock()
	w.closed = true
	stop, done := w.stop, w.done
	w.mu.Unlock()
	if stop != nil {
		stop()
		<-done
	}
}
