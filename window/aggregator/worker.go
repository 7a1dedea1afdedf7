package aggregator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/stream"
	"github.com/fleetscore/fleetscore/window"
)

// worker aggregates one partition over one window. All of it is its goroutine's, but
// for what calls and status are for.
type worker struct {
	*Service
	name      string
	partition int
	format    *format
	log       *slog.Logger
	consumer  *stream.Consumer // of all workers of the window

	engine   *window.Engine
	last     Checkpoint // the newest; Number 0: there is none
	position stream.Position
	now      int64 // the stream's time
	decoder  stream.Decoder
	readings []fleet.Reading

	rows    map[id]Row // that came out and are not stored
	held    int        // bytes of them, about
	late    []LateReading
	flushAt time.Time // when they must be stored; zero: there is nothing to store
	taken   bool      // something was read since the last checkpoint
	swept   bool      // what a crash has left of late readings is gone
	doubt   error     // whether a checkpoint was stored is not known
	heard   time.Time // when an entry was read last
	merges  []merge   // that are to be done, the next first
	hours   *hours

	calls  chan func(context.Context) // to be done between two entries
	mu     sync.Mutex
	wake   context.CancelFunc // ends the wait for the next entry
	seen   Status
	began  bool          // the first checkpoint was read
	before window.Counts // as it had them
	gaveUp error
}

func newWorker(s *Service, name string, partition int, consumer *stream.Consumer) *worker {
	w := &worker{
		Service: s, name: name, partition: partition, consumer: consumer, format: newFormat(s.cfg.Windows[name].Percentiles),
		log: s.cfg.Logger.With("window", name, "partition", partition), rows: map[id]Row{}, calls: make(chan func(context.Context), 64),
	}
	w.hours = newHours(w)
	w.seen = Status{Window: name, Partition: partition}
	return w
}

