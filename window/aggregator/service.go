package aggregator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/stream"
)

// Service aggregates all partitions over all windows.
type Service struct {
	cfg     Config
	ctx     context.Context //nolint:containedctx // of Start, for what workers are asked to do
	stop    context.CancelFunc
	done    sync.WaitGroup
	workers map[string][]*worker // by window, then by partition
	memory  chan struct{}        // who holds it has an hour in memory
	kept    kept

	replaying chan struct{} // who holds it replays late readings

	asking struct { // how far the stream is
		sync.Mutex
		at     time.Time
		states []stream.State
	}
}

// New returns a Service.
func New(cfg Config) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.finish()
	s := &Service{cfg: cfg, workers: map[string][]*worker{}, memory: make(chan struct{}, 1), replaying: make(chan struct{}, 1)}
	consumers := stream.NewConsumers(cfg.Log)
	for name := range cfg.Windows {
		consumer := consumers.Add()
		for p := range cfg.Partitions {
			s.workers[name] = append(s.workers[name], newWorker(s, name, p, consumer))
		}
	}
	return s, nil
}

// Start goes on from the last checkpoints. It fails if they are of other windows than
// the settings say.
func (s *Service) Start(ctx context.Context) error {
	for _, workers := range s.workers {
		if err := workers[0].check(ctx); err != nil {
			return err
		}
	}
	s.ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	for _, workers := range s.workers {
		for _, w := range workers {
			s.done.Go(func() { w.run(s.ctx) })
		}
	}
	return nil
}

// Stop stores what has come out, as long as ctx lasts, and ends. What is not stored
// comes out again after the next Start.
func (s *Service) Stop(ctx context.Context) {
	if s.stop == nil {
		return // it was not started, or that failed
	}
	var flushes sync.WaitGroup
	for _, workers := range s.workers {
		for _, w := range workers {
			flushes.Go(func() {
				_ = w.do(ctx, func(ctx context.Context) error { return w.flush(ctx) }) // it can be done again
			})
		}
	}
	flushes.Wait()
	s.stop()
	s.done.Wait()
}

// lockMemory waits until no other worker reads an hour: that takes memory, and often
// all partitions end one at once.
func (s *Service) lockMemory(ctx context.Context) error {
	select {
	case s.memory <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Service) unlockMemory() { <-s.memory }

// errStopped is that the service is not, or no longer, running.
var errStopped = errors.New("the aggregator is not running")

// do has a worker do something between two entries.
func (w *worker) do(ctx context.Context, what func(context.Context) error) error {
	result := make(chan error, 1)
	call := func(working context.Context) {
		if err := w.failed(); err != nil {
			result <- err
			return
		}
		joined, stop := context.WithCancel(ctx)
		defer context.AfterFunc(working, stop)()
		defer stop()
		result <- what(joined)
	}
	select {
	case w.calls <- call:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.ctx.Done():
		return errStopped
	}
	w.mu.Lock()
	if w.wake != nil {
		w.wake()
	}
	w.mu.Unlock()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-w.ctx.Done():
		return errStopped
	}
}

// states are those of the stream, of a moment ago at most: all workers ask.
func (s *Service) states(ctx context.Context) ([]stream.State, error) {
	const trusted = 50 * time.Millisecond
	s.asking.Lock()
	defer s.asking.Unlock()
	if now := s.cfg.Now(); now.Sub(s.asking.at) < trusted {
		return s.asking.states, nil
	}
	states, err := s.cfg.Log.State(ctx)
	if err != nil {
		return nil, err
	}
	if len(states) < s.cfg.Partitions {
		return nil, fmt.Errorf("the stream has %d partitions, and the settings say %d", len(states), s.cfg.Partitions)
	}
	s.asking.at, s.asking.states = s.cfg.Now(), states
	return states, nil
}

// Names lists the windows.
func (s *Service) Names() []string {
	var names []string
	for name := range s.workers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
