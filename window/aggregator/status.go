package aggregator

import (
	"time"

	"github.com/fleetscore/fleetscore/stream"
	"github.com/fleetscore/fleetscore/window"
)

// Status is how a partition of a window stands.
type Status struct {
	Window    string
	Partition int
	Read      stream.Position // so far
	Stored    stream.Position // what was read up to here is in the store
	Time      time.Time       // the stream's, of what was read last; zero: nothing was
	// Checkpoint is the number of the last checkpoint, and Written when it was made;
	// 0: there is none, or it is not known yet.
	Checkpoint uint64
	Written    time.Time
	Held       int // bytes of windows that are not stored yet, about
	Late       int // late readings that are not stored yet
	Open       int // windows in memory that are to come out
	Counts     window.Counts
	Done       window.Counts // of Counts, what was done since this process began; it never falls
	Trouble    string        // what it waits for
	Failed     string        // why it has given up
}

// Status tells how all partitions of all windows stand.
func (s *Service) Status() []Status {
	var all []Status
	for _, name := range s.Names() {
		for _, w := range s.workers[name] {
			w.mu.Lock()
			all = append(all, w.seen)
			w.mu.Unlock()
		}
	}
	return all
}

// show makes known how far the worker is.
func (w *worker) show() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen.Checkpoint, w.seen.Written = w.last.Number, w.last.Written
	w.seen.Read, w.seen.Stored, w.seen.Held, w.seen.Counts = w.position, w.last.Position, w.held, w.engine.Counts()
	w.seen.Open, w.seen.Late = w.engine.Panes(), len(w.late)
	if !w.began {
		w.began, w.before = true, w.seen.Counts
	}
	w.seen.Done.Raise(w.seen.Counts.Less(&w.before))
	if w.now != 0 {
		w.seen.Time = time.Unix(0, w.now).UTC()
	}
}

func (w *worker) trouble(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.seen.Trouble = ""; err != nil {
		w.seen.Trouble = err.Error()
	}
}

func (w *worker) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen.Failed, w.gaveUp = err.Error(), err
}

func (w *worker) failed() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.gaveUp
}
