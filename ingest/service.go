package ingest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/fleetscore/fleetscore/fleet"
)

// What can be wrong with a submission, for errors.Is.
var (
	// ErrBusy is that as many readings wait as may. The same can be tried again.
	ErrBusy = errors.New("too many readings wait to be stored")
	// ErrStopped is that the service is not running.
	ErrStopped = errors.New("ingest has been stopped")
)

// submission is readings that wait, and who is told.
type submission struct {
	readings []fleet.Reading
	done     func(error)
}

// Service commits readings to the stream, many at a time.
type Service struct {
	cfg      Config
	rate     *limiter
	counters counters
	room     *semaphore.Weighted // for readings that wait

	group group // of the goroutine that run is in

	mu      sync.Mutex
	running bool
	waiting []submission
	count   int          // of readings in waiting
	spare   []submission // memory for waiting

	wake chan struct{}
	stop context.CancelFunc
	done chan struct{}
}

// New makes a Service.
func New(cfg Config) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = *cfg.withDefaults()
	return &Service{
		cfg: cfg, rate: newLimiter(cfg.Rate, cfg.Burst), counters: newCounters(cfg.Now),
		room: semaphore.NewWeighted(int64(cfg.Waiting)), group: group{partitions: cfg.Partitions},
		wake: make(chan struct{}, 1),
	}, nil
}

// Start begins to take readings, until Stop is called or the context ends.
func (s *Service) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done != nil {
		return errors.New("ingest has been started before")
	}
	ctx, s.stop = context.WithCancel(ctx)
	s.done = make(chan struct{})
	s.running = true
	go s.run(ctx, s.done)
	return nil
}

// Stop ends what Start began. What was submitted is committed before it returns.
func (s *Service) Stop() {
	s.mu.Lock()
	stop, done := s.stop, s.done
	s.mu.Unlock()
	if done != nil {
		stop()
		<-done
	}
}

// Submit has readings committed. Unless it returns an error, which is ErrBusy or
// ErrStopped, it calls done once, with nil if they are durable. Until then the
// readings are the service's. done must not block.
func (s *Service) Submit(readings []fleet.Reading, done func(error)) error {
	if !s.room.TryAcquire(int64(len(readings))) {
		return ErrBusy
	}
	return s.submit(readings, done)
}

// SubmitWait is Submit that waits for room, until ctx ends. Who waits goes before who
// does not. The order of one caller's submissions is kept.
func (s *Service) SubmitWait(ctx context.Context, readings []fleet.Reading, done func(error)) error {
	if len(readings) > s.cfg.Waiting {
		return fmt.Errorf("%d readings are more than the %d that may wait", len(readings), s.cfg.Waiting)
	}
	if err := s.room.Acquire(ctx, int64(len(readings))); err != nil {
		return fmt.Errorf("waiting until fewer readings wait to be stored: %w", err)
	}
	return s.submit(readings, done)
}

// submit adds to what waits. There is room.
func (s *Service) submit(readings []fleet.Reading, done func(error)) error {
	s.mu.Lock()
	if !s.running {
		s.mu.Unlock()
		s.room.Release(int64(len(readings)))
		return ErrStopped
	}
	s.waiting = append(s.waiting, submission{readings, done})
	s.count += len(readings)
	first := len(s.waiting) == 1
	s.mu.Unlock()
	if first {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
	return nil
}

// run commits until ctx ends, and then what is left.
func (s *Service) run(ctx context.Context, done chan<- struct{}) {
	defer close(done)
	whole := context.WithoutCancel(ctx) // a commit is not broken off
	for {
		select {
		case <-s.wake:
			s.commit(whole, true)
		case <-ctx.Done():
			s.commit(whole, false)
			return
		}
	}
}
