package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/ledger"
)

// Untold is where runs are that nobody has been told of yet.
type Untold interface {
	Untold(ctx context.Context, limit int) ([]ledger.Run, error)
	// Enqueue puts messages into the outbox and takes runs off what is untold, both or
	// neither.
	Enqueue(ctx context.Context, messages []ledger.Message, told ...string) error
	// Summarize puts a message in the place of those of its receiver that are held.
	Summarize(ctx context.Context, summary ledger.Message, upTo int64) error
}

// Outbox is where messages are until they are delivered.
type Outbox interface {
	Messages(ctx context.Context, f ledger.MessageFilter) ([]ledger.Message, error)
	Message(ctx context.Context, seq int64) (ledger.Message, error)
	Settle(ctx context.Context, all []ledger.Settled) error
}

// Office looks after the outbox.
type Office interface {
	Backlogs(ctx context.Context) ([]ledger.Backlog, error)
	Revive(ctx context.Context, receiver, id string, now, expires time.Time) (int, error)
	Orphan(ctx context.Context, known []string, why string) (int, error)
}

// Mutes is which sensors nobody is to be told of.
type Mutes interface {
	Mutes(ctx context.Context, now time.Time) ([]ledger.Mute, error)
	RemoveMute(ctx context.Context, id string) (ledger.Mute, error)
	Note(ctx context.Context, e ledger.Entry) error
}

// Ledger is what telling needs of the ledger.
type Ledger interface {
	Untold
	Outbox
	Office
	Mutes
}

// Config is what a Service works with.
type Config struct {
	Ledger    Ledger
	Fates     Fates
	Receivers []Receiver
	Source    string // of events: a URI reference that names the deployment
	Examples  int    // sensors that an event names at most; 0: none
	// GiveUp is how long a message is tried; 0: 3 days.
	GiveUp time.Duration
	// Backoff is the wait after the first failure, BackoffMost that after many; 0: a
	// second, an hour.
	Backoff, BackoffMost time.Duration
	Now                  func() time.Time // nil: time.Now
	Log                  *slog.Logger     // nil: slog.Default
}

// Service tells receivers what happens.
type Service struct {
	cfg      Config
	couriers []*courier
	nodes    nodeFailures
	stop     context.CancelFunc
	wake     chan struct{}
	done     sync.WaitGroup
}

// ErrNoReceiver is that there is no receiver of a name.
var ErrNoReceiver = errors.New("there is no such receiver")

