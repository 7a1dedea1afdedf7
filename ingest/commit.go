package ingest

import (
	"context"
	"fmt"

	"github.com/fleetscore/fleetscore/stream"
)

// commit commits what waits. running says whether more may come.
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
	begun := s.cfg.Now()
	err := s.appendAll(ctx, messages)
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

// appendAll appends messages: at once, unless they are more than one Append may have,
// which takes very long names or values of many digits.
func (s *Service) appendAll(ctx context.Context, messages []stream.Message) error {
	for len(messages) > 0 {
		n, size := 0, 0
		for n < len(messages) {
			size += len(messages[n].Body) + stream.MessageSize
			if n > 0 && size > stream.MaxAppend {
				break
			}
			n++
		}
		within, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
		err := s.cfg.Stream.Append(within, messages[:n])
		cancel()
		if err != nil {
			return err
		}
		messages = messages[n:]
	}
	return nil
}
