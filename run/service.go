package run

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/pack"
)

// Ledger is what runs need of the ledger.
type Ledger interface {
	ActiveRuns(ctx context.Context) ([]ledger.Run, error)
	Run(ctx context.Context, id string) (ledger.Run, error)
	Runs(ctx context.Context, filter ledger.RunFilter) ([]ledger.Run, error)
	Overlapping(ctx context.Context, job string, i fleet.Interval, active bool) (ledger.Run, error)
	AddRun(ctx context.Context, run ledger.Run) error
	SaveRun(ctx context.Context, run ledger.Run) error
	AskCancel(ctx context.Context, id string) error
	SaveAttempts(ctx context.Context, attempts []ledger.Attempt) error
	Attempts(ctx context.Context, filter ledger.AttemptFilter) ([]ledger.Attempt, error)
	Nodes(ctx context.Context, since time.Time) ([]fleet.Node, error)
}

// Executor does tasks.
type Executor interface {
	Submit(array fleet.Array) error
	Cancel(run string)
}

// Windows knows which files hold the windows of an interval: by partition, later
// ones superseding earlier ones. It waits for those that are open as long as ctx
// lasts, and says of how many partitions some still are.
type Windows interface {
	Files(ctx context.Context, window string, i fleet.Interval) (files map[int][]fleet.Input, behind int, err error)
}

// Config is what a Service works with.
type Config struct {
	Ledger   Ledger
	Store    store.Store
	Executor Executor
	// Windows, if set, is asked for the files of windows; else all that are there are read.
	Windows Windows
	// Packs builds packs of models in the store.
	Packs *pack.Builder
	// SameStore, if set, tells when what is where the store was is not it any more: a
	// folder that is not mounted, or another. What is planned and committed waits then.
	SameStore func() error
	// ManifestURL is where a task finds the manifest of a key.
	ManifestURL func(key string) string
	Partitions  int
	// Nodes is how many nodes there may be.
	Nodes func() int
	// Job gives a job's definition; false if there is none any more.
	Job func(name string) (Job, bool)
	// Pin fixes what foreign programs are made of: digests of scripts, of images.
	Pin func(context.Context, fleet.Runtime) (fleet.Runtime, error)
	// Changed, if set, is told of every change of a run, soon after it.
	Changed func(ledger.Run)
	Tracer  trace.Tracer     // of the trace of each run; nil: none
	IDs     *IDs             // nil: new ones
	Now     func() time.Time // nil: time.Now
	Log     *slog.Logger     // nil: slog.Default
}

// Service drives runs.
type Service struct {
	cfg  Config
	ctx  context.Context
	stop context.CancelCauseFunc
	wake chan struct{}
	done sync.WaitGroup

	mu      sync.Mutex
	drivers map[string]*driver // by run
}

// What a driver's context may end of.
var (
	errStopping = errors.New("fleetscore is stopping")
	errCanceled = errors.New("") // the reason follows
)

// New returns a Service.
func New(cfg Config) (*Service, error) {
	if cfg.Partitions < 1 {
		return nil, fmt.Errorf("runs need at least one partition, not %d", cfg.Partitions)
	}
	if cfg.IDs == nil {
		cfg.IDs = &IDs{}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.SameStore == nil {
		cfg.SameStore = func() error { return nil }
	}
	if cfg.Tracer == nil {
		cfg.Tracer = noop.NewTracerProvider().Tracer("")
	}
	if cfg.Changed == nil {
		cfg.Changed = func(ledger.Run) {}
	}
	return &Service{cfg: cfg, wake: make(chan struct{}, 1), drivers: make(map[string]*driver)}, nil
}

// Start goes on with the runs that are not over, and drives those to come.
func (s *Service) Start(ctx context.Context) error {
	s.ctx, s.stop = context.WithCancelCause(context.WithoutCancel(ctx))
	s.done.Go(s.loop)
	s.Wake()
	return nil
}

// Stop leaves all runs as they are; the next Start goes on with them.
func (s *Service) Stop() {
	s.stop(errStopping)
	s.done.Wait()
}

// Wake has the service look at the ledger: there are new runs, or a run is to be canceled.
func (s *Service) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Event takes what an executor tells.
func (s *Service) Event(e fleet.TaskEvent) {
	s.mu.Lock()
	d := s.drivers[e.Task.Run]
	s.mu.Unlock()
	if d != nil {
		d.tell(e)
	}
}

// retryLedger is how long the service waits before it asks a ledger again that failed.
const retryLedger = 2 * time.Second

func (s *Service) loop() {
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-s.wake:
		}
		if err := s.look(); err != nil && s.ctx.Err() == nil {
			s.cfg.Log.Error("looking for runs", "error", err)
			time.AfterFunc(retryLedger, s.Wake)
		}
	}
}

