package web

import (
	"crypto/rand"
	"encoding/json"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// Bounds of a Hub.
const (
	keepEvents   = 1024                   // for readers that come back
	maxReaders   = 256                    // at once
	readerBuffer = 256                    // events that wait for a reader
	progressPace = 500 * time.Millisecond // between two progress events of a run
)

// Hub passes on what changes to whoever listens. Publishing never waits for a
// reader. It may be used by many goroutines at once.
type Hub struct {
	epoch string // tells the IDs of this hub from those of an earlier process

	mu       sync.Mutex
	last     uint64    // the last event's number
	kept     []message // the last events, in order
	readers  map[*reader]struct{}
	tallies  *tallies
	watchers []func(Event)
	dropped  int64 // readers
	closed   bool
}

// reader is one who listens.
type reader struct {
	ch     chan message // closed when there will be no more
	run    string       // "": all
	behind bool         // it was closed for being too slow
}

// NewHub returns a Hub.
func NewHub() *Hub {
	h := &Hub{epoch: rand.Text()[:8], readers: map[*reader]struct{}{}}
	h.tallies = newTallies(h.sendProgress)
	return h
}

// Publish tells all readers. What it is given must not be changed any more.
func (h *Hub) Publish(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	for _, watch := range h.watchers {
		watch(e)
	}
	switch {
	case e.Run != nil:
		h.send(KindRun, e.Run.ID, viewRun(*e.Run))
		if e.Run.State.Final() {
			h.tallies.end(e.Run.ID)
		}
	case e.Task != nil:
		h.tallies.add(*e.Task)
	case e.Node != nil:
		h.send(KindNode, "", *e.Node)
	case e.Job != nil:
		h.send(KindJob, "", viewJobState(*e.Job))
	case e.Decision != nil:
		h.send(KindPool, "", *e.Decision)
	case e.Pulse != nil && len(h.readers) > 0:
		if data, err := json.Marshal(e.Pulse); err == nil {
			h.pass(message{kind: KindPulse, data: data})
		}
	}
}

// sendProgress is called by a timer.
func (h *Hub) sendProgress(run string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if p, ok := h.tallies.progress(run); ok && !h.closed {
		h.send(KindProgress, run, p)
	}
}

// send gives an event to those whom it concerns. h.mu is held.
func (h *Hub) send(kind, run string, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		return // a number that is none, in a progress that nobody will miss
	}
	h.last++
	m := message{id: h.last, kind: kind, run: run, data: data}
	if len(h.kept) == keepEvents {
		h.kept = append(h.kept[:0], h.kept[keepEvents/4:]...)
	}
	h.kept = append(h.kept, m)
	h.pass(m)
}

// pass gives a message to those whom it concerns. h.mu is held.
func (h *Hub) pass(m message) {
	for r := range h.readers {
		if !r.wants(m) {
			continue
		}
		select {
		case r.ch <- m:
		default:
			r.behind = true
			h.dropped++
			h.remove(r)
		}
	}
}

// wants reports whether an event is for a reader: those that ask for a run hear
// of that run only.
func (r *reader) wants(m message) bool { return r.run == "" || r.run == m.run }

// subscribe makes a reader. It gets what happened after event (epoch, since) if
// that is still known, and then resumed is true. from is the event after which it
// reads. It is nil if there are too many readers, or the hub is closed.
func (h *Hub) subscribe(run, epoch string, since uint64) (r *reader, from uint64, resumed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || len(h.readers) >= maxReaders {
		return nil, 0, false
	}
	var missed []message
	oldest := h.last + 1
	if len(h.kept) > 0 {
		oldest = h.kept[0].id
	}
	r = &reader{run: run}
	if epoch == h.epoch && since <= h.last && since+1 >= oldest {
		resumed = true
		for _, m := range h.kept[since+1-oldest:] {
			if r.wants(m) {
				missed = append(missed, m)
			}
		}
	}
	r.ch = make(chan message, readerBuffer+len(missed))
	for _, m := range missed {
		r.ch <- m
	}
	h.readers[r] = struct{}{}
	return r, h.last, resumed
}

// unsubscribe ends a reader.
func (h *Hub) unsubscribe(r *reader) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(r)
}

func (h *Hub) remove(r *reader) {
	if _, ok := h.readers[r]; ok {
		delete(h.readers, r)
		close(r.ch)
	}
}

// lost reports whether a reader, whose channel is closed, was too slow.
func (h *Hub) lost(r *reader) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return r.behind
}

// watch has f called with every event, while the hub is locked.
func (h *Hub) watch(f func(Event)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.watchers = append(h.watchers, f)
}

// stats are the readers there are, those that were dropped, and the running
// attempts.
func (h *Hub) stats() (readers int, dropped int64, running int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.readers), h.dropped, h.tallies.count(fleet.TaskRunning)
}

// Close ends all readers. What is published after it is lost.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	h.tallies.stop()
	for r := range h.readers {
		h.remove(r)
	}
}