// run works until ctx ends, or for ever fails.
func (w *worker) run(ctx context.Context) {
	var err error
	for ctx.Err() == nil && !w.isFinal(err) {
		if err = w.retry(ctx, "reading the last checkpoint", w.restore); err == nil {
			err = w.loop(ctx)
		}
		if ctx.Err() == nil && !w.isFinal(err) {
			// The store did not give what a late reading needs, say: what came since the
			// last checkpoint is read again.
			w.log.Warn("going back to the last checkpoint", "error", err)
			w.trouble(err)
			pause(ctx, time.Second)
		}
	}
	if ctx.Err() == nil {
		w.log.Error("the partition is not aggregated any more", "error", err)
		w.fail(err)
	}
	for { // whoever waits is told
		select {
		case call := <-w.calls:
			call(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// isFinal reports whether an error will not go away by going back to the last
// checkpoint. Who alone may aggregate has lost to who did before, and has not heard
// that it may not any more: that was once.
func (w *worker) isFinal(err error) bool {
	return errors.Is(err, errLost) && !w.cfg.Alone || errors.Is(err, errSettings) || errors.Is(err, stream.ErrClosed)
}

// isNoUse reports whether it is no use to try the same again.
func isNoUse(err error) bool {
	return errors.Is(err, errLost) || errors.Is(err, errSettings) || errors.Is(err, stream.ErrClosed)
}

// restore goes on from the last checkpoint.
func (w *worker) restore(ctx context.Context) error {
	clear(w.rows)
	w.held, w.late, w.flushAt, w.position, w.now, w.taken, w.swept, w.doubt = 0, nil, time.Time{}, 0, 0, false, false, nil
	w.merges = nil
	w.hours.forget()
	c, err := lastCheckpoint(ctx, w.cfg.Store, w.name, w.partition)
	if err != nil {
		return err
	}
	if c == nil {
		w.last = w.none()
		if w.engine, err = window.New(w.cfg.Windows[w.name], w.hours); err == nil {
			w.show()
		}
		return err
	}
	if err := c.fits(w.none()); err != nil {
		return err
	}
	c.turn(w.cfg.Stream)
	state, err := get(ctx, w.cfg.Store, c.State)
	if err != nil {
		return fmt.Errorf("reading the state of checkpoint %d: %w", c.Number, err)
	}
	if w.engine, err = window.Restore(w.cfg.Windows[w.name], w.hours, state); err != nil {
		return fmt.Errorf("%s: %w", c.State.Key, err)
	}
	w.last, w.position, w.now = *c, c.Position, c.Time
	w.merges = w.planMerges()
	w.show()
	w.trim(ctx) // the stream has forgotten what it was told
	return nil
}

func (w *worker) loop(ctx context.Context) error {
	reader := w.cfg.Log.Read(w.partition, w.position)
	defer func() { _ = reader.Close() }() // it holds nothing that could be lost
	for {
		if err := w.due(ctx); err != nil {
			return err
		}
		entry, err := w.next(ctx, reader)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
			continue // it is time for something else
		case w.position > 0 && (errors.Is(err, stream.ErrPosition) || errors.Is(err, stream.ErrTrimmed)):
			w.rewind(ctx, err)
			_ = reader.Close()
			reader = w.cfg.Log.Read(w.partition, 0)
			continue
		case err != nil:
			return fmt.Errorf("reading the stream after position %d: %w", w.position, err)
		}
		if err := w.take(&entry); err != nil {
			return err
		}
	}
}

// rewind goes on from the first entry that there is, where the stream does not go on
// from the last checkpoint: it was deleted, say, or brought back from a copy. What it
// had beyond the checkpoint is lost, and cannot be had by waiting. What the engine
// knows stays: readings that are in the stream again count once.
func (w *worker) rewind(ctx context.Context, err error) {
	w.log.Error("the stream does not go on from the last checkpoint: readings in between are lost; "+
		"going on from the first that is there", "checkpoint", w.last.Number, "error", err)
	w.position, w.taken = 0, true
	_ = w.consumer.Trim(ctx, w.partition, 0) // which keeps everything, and cannot fail
	w.mustFlush(w.cfg.Flush)
	w.show()
}

// next waits for an entry until something else is due.
func (w *worker) next(ctx context.Context, reader stream.Reader) (stream.Entry, error) {
	wait, stop := context.WithTimeout(ctx, w.patience())
	defer stop()
	w.mu.Lock()
	w.wake = stop
	w.mu.Unlock()
	if len(w.calls) > 0 { // it came before it could wake
		stop()
	}
	return reader.Next(wait)
}

// tickEvery bounds how often a partition gets ticks.
const tickEvery = 100 * time.Millisecond

// patience is for how long there is nothing to do unless an entry comes.
func (w *worker) patience() time.Duration {
	const long = time.Hour
	wait := long
	now := w.cfg.Now()
	if !w.flushAt.IsZero() {
		wait = w.flushAt.Sub(now)
	}
	if at, ok := w.mergeAt(); ok {
		wait = min(wait, at.Sub(now))
	}
	if at, ok := w.engine.Due(); ok {
		wait = min(wait, max(time.Unix(0, at).Sub(now), tickEvery))
	}
	return max(min(wait, long), 0)
}

// due does what is due, and what others ask for.
func (w *worker) due(ctx context.Context) error {
	for len(w.calls) > 0 {
		(<-w.calls)(ctx)
	}
	if w.doubt != nil {
		return w.doubt
	}
	now := w.cfg.Now()
	if !w.flushAt.IsZero() && !now.Before(w.flushAt) || w.held > w.cfg.FlushBytes || len(w.over()) > 0 {
		if err := w.flush(ctx); err != nil {
			return err
		}
	}
	if at, ok := w.engine.Due(); ok && now.UnixNano() >= at && w.now < at {
		return w.tick(ctx)
	}
	return nil
}

// tick appends the time to the partition, unless it does not stand still.
func (w *worker) tick(ctx context.Context) error {
	states, err := w.states(ctx)
	if err != nil {
		return w.patient(ctx, "asking the stream how far it is", err)
	}
	if last := states[w.partition]; last.Last > w.position {
		return nil // more is to be read, and has a time
	}
	err = w.cfg.Log.Append(ctx, []stream.Message{{Partition: w.partition}})
	if err != nil {
		if errors.Is(err, stream.ErrFull) && w.taken {
			w.mustFlush(0) // then it is trimmed
		}
		return w.patient(ctx, "writing a tick", err)
	}
	return nil
}

// take aggregates an entry.
func (w *worker) take(e *stream.Entry) error {
	at := max(e.Time, w.now)
	if len(e.Body) == 0 {
		if err := w.engine.Tick(at, w); err != nil {
			return err
		}
	} else {
		var err error
		w.readings, err = w.decoder.Decode(e.Body, w.readings[:0])
		if err != nil {
			// It was stored by us, and cannot be read: a clear loss is better than a halt.
			w.log.Error("an entry of the stream is damaged and left out", "position", e.Position, "error", err)
		} else if err := w.engine.Add(at, w.readings, w); err != nil {
			return err
		}
	}
	w.position, w.now, w.heard, w.taken = e.Position, at, w.cfg.Now(), true
	w.mustFlush(quietly * w.cfg.Flush)
	w.show()
	return nil
}

// Window implements window.Sink.
func (w *worker) Window(out *window.Window) {
	r := rowOf(out)
	if old, ok := w.rows[r.id()]; ok {
		w.held -= old.size()
	}
	w.rows[r.id()] = r
	w.held += r.size()
	w.mustFlush(w.cfg.Flush)
}

// Reading implements window.Sink.
func (w *worker) Reading(r *window.Reading, why window.Cause) {
	switch why {
	case window.Late, window.Early:
		l := newLateReading(r, why)
		w.late = append(w.late, l)
		w.held += l.size()
		w.mustFlush(w.cfg.Flush)
	default: // it is counted
	}
}

// quietly is how many times longer than windows what was read may go without a
// checkpoint: the stream must be trimmed though no window ends for hours, or it fills.
const quietly = 10

func (w *worker) mustFlush(within time.Duration) {
	if at := w.cfg.Now().Add(within); w.flushAt.IsZero() || at.Before(w.flushAt) {
		w.flushAt = at
	}
}
