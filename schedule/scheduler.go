package schedule

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/ledger"
)

// Ledger is what a Scheduler needs of a ledger.
type Ledger interface {
	// Jobs lists the jobs that there are.
	Jobs(ctx context.Context) ([]ledger.Job, error)
	// Fire moves a job's cursor forward and makes runs, in one transaction, but for
	// those of intervals that have a scheduled run. It returns what it made.
	Fire(ctx context.Context, job string, cursor time.Time, runs []ledger.Run) ([]ledger.Run, error)
}

// Config is what a Scheduler works with.
type Config struct {
	Ledger Ledger
	// Plan finds the plan of a job; nil if it has no schedule. It is asked when a job
	// is new, when its definition has changed, and after Reload.
	Plan func(ledger.Job) (*Plan, error)
	// NewID names a run. Names sort in the order in which they were made.
	NewID func() string
	// Now is the time; nil: time.Now.
	Now func() time.Time
	// Fired is told of runs that were made, and must not block; it may be nil.
	Fired func([]ledger.Run)
	Log   *slog.Logger
}

// Validate says what is missing.
func (c *Config) Validate() error {
	if c.Ledger == nil || c.Plan == nil || c.NewID == nil || c.Log == nil {
		return errors.New("a scheduler needs a Ledger, Plan, NewID and Log")
	}
	return nil
}

// maxSleep is how long the Scheduler sleeps at most: timers do not notice that the
// clock was set, or that the machine was suspended.
const maxSleep = 30 * time.Second

// Scheduler fires the jobs of a ledger. All it has to know after a crash, it finds
// there.
type Scheduler struct {
	cfg  Config
	wake chan struct{}

	jobs    map[string]*job // of the goroutine that run is in
	trouble backoff         // of the ledger

	mu     sync.Mutex
	cancel context.CancelFunc
	done   chan struct{}
	reload bool
	plans  map[string]*Plan // nil of jobs that are paused
}

// New makes a Scheduler.
func New(cfg Config) (*Scheduler, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Fired == nil {
		cfg.Fired = func([]ledger.Run) {}
	}
	return &Scheduler{cfg: cfg, wake: make(chan struct{}, 1), jobs: map[string]*job{}, plans: map[string]*Plan{}}, nil
}

// Start begins to fire, until Stop is called or the context ends.
func (s *Scheduler) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done != nil {
		return errors.New("the scheduler has been started before")
	}
	ctx, s.cancel = context.WithCancel(ctx)
	s.done = make(chan struct{})
	go s.run(ctx, s.done)
	return nil
}

// Stop ends what Start began, and returns when nothing more will be fired.
func (s *Scheduler) Stop() {
	s.mu.Lock()
	cancel, done := s.cancel, s.done
	s.mu.Unlock()
	if done != nil {
		cancel()
		<-done
	}
}

// Reload says that jobs have changed: were added, removed, paused, have another
// schedule, or go on.
func (s *Scheduler) Reload() {
	s.mu.Lock()
	s.reload = true
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Next is the next five fires of a job; none if it is paused or has no schedule.
func (s *Scheduler) Next(name string) []Fire {
	s.mu.Lock()
	plan := s.plans[name]
	s.mu.Unlock()
	if plan == nil {
		return nil
	}
	fires := []Fire{plan.Next(s.cfg.Now())}
	for len(fires) < 5 {
		fires = append(fires, plan.Next(fires[len(fires)-1].At))
	}
	return fires
}

func (s *Scheduler) run(ctx context.Context, done chan<- struct{}) {
	defer close(done)
	for ctx.Err() == nil {
		timer := time.NewTimer(s.step(ctx))
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-s.wake:
		}
		timer.Stop()
	}
}

// step fires what is due, and says how long there is nothing to do.
func (s *Scheduler) step(ctx context.Context) time.Duration {
	now := s.cfg.Now().Round(0) // what the clock shows, which Sub must not look past
	listed, err := s.cfg.Ledger.Jobs(ctx)
	if err != nil {
		wait := s.trouble.failed(now)
		if ctx.Err() == nil {
			s.cfg.Log.Warn("cannot read which jobs there are", "error", err, "again_in", wait)
		}
		return wait
	}
	s.trouble = backoff{}
	if s.reloaded() {
		clear(s.jobs)
	}
	wait, plans := maxSleep, make(map[string]*Plan, len(listed))
	for _, l := range listed {
		if s.jobs[l.Name] == nil {
			s.jobs[l.Name] = &job{}
		}
		j := s.jobs[l.Name]
		wait = min(wait, s.visit(ctx, j, l, now))
		if plans[l.Name] = j.plan; l.Paused {
			plans[l.Name] = nil
		}
	}
	for name := range s.jobs {
		if _, ok := plans[name]; !ok {
			delete(s.jobs, name)
		}
	}
	s.mu.Lock()
	s.plans = plans
	s.mu.Unlock()
	return max(wait, time.Millisecond)
}

// reloaded reports whether Reload was called since it last did.
func (s *Scheduler) reloaded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	reload := s.reload
	s.reload = false
	return reload
}
