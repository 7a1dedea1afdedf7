package notify

import (
	"context"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/ledger"
)

// Status is how telling a receiver goes.
type Status struct {
	Name  string
	Where string // to whom, without secrets
	Kinds []Kind // none: all
	Jobs  []string
	Rate  int

	// Since the start.
	Delivered uint64
	Failed    uint64 // attempts
	GivenUp   uint64
	Last      time.Time // delivered
	Error     string    // of the last attempt, if that failed
	ErrorTime time.Time

	// In the outbox.
	Waiting, Held, Dead int
	Oldest              time.Time     // of those that wait or are held
	Age                 time.Duration // of the oldest
}

// tally counts what came of attempts.
type tally struct {
	mu     sync.Mutex
	status Status
}

func (t *tally) attempt(now time.Time, s *ledger.Settled, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.Delivered {
		t.status.Delivered++
		t.status.Last, t.status.Error, t.status.ErrorTime = now, "", time.Time{}
		return
	}
	t.status.Failed++
	if s.State == ledger.MessageDead {
		t.status.GivenUp++
	}
	if err != nil {
		t.status.Error, t.status.ErrorTime = s.Error, now
	}
}

// Status tells how telling each receiver goes, in the order of the settings.
func (s *Service) Status(ctx context.Context) ([]Status, error) {
	backlogs, err := s.cfg.Ledger.Backlogs(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Status, len(s.couriers))
	for i, c := range s.couriers {
		c.tally.mu.Lock()
		st := c.tally.status
		c.tally.mu.Unlock()
		st.Name, st.Where, st.Kinds, st.Jobs, st.Rate = c.Name, c.Destination.Where(), c.Kinds, c.Jobs, c.Rate
		for _, b := range backlogs {
			if b.Receiver == c.Name {
				st.count(&b)
			}
		}
		if !st.Oldest.IsZero() {
			st.Age = max(0, s.cfg.Now().Sub(st.Oldest))
		}
		all[i] = st
	}
	return all, nil
}

func (st *Status) count(b *ledger.Backlog) {
	switch b.State {
	case ledger.MessageDead:
		st.Dead = b.Count
		return
	case ledger.MessageHeld:
		st.Held = b.Count
	default:
		st.Waiting = b.Count
	}
	if st.Oldest.IsZero() || b.Oldest.Before(st.Oldest) {
		st.Oldest = b.Oldest
	}
}
