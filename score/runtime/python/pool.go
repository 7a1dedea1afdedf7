package python

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/fleetscore/fleetscore/fleet"
)

// pool has so many processes, of which each is lent to one call at a time. A sensor is
// always scored by that of the same number, so that each holds the models of its own sensors. Who has
// seen one crash keeps another ready, that has done all that it must do before it can score.
type pool struct {
	ctx   context.Context //nolint:containedctx // of spare processes, which are started for no call
	start func(context.Context) (*worker, error)
	turns []chan struct{} // of each process: who has filled it has the process

	mu      sync.Mutex
	workers []*worker  // nil: it is lent, or there is none yet
	spare   chan spare // of the one that is being started; nil: none is
	broken  error      // no process can be started
	closed  bool
}

type spare struct {
	worker *worker
	err    error
}

func newPool(ctx context.Context, size int, start func(context.Context) (*worker, error)) *pool {
	p := &pool{ctx: ctx, start: start, turns: make([]chan struct{}, size), workers: make([]*worker, size)}
	for i := range p.turns {
		p.turns[i] = make(chan struct{}, 1)
	}
	return p
}

// numberOf is the process of a sensor.
func (p *pool) numberOf(s fleet.Sensor) int { return int(fleet.Spread(s) % uint32(len(p.turns))) }

var errClosed = errors.New("the Python processes are closed")

// get lends process i.
func (p *pool) get(ctx context.Context, i int) (*worker, error) {
	select {
	case p.turns[i] <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	w, err := p.take(ctx, i)
	if err != nil {
		<-p.turns[i]
	}
	return w, err
}

func (p *pool) take(ctx context.Context, i int) (*worker, error) {
	p.mu.Lock()
	w, closed, broken := p.workers[i], p.closed, p.broken
	p.workers[i] = nil
	var ready chan spare
	if w == nil {
		ready, p.spare = p.spare, nil
	}
	p.mu.Unlock()
	switch {
	case closed:
		return nil, errClosed
	case broken != nil:
		return nil, broken
	case w != nil:
		return w, nil
	}
	if ready != nil {
		if s := <-ready; s.err == nil {
			p.prepare()
			return s.worker, nil
		}
	}
	w, err := p.start(ctx)
	if errors.As(err, new(brokenError)) {
		p.mu.Lock()
		p.broken = err
		p.mu.Unlock()
	}
	return w, err
}

// prepare begins to start the next spare one, which is for whoever comes.
func (p *pool) prepare() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.spare != nil || p.closed || p.broken != nil {
		return
	}
	ready := make(chan spare, 1)
	p.spare = ready
	go func() {
		w, err := p.start(p.ctx)
		ready <- spare{w, err}
	}()
}

// put takes process i back.
func (p *pool) put(i int, w *worker) {
	p.mu.Lock()
	keep := !w.retire && !p.closed
	if keep {
		p.workers[i] = w
	}
	p.mu.Unlock()
	if !keep {
		_ = w.close() // it has answered all
	}
	<-p.turns[i]
}

// discard ends process i, which was lent.
func (p *pool) discard(i int, w *worker) {
	_ = w.close() // however it ends
	<-p.turns[i]
}

// replace ends process i, which has failed, and sees to it that the next is ready sooner.
func (p *pool) replace(i int, w *worker) {
	p.discard(i, w)
	p.prepare()
}

// close ends all that is not lent; what is lent ends when it is put back.
func (p *pool) close() error {
	p.mu.Lock()
	p.closed = true
	workers, ready := slices.Clone(p.workers), p.spare
	clear(p.workers)
	p.spare = nil
	p.mu.Unlock()
	var errs []error
	for _, w := range workers {
		if w != nil {
			errs = append(errs, w.close())
		}
	}
	if ready != nil {
		if s := <-ready; s.worker != nil {
			errs = append(errs, s.worker.close())
		}
	}
	return errors.Join(errs...)
}