// New returns a Service, which owns the destinations of its receivers.
func New(cfg Config) (*Service, error) {
	if cfg.Ledger == nil || cfg.Fates == nil {
		return nil, errors.New("telling people needs a ledger, and somebody who knows what became of sensors")
	}
	setDefault(&cfg.GiveUp, 72*time.Hour)
	setDefault(&cfg.Backoff, time.Second)
	setDefault(&cfg.BackoffMost, time.Hour)
	if cfg.Source == "" {
		cfg.Source = "/fleetscore"
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	s := &Service{cfg: cfg, wake: make(chan struct{}, 1)}
	seen := map[string]bool{}
	for _, r := range cfg.Receivers {
		if seen[r.Name] {
			return nil, fmt.Errorf("two receivers have the name %q", r.Name)
		}
		seen[r.Name] = true
		setDefault(&r.Timeout, 10*time.Second)
		s.couriers = append(s.couriers, newCourier(s, r))
	}
	return s, nil
}

func setDefault(d *time.Duration, value time.Duration) {
	if *d <= 0 {
		*d = value
	}
}

// Start begins to tell, first what was left untold before.
func (s *Service) Start(ctx context.Context) error {
	names := make([]string, len(s.couriers))
	for i, c := range s.couriers {
		names[i] = c.Name
	}
	n, err := s.cfg.Ledger.Orphan(ctx, names, "the settings have no such receiver any more")
	if err != nil {
		return err
	}
	if n > 0 {
		s.cfg.Log.Warn("events are given up, as the settings have no such receivers any more", "events", n)
	}
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	for _, c := range s.couriers {
		s.done.Go(func() { c.run(ctx) })
	}
	s.done.Go(func() { s.loop(ctx) })
	s.Wake()
	return nil
}

// Stop lets what is under way end, for a moment. The rest waits for the next Start.
func (s *Service) Stop() {
	if s.stop == nil {
		return
	}
	s.stop()
	s.done.Wait()
}

// Wake has the service look for runs that have ended. It never blocks.
func (s *Service) Wake() { poke(s.wake) }

func poke(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

func (s *Service) loop(ctx context.Context) {
	for {
		wait := s.nodes.wait(s.cfg.Now())
		if err := s.look(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Log.Error("telling of runs does not work yet", "error", err)
			wait = retryAfterLedger
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-s.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// untoldAtOnce is how many runs are read at a time.
const untoldAtOnce = 100

// look tells of all that has happened.
func (s *Service) look(ctx context.Context) error {
	if err := s.tellNodes(ctx); err != nil {
		return err
	}
	for {
		runs, err := s.cfg.Ledger.Untold(ctx, untoldAtOnce)
		if err != nil {
			return err
		}
		for _, r := range runs {
			if err := s.tellRun(ctx, r); err != nil {
				return fmt.Errorf("telling of run %s: %w", r.ID, err)
			}
		}
		if len(runs) < untoldAtOnce {
			return nil
		}
	}
}

func (s *Service) tellRun(ctx context.Context, r ledger.Run) error {
	if len(s.couriers) == 0 {
		return s.cfg.Ledger.Enqueue(ctx, nil, r.ID)
	}
	mutes, err := s.cfg.Ledger.Mutes(ctx, s.cfg.Now())
	if err != nil {
		return err
	}
	events, recovered, err := s.compose(ctx, r, mutes)
	if err != nil {
		return err
	}
	if err := s.enqueue(ctx, events, r.ID); err != nil {
		return err
	}
	for _, m := range recovered {
		if _, err := s.cfg.Ledger.RemoveMute(ctx, m.ID); errors.Is(err, ledger.ErrNotFound) {
			continue
		} else if err != nil {
			return err
		}
		if err := s.cfg.Ledger.Note(ctx, ledger.Entry{Time: s.cfg.Now().UTC(), Who: "fleetscore", Action: "ack.recovered", Subject: m.Pattern, Detail: "run " + r.ID}); err != nil {
			return err
		}
	}
	return nil
}

// enqueue puts events into the outbox for all who want them.
func (s *Service) enqueue(ctx context.Context, events []Event, told ...string) error {
	var messages []ledger.Message
	for _, e := range events {
		for _, c := range s.couriers {
			if !c.wants(&e) {
				continue
			}
			m, err := s.message(&e, c.Name)
			if err != nil {
				return err
			}
			messages = append(messages, m)
		}
	}
	if len(messages) == 0 && len(told) == 0 {
		return nil
	}
	if err := s.cfg.Ledger.Enqueue(ctx, messages, told...); err != nil {
		return err
	}
	for _, c := range s.couriers {
		poke(c.wake)
	}
	return nil
}

// message is an event for one receiver.
func (s *Service) message(e *Event, receiver string) (ledger.Message, error) {
	e.Source = s.cfg.Source
	body, err := json.Marshal(e)
	if err != nil {
		return ledger.Message{}, fmt.Errorf("writing event %s: %w", e.ID, err)
	}
	now := s.cfg.Now()
	return ledger.Message{
		Receiver: receiver, ID: e.ID, Type: string(e.Kind()), Subject: e.Subject, OrderingKey: e.key, Body: string(body),
		Created: now, Due: now, Expires: now.Add(s.cfg.GiveUp),
	}, nil
}

// Test sends one event to a receiver, at once and once. It says why that was not
// confirmed; "": it was.
func (s *Service) Test(ctx context.Context, receiver string) (refusal string, err error) {
	c := s.courier(receiver)
	if c == nil {
		return "", ErrNoReceiver
	}
	now := s.cfg.Now()
	e, err := newEvent(Test, fmt.Sprintf("test-%d", now.UnixMicro()), receiver, now, TestData{Receiver: receiver, Message: "This is a test of fleetscore: events for " + receiver + " come here."})
	if err != nil {
		return "", err
	}
	m, err := s.message(&e, receiver)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	if err := c.Destination.Send(ctx, &e, []byte(m.Body)); err != nil {
		refusal = plain(err.Error(), maxError)
	}
	return refusal, nil
}

// Retry has messages of a receiver sent again at once, that were given up or wait for
// their next attempt: one by its ID or, if that is empty, all. It returns how many.
func (s *Service) Retry(ctx context.Context, receiver, id string) (int, error) {
	c := s.courier(receiver)
	if c == nil {
		return 0, ErrNoReceiver
	}
	now := s.cfg.Now()
	n, err := s.cfg.Ledger.Revive(ctx, receiver, id, now, now.Add(s.cfg.GiveUp))
	if n > 0 {
		poke(c.anew)
	}
	return n, err
}

func (s *Service) courier(name string) *courier {
	for _, c := range s.couriers {
		if c.Name == name {
			return c
		}
	}
	return nil
}
