package ingest

import (
	"context"
	"fmt"
)

// commit commits what waits, in one Append. running says whether more may come.
func (s *Service) commit(ctx context.Context, running bool) {
	s.mu.Lock()
	taken, readings := s.waiting, s.count
	s.waiting, s.spare, s.count = s.spare[:0], nil, 0
	s.running = running
	s.mu.Unlock()

	err := s.append(ctx, taken, readings)
	for i := range taken {
		s.room.Release(int64(len(taken[i].readings)))
		taken[i].done(err)
	}
	clear(taken) // so that nothing is held by it

	s.mu.Lock()
	s.spare = taken
	s.mu.Unlock()
}

// append stores the readings of the submissions, and counts them.
func (s *Service) append(ctx context.Context, taken []submission, readings int) error {
	if readings == 0 {
		return nil
	}
	messages, size := s.group.messages(taken)
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	begun := s.cfg.Now()
	err := s.cfg.Stream.Append(ctx, messages)
	changed := s.counters.commit(readings, len(messages), size, s.cfg.Now().Sub(begun), err)
	switch {
	case err != nil && changed:
		s.cfg.Log.Error("readings cannot be stored; their senders are told, and are to send them again", "error", err, "readings", readings)
	case changed:
		s.cfg.Log.Info("readings are stored again")
	}
	if err != nil {
		return fmt.Errorf("storing %d readings: %w", readings, err)
	}
	return nil
}
