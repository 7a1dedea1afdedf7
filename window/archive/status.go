package archive

import (
	"time"

	"github.com/fleetscore/fleetscore/stream"
)

// Status is how a partition stands.
type Status struct {
	Partition int
	Read      stream.Position // so far
	Stored    stream.Position // what was read up to here is in files
	Time      time.Time       // when the newest entry was appended that was read; zero: nothing was
	Oldest    time.Time       // when the oldest was appended that is not in a file; zero: there is none
	Held      int             // bytes of memory that readings take which are not in files yet
	// What was stored since this process began.
	Readings, Files, Bytes uint64
	Trouble                string // what it waits for
	Failed                 string // why it has given up
}

// Status tells how all partitions stand.
func (s *Service) Status() []Status {
	all := make([]Status, 0, len(s.workers))
	for _, w := range s.workers {
		w.mu.Lock()
		all = append(all, w.seen)
		w.mu.Unlock()
	}
	return all
}

// show makes known how far the worker is.
func (w *worker) show() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen.Read, w.seen.Stored, w.seen.Held, w.seen.Oldest = w.held.through, w.stored, w.held.size, time.Time{}
	if w.held.readable() {
		w.seen.Oldest = time.Unix(0, w.held.first).UTC()
	}
	if w.now != 0 {
		w.seen.Time = time.Unix(0, w.now).UTC()
	}
}

// count notes a file that was stored.
func (w *worker) count(readings, bytes int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen.Readings += uint64(readings)
	w.seen.Files++
	w.seen.Bytes += uint64(bytes)
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
	w.seen.Failed = err.Error()
}
