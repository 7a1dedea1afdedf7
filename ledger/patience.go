package ledger

import (
	"context"
	"fmt"
	"time"
)

// patience is for how long a call waits for a server that does not answer.
const patience = 10 * time.Second

// gone tells when it is no use to ask: keep does, and has had no answer for longer than
// anybody waits for one. So those who wait in a row do not each wait anew.
func (s *lease) gone() error {
	if !s.failed.Load() || s.age() < patience {
		return nil
	}
	select {
	case <-s.lost:
		return s.why
	default:
		return fmt.Errorf("%w: it has not for more than %s", ErrAway, patience)
	}
}

// patiently tries until it is done, or it is no use.
func (s *lease) patiently(ctx context.Context, try func() error) error {
	begun := time.Now()
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		if err := s.gone(); err != nil {
			return err
		}
		err := try()
		if err == nil || !isAway(err) || s.age() > patience || time.Since(begun) > patience || ctx.Err() != nil {
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return err
		case <-s.stop:
			return err
		case <-s.lost:
			return s.why
		}
	}
}
