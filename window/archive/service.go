package archive

import (
	"context"
	"sync"
)

// Service archives all partitions.
type Service struct {
	cfg     Config
	workers []*worker
	press   chan *press // who holds it makes a file

	reading context.Context //nolint:containedctx // ends when nothing more is to be read
	stop    context.CancelFunc
	working context.Context //nolint:containedctx // ends when nothing more is to be stored
	kill    context.CancelFunc
	done    sync.WaitGroup
}

// New returns a Service.
func New(cfg Config) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.finish()
	s := &Service{cfg: cfg, press: make(chan *press, 1)}
	s.press <- newPress()
	for p := range cfg.Partitions {
		s.workers = append(s.workers, newWorker(s, p))
	}
	return s, nil
}

// Start goes on from the last claims.
func (s *Service) Start(ctx context.Context) {
	s.working, s.kill = context.WithCancel(context.WithoutCancel(ctx))
	s.reading, s.stop = context.WithCancel(s.working)
	for _, w := range s.workers {
		s.done.Go(w.run)
	}
}

// Stop stores what is held, as long as ctx lasts, and ends. What is not stored is read
// again after the next Start.
func (s *Service) Stop(ctx context.Context) {
	if s.stop == nil {
		return // it was not started
	}
	s.stop()
	defer context.AfterFunc(ctx, s.kill)()
	s.done.Wait()
	s.kill()
}
