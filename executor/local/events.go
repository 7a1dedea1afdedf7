package local

import (
	"sync"

	"github.com/fleetscore/fleetscore/fleet"
)

// events gives events to the callbacks, in order, from one goroutine. Whoever adds
// one never waits for them.
type events struct {
	cfg  *Config
	done chan struct{} // closed when all are given and there will be no more

	mu     sync.Mutex
	change sync.Cond
	list   []any // fleet.TaskEvent, fleet.Node
	closed bool
}

func newEvents(cfg *Config) *events {
	e := &events{cfg: cfg, done: make(chan struct{})}
	e.change.L = &e.mu
	go e.deliver()
	return e
}

// add takes a fleet.TaskEvent or a fleet.Node.
func (e *events) add(event any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.list = append(e.list, event)
		e.change.Signal()
	}
}

// close returns when all events are given.
func (e *events) close() {
	e.mu.Lock()
	e.closed = true
	e.change.Signal()
	e.mu.Unlock()
	<-e.done
}

func (e *events) deliver() {
	defer close(e.done)
	for {
		list, more := e.take()
		for _, event := range list {
			switch event := event.(type) {
			case fleet.TaskEvent:
				e.cfg.TaskEvent(event)
			case fleet.Node:
				e.cfg.NodeEvent(event)
			}
		}
		if !more {
			return
		}
	}
}

func (e *events) take() (list []any, more bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for len(e.list) == 0 && !e.closed {
		e.change.Wait()
	}
	list, e.list = e.list, nil
	return list, len(list) > 0 || !e.closed
}
