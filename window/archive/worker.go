package archive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/stream"
)

// worker archives one partition. All of it is its goroutine's, but for what mu guards.
type worker struct {
	*Service
	partition int
	log       *slog.Logger

	most int // bytes that it holds

	last    claim           // the newest; Number 0: there is none
	pending bool            // its file is not there, and what is held is for it
	stored  stream.Position // in files
	held    held            // what is not
	behind  int64           // entries that were appended by then are left out
	now     int64           // when the newest entry was appended that is in a file or held
	flushAt time.Time       // when what was read must be stored; zero: nothing was
	told    bool            // the stream knows what is stored

	mu   sync.Mutex
	seen Status
}

func newWorker(s *Service, partition int) *worker {
	w := &worker{Service: s, partition: partition, log: s.cfg.Logger.With("partition", partition)}
	// Partitions are alike, and are not to make their files all at one time.
	w.most = s.cfg.FlushBytes/2 + s.cfg.FlushBytes/2*(partition+1)/s.cfg.Partitions
	w.seen.Partition = partition
	return w
}

// run works until nothing more is to be read, or for ever fails.
func (w *worker) run() {
	var err error
	for w.reading.Err() == nil && !isFinal(err) {
		if err = w.retry(w.reading, "reading the last claim", w.restore); err == nil {
			err = w.loop()
		}
		if w.reading.Err() == nil && !isFinal(err) {
			w.log.Warn("going back to what is archived", "error", err)
			w.trouble(err)
			pause(w.reading, time.Second)
		}
	}
	if isFinal(err) && w.reading.Err() == nil {
		w.log.Error("the partition is not archived any more", "error", err)
		w.fail(err)
		return
	}
	if err := w.flush(); err != nil && w.working.Err() == nil {
		w.log.Error("what is not archived yet is read again after the next start", "error", err)
	}
}

// isFinal reports whether an error will not go away.
func isFinal(err error) bool { return errors.Is(err, errLost) || errors.Is(err, stream.ErrClosed) }

// restore goes on from the last claim.
func (w *worker) restore(ctx context.Context) error {
	c, err := lastClaim(ctx, w.cfg.Store, w.cfg.Stream, w.partition)
	if err != nil {
		return err
	}
	pending := false
	if keep := w.cfg.Retention(); c.Key != "" && (keep == 0 || hourOf(c.Last).Add(time.Hour+keep).After(w.cfg.Now())) {
		_, err := w.cfg.Store.Stat(ctx, c.Key)
		if pending = errors.Is(err, store.ErrNotFound); err != nil && !pending {
			return fmt.Errorf("looking for the last file of the archive: %w", err)
		}
	}
	w.last, w.pending, w.behind, w.now = c, pending, c.Behind, c.Last
	w.stored, w.flushAt, w.told = c.Through, time.Time{}, false
	if pending {
		w.stored = c.After
	}
	w.held.reset(w.stored)
	w.show()
	return nil
}

func (w *worker) loop() error {
	reader := w.cfg.Log.Read(w.partition, w.stored)
	defer func() { _ = reader.Close() }() // it holds nothing that could be lost
	for {
		if w.isDue() {
			if err := w.flush(); err != nil {
				return err
			}
		}
		entry, err := w.next(reader)
		switch {
		case w.reading.Err() != nil:
			return w.reading.Err()
		case errors.Is(err, context.DeadlineExceeded):
			if w.told {
				w.abandon() // there is no more of it
			}
			w.tell() // the position is one of the stream
			continue
		case w.held.through > 0 && (errors.Is(err, stream.ErrPosition) || errors.Is(err, stream.ErrTrimmed)):
			w.rewind(err)
			_ = reader.Close()
			reader = w.cfg.Log.Read(w.partition, 0)
			continue
		case err != nil:
			return fmt.Errorf("reading the stream after position %d: %w", w.held.through, err)
		}
		w.tell()
		if err := w.take(&entry); err != nil {
			return err
		}
	}
}

// rewind goes on from the first entry that there is, where the stream does not go on
// from what was read: it was deleted, say, or brought back from a copy, or trimmed
// while nothing was archived. What is archived is not archived again.
func (w *worker) rewind(err error) {
	w.log.Error("the stream does not go on from what is archived: readings in between may be missing in the archive; "+
		"going on from the first that is there", "claim", w.last.Number, "error", err)
	w.abandon()
	if w.held.readable() {
		w.now = w.held.first - 1 // it is read again if it is there
	}
	w.behind, w.stored = max(w.behind, w.now), 0
	w.held.reset(0)
	w.told = true
	_ = w.cfg.Log.Trim(w.working, w.partition, 0) // which keeps everything, and cannot fail
	w.show()
}

// abandon gives the last claim's file up: the stream does not have its readings any more.
func (w *worker) abandon() {
	if !w.pending {
		return
	}
	w.log.Error("a file of the archive is missing, and the stream does not have all of its readings any more; it was deleted, or never stored", "key", w.last.Key)
	w.pending, w.now = false, w.last.First-1
	if w.held.readable() {
		w.now, w.flushAt = w.held.last, w.cfg.Now()
	}
}

// settling is how long a reader waits until it is clear that its position is right.
const settling = 100 * time.Millisecond

// next waits for an entry until something else is due.
func (w *worker) next(reader stream.Reader) (stream.Entry, error) {
	wait := time.Hour
	if !w.flushAt.IsZero() {
		wait = max(w.flushAt.Sub(w.cfg.Now()), 0)
	}
	if !w.told {
		wait = min(wait, settling)
	}
	ctx, stop := context.WithTimeout(w.reading, wait)
	defer stop()
	return reader.Next(ctx)
}

// take holds an entry.
func (w *worker) take(e *stream.Entry) error {
	if w.pending && (e.Position > w.last.Through || e.Time > w.last.Last) {
		w.abandon() // what is held goes into the next
	}
	if !w.pending && w.held.readable() && hourOf(e.Time) != hourOf(w.held.last) {
		if err := w.flush(); err != nil {
			return err
		}
	}
	if len(e.Body) == 0 || w.behind != 0 && e.Time <= w.behind {
		w.held.pass(e)
	} else {
		w.held.add(e)
	}
	w.now = max(w.now, e.Time)
	if w.flushAt.IsZero() && !w.pending {
		w.flushAt = w.cfg.Now().Add(w.cfg.Every)
	}
	w.show()
	if w.pending && e.Position == w.last.Through {
		return w.flush()
	}
	return nil
}

// isDue reports whether what is held must be stored.
func (w *worker) isDue() bool {
	return !w.pending && (!w.flushAt.IsZero() && !w.cfg.Now().Before(w.flushAt) || w.held.size >= w.most)
}