// look starts the runs that may start, and ends those that are to end.
func (s *Service) look() error {
	active, err := s.cfg.Ledger.ActiveRuns(s.ctx)
	if err != nil {
		return err
	}
	byJob := map[string][]ledger.Run{}
	for _, r := range active {
		if r.Cancel {
			s.cancel(r)
			continue
		}
		byJob[r.Job] = append(byJob[r.Job], r)
	}
	for _, runs := range byJob {
		s.start(runs)
	}
	return nil
}

// start starts what may start of one job's runs, the oldest first: one at a time.
func (s *Service) start(runs []ledger.Run) {
	if job, ok := s.cfg.Job(runs[0].Job); ok && len(runs) > 1 {
		runs = s.overlap(job, runs)
	}
	// A run that was under way before a restart goes on before any other.
	next := runs[0]
	for _, r := range runs {
		if r.State != ledger.Queued {
			next = r
			break
		}
	}
	s.drive(next)
}

// overlap applies a job's rule for scheduled runs that meet an earlier run.
func (s *Service) overlap(job Job, runs []ledger.Run) []ledger.Run {
	isWaiting := func(r ledger.Run) bool {
		return r.State == ledger.Queued && r.Origin == ledger.Scheduled && !s.driving(r.ID)
	}
	switch job.Overlap {
	case "skip":
		return slices.DeleteFunc(runs, func(r ledger.Run) bool {
			if !isWaiting(r) || r.ID == runs[0].ID {
				return false
			}
			s.end(r, fmt.Sprintf("skipped, as run %s was not over yet (overlap: skip)", runs[0].ID))
			return true
		})
	case "replace":
		last := runs[len(runs)-1]
		if !isWaiting(last) {
			return runs
		}
		kept := runs[:0:0]
		for _, r := range runs[:len(runs)-1] {
			if r.Origin != ledger.Scheduled {
				kept = append(kept, r)
				continue
			}
			why := fmt.Sprintf("replaced by run %s (overlap: replace)", last.ID)
			if !s.cancelWith(r.ID, why) {
				s.end(r, why)
			}
		}
		return append(kept, last)
	}
	return runs
}

func (s *Service) driving(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drivers[id] != nil
}

// drive starts the driver of a run, unless there is one, or one of the same job.
func (s *Service) drive(r ledger.Run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.drivers {
		if d.job == r.Job {
			return
		}
	}
	d := newDriver(s, r)
	s.drivers[r.ID] = d
	s.done.Go(func() {
		d.drive()
		s.mu.Lock()
		delete(s.drivers, r.ID)
		s.mu.Unlock()
		s.Wake()
	})
}

func (s *Service) cancel(r ledger.Run) {
	if !s.cancelWith(r.ID, "canceled") {
		s.end(r, "canceled before it started")
	}
}

// cancelWith cancels a run that is being driven.
func (s *Service) cancelWith(id, why string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.drivers[id]
	if d != nil {
		d.stop(fmt.Errorf("%w%s", errCanceled, why))
	}
	return d != nil
}

// end ends a run that nobody drives.
func (s *Service) end(r ledger.Run, why string) {
	r.State, r.Error, r.Finished = ledger.Canceled, why, s.cfg.Now().UTC()
	if err := s.cfg.Ledger.SaveRun(s.ctx, r); err != nil {
		s.cfg.Log.Error("canceling a run", "run", r.ID, "error", err)
		time.AfterFunc(retryLedger, s.Wake)
		return
	}
	s.cfg.Changed(r)
	ctx, whole := s.beginTrace(s.ctx, r)
	s.endTrace(ctx, whole, r)
}

// Pinned are the packs, and the other objects, that tasks under way were told to read.
func (s *Service) Pinned() map[string]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	pinned := map[string]bool{}
	for _, d := range s.drivers {
		d.shown.Lock()
		for _, key := range d.shown.reads {
			pinned[key] = true
		}
		d.shown.Unlock()
	}
	return pinned
}

// Live returns a run as it stands now, which the ledger learns a little later.
func (s *Service) Live(id string) (ledger.Run, bool) {
	s.mu.Lock()
	d := s.drivers[id]
	s.mu.Unlock()
	if d == nil {
		return ledger.Run{}, false
	}
	return d.live(), true
}
