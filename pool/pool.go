package pool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// Settings are what a user says of a pool.
type Settings struct {
	Formula string `json:"formula"` // empty: Default
	Min     int    `json:"min"`
	Max     int    `json:"max"`
}

// Validate says why they cannot be followed.
func (s *Settings) Validate() error {
	_, err := s.compile()
	return err
}

func (s *Settings) compile() (*Formula, error) {
	switch {
	case s.Min < 0 || s.Max < 1:
		return nil, fmt.Errorf("min is %d and max %d; min must be 0 or more, and max 1 or more", s.Min, s.Max)
	case s.Min > s.Max:
		return nil, fmt.Errorf("min, %d, is more than max, %d", s.Min, s.Max)
	}
	if s.Formula == "" {
		return Compile(Default)
	}
	return Compile(s.Formula)
}

// Due is a run that is expected.
type Due struct {
	Job string
	At  time.Time // past, if the run is there, and has no tasks yet
}

// Record is a decision that was another than the one before it, or the same when the
// formula is well again.
type Record struct {
	Time    time.Time `json:"time"`
	Formula string    `json:"formula"`
	Signals Signals   `json:"signals"`
	Decision
}

// Config is what a Pool works with.
type Config struct {
	Settings
	Learned Learned // in a former life
	Kept    Kept    // the same
	// Next lists the runs that are expected, the next of each job.
	Next func(now time.Time) []Due
	// Resize has the executor ask for the target.
	Resize func()
	// Record is told of decisions, in order, from one goroutine.
	Record func([]Record)
	Log    *slog.Logger
	Now    func() time.Time // nil: time.Now
}

// Pool says how many nodes there should be. It is for any number of goroutines.
type Pool struct {
	cfg    Config
	change chan struct{}
	done   sync.WaitGroup
	stop   context.CancelFunc

	mu       sync.Mutex
	settings Settings
	formulas formulas
	learned  Learned
	dues     []Due
	last     Record
	records  []Record        // that were not told
	known    map[string]bool // nodes whose start was learned from
	runs     map[string]*doing
}

// New makes a pool, or says what is wrong with its settings.
func New(cfg Config) (*Pool, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	f, err := cfg.compile()
	if err != nil {
		return nil, err
	}
	p := &Pool{cfg: cfg, change: make(chan struct{}, 1), settings: cfg.Settings, learned: cfg.Learned.valid(), known: map[string]bool{}, runs: map[string]*doing{}}
	if p.formulas, err = recall(cfg.Kept, cfg.Now()); err != nil {
		return nil, err
	}
	p.formulas.follow(f)
	return p, nil
}

// Set has other settings from now on, if they can be followed.
func (p *Pool) Set(s Settings) error {
	f, err := s.compile()
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.settings = s
	p.formulas.follow(f)
	p.mu.Unlock()
	p.Changed()
	return nil
}

// Settings are those in force.
func (p *Pool) Settings() Settings {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.settings
}

// Last is the decision in force, as it was first made.
func (p *Pool) Last() Record {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// Target is how many nodes there should be, for the load.
func (p *Pool) Target(l fleet.Load) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.cfg.Now()
	s := p.signals(&l, now)
	f, failed := p.formulas.now, !p.formulas.failing.Since.IsZero()
	d := p.formulas.decide(s, now)
	if d.Target != p.last.Target || d.Error != p.last.Error || f.text != p.last.Formula || p.last.Time.IsZero() {
		if d.Error != "" && !failed {
			p.cfg.Log.Warn("the formula of the pool fails", "error", d.Error, "formula", f.text)
		}
		p.last = Record{Time: now.UTC(), Formula: f.text, Signals: s, Decision: d}
		p.records = append(p.records, p.last)
		p.poke()
	}
	return d.Target
}

// Signals are those of a load, now.
func (p *Pool) Signals(l fleet.Load) Signals {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.signals(&l, p.cfg.Now())
}

