package python

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// pool has so many processes, of which each is lent to one call at a time. Who has seen one
// crash keeps another ready, that has done all that it must do before it can score.
type pool struct {
	start func(context.Context) (*worker, error)
	turns chan struct{} // one for each process that may be lent

	mu     sync.Mutex
	idle   []*worker
	spare  chan spare // of the one that is being started; nil: none is
	broken error      // no process can be started
	closed bool
}

type spare struct {
	worker *worker
	err    error
}

func newPool(size int, start func(context.Context) (*worker, error)) *pool {
	return &pool{start: start, turns: make(chan struct{}, size)}
}

var errClosed = errors.New("the Python processes are closed")

// get lends a process, that which holds a model if there is one.
func (p *pool) get(ctx context.Context, model string) (*worker, error) {
	select {
	case p.turns <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	w, err := p.take(ctx, model)
	if err != nil {
		<-p.turns
	}
	return w, err
}

func (p *pool) take(ctx context.Context, model string) (*worker, error) {
	p.mu.Lock()
	var ready chan spare
	switch {
	case p.closed:
		p.mu.Unlock()
		return nil, errClosed
	case p.broken != nil:
		p.mu.Unlock()
		return nil, p.broken
	case len(p.idle) > 0:
		i := max(0, slices.IndexFunc(p.idle, func(w *worker) bool { return w.holds(model) }))
		w := p.idle[i]
		p.idle = slices.Delete(p.idle, i, i+1)
		p.mu.Unlock()
		return w, nil
	default:
		ready, p.spare = p.spare, nil
	}
	p.mu.Unlock()
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
//
//nolint:contextcheck // so it is for none of those whose context there is
func (p *pool) prepare() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.spare != nil || p.closed || p.broken != nil {
		return
	}
	ready := make(chan spare, 1)
	p.spare = ready
	go func() {
		w, err := p.start(context.Background())
		ready <- spare{w, err}
	}()
}

// put takes a process back.
func (p *pool) put(w *worker) {
	p.mu.Lock()
	keep := !w.retire && !p.closed
	if keep {
		p.idle = append(p.idle, w)
	}
	p.mu.Unlock()
	if !keep {
		_ = w.close() // it has answered all
	}
	<-p.turns
}

// discard ends a process that was lent.
func (p *pool) discard(w *worker) {
	_ = w.close() // however it ends
	<-p.turns
}

// replace ends a process that has failed, and sees to it that the next is ready sooner.
func (p *pool) replace(w *worker) {
	p.discard(w)
	p.prepare()
}

// close ends all that is not lent; what is lent ends when it is put back.
func (p *pool) close() error {
	p.mu.Lock()
	p.closed = true
	idle, ready := p.idle, p.spare
	p.idle, p.spare = nil, nil
	p.mu.Unlock()
	var errs []error
	for _, w := range idle {
		errs = append(errs, w.close())
	}
	if ready != nil {
		if s := <-ready; s.worker != nil {
			errs = append(errs, s.worker.close())
		}
	}
	return errors.Join(errs...)
}