func (p *Pool) signals(l *fleet.Load, now time.Time) Signals {
	s := Signals{
		PendingTasks: l.PendingTasks, RunningTasks: l.RunningTasks, PendingSensors: l.PendingSensors,
		PendingSeconds: l.PendingWork.Seconds(), OldestSeconds: l.Oldest.Seconds(),
		Nodes: l.StartingNodes + l.IdleNodes + l.BusyNodes, StartingNodes: l.StartingNodes, IdleNodes: l.IdleNodes, BusyNodes: l.BusyNodes, FullNodes: l.FullNodes,
		NextRunSeconds: Never, StartupSeconds: p.learned.startup(), Min: p.settings.Min, Max: p.settings.Max,
	}
	for _, d := range p.dues {
		s.NextRunSeconds = min(s.NextRunSeconds, max(d.At.Sub(now).Seconds(), 0))
	}
	var next Work // of all that are due together
	for _, d := range p.dues {
		if d.At.Sub(now).Seconds() <= s.NextRunSeconds+s.StartupSeconds {
			w := p.learned.Jobs[d.Job]
			next.Tasks, next.Seconds = next.Tasks+w.Tasks, next.Seconds+w.Seconds
		}
	}
	s.NextRunNodes = NodesFor(next.Tasks, next.Seconds, s.StartupSeconds)
	return s
}

// Start begins to look ahead. When it returns, the first decision can be asked for.
func (p *Pool) Start(ctx context.Context) {
	p.look()
	ctx, p.stop = context.WithCancel(context.WithoutCancel(ctx))
	p.done.Go(func() { p.run(ctx) })
}

// Stop ends it, when all decisions have been told.
func (p *Pool) Stop() {
	if p.stop != nil {
		p.stop()
		p.done.Wait()
	}
}

// Changed tells that what Next lists may have changed.
func (p *Pool) Changed() { p.poke() }

func (p *Pool) poke() {
	select {
	case p.change <- struct{}{}:
	default:
	}
}

// The pool looks ahead at least so often: clocks are set, and formulas may look at
// what passes with time.
const (
	farLook  = time.Minute
	nearLook = time.Second
	gather   = 20 * time.Millisecond // decisions that follow each other are told together
)

func (p *Pool) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			p.tell()
			return
		case <-p.change:
			select {
			case <-time.After(gather):
			case <-ctx.Done():
			}
		case <-timer.C:
		}
		wait := p.look()
		p.cfg.Resize()
		p.tell()
		timer.Reset(wait)
	}
}

// look finds out what is due, and when to look again.
func (p *Pool) look() time.Duration {
	now := p.cfg.Now()
	dues := p.cfg.Next(now)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dues = dues
	p.settle(now)
	wait := farLook
	if p.formulas.now.text != Default {
		wait = nearLook
	}
	startup := time.Duration(p.learned.startup() * float64(time.Second))
	for _, d := range dues {
		for _, at := range []time.Time{d.At.Add(-startup), d.At.Add(gather)} {
			if left := at.Sub(now); left > 0 {
				wait = min(wait, left+time.Millisecond)
			}
		}
	}
	return wait
}

// tell tells what was decided.
func (p *Pool) tell() {
	p.mu.Lock()
	records := p.records
	p.records = nil
	p.mu.Unlock()
	if len(records) > 0 && p.cfg.Record != nil {
		p.cfg.Record(records)
	}
}

// Try says what a formula would decide, and what is wrong with it.
func (p *Pool) Try(s Settings, l fleet.Load) (Decision, Signals, error) {
	f, err := s.compile()
	if err != nil {
		return Decision{}, Signals{}, err
	}
	signals := p.Signals(l)
	signals.Min, signals.Max = s.Min, s.Max
	d := f.Decide(signals)
	if d.Error != "" {
		return d, signals, errors.New("the formula fails as things stand: " + d.Error)
	}
	return d, signals, nil
}
