package aggregator

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/stream"
	"github.com/fleetscore/fleetscore/window"
)

// Replay is what was replayed.
type Replay struct {
	Readings int
	Waiting  int // that are early still
}

// What goes into the stream at once, which is within what it takes whatever their
// names are.
const (
	replayBody  = 500 // readings of a message
	replayGroup = 8   // messages
)

// Replay puts late readings into the stream once more, so that they count in their
// windows, which come out again; early ones if their time has come. Readings are not
// kept aside any more when they are durable in the stream. Who stops in between has
// them in both, and then in the stream twice, where an engine finds the duplicates,
// but for those without identity. All windows read the stream: others that have
// counted a reading find a duplicate, too.
func (s *Service) Replay(ctx context.Context, name string, f LateFilter) (done Replay, err error) {
	select {
	case s.replaying <- struct{}{}: // two would take the same files
		defer func() { <-s.replaying }()
	case <-ctx.Done():
		return done, ctx.Err()
	}
	if err := s.cfg.SameStore(); err != nil {
		return done, err
	}
	if err := s.storeLate(ctx, name, f.Device); err != nil {
		return done, err
	}
	files, err := s.lateFiles(ctx, name, f.Device)
	if err != nil {
		return done, err
	}
	for i := range files {
		if err := s.replayFile(ctx, &files[i], &f, &done); err != nil {
			return done, err
		}
	}
	return done, nil
}

// replayFile replays what is meant of a file, and leaves the rest in it.
func (s *Service) replayFile(ctx context.Context, file *lateFile, f *LateFilter, done *Replay) error {
	late, err := s.readLate(ctx, file)
	if err != nil {
		return err
	}
	now := s.cfg.Now()
	var again []fleet.Reading
	var rest []LateReading
	for i := range late {
		l := &late[i]
		switch {
		case !f.match(l):
			rest = append(rest, *l)
		case l.Cause == window.Early.String() && l.Time.After(now):
			done.Waiting++
			rest = append(rest, *l)
		default:
			again = append(again, l.replayed())
		}
	}
	if len(again) == 0 {
		return nil
	}
	if err := s.appendReplayed(ctx, file.partition, again); err != nil {
		return fmt.Errorf("putting late readings into the stream: %w", err)
	}
	done.Readings += len(again)
	// The readings are durable: whether somebody waits for the answer has no effect.
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer stop()
	if len(rest) == 0 {
		err = s.cfg.Store.Delete(ctx, file.Key)
	} else {
		err = s.cfg.Store.Put(ctx, file.Key, bytes.NewReader(encodeLate(rest)))
	}
	if err != nil {
		return fmt.Errorf("taking what was replayed out of the late readings: %w", err)
	}
	return nil
}

// appendReplayed appends readings of a partition.
func (s *Service) appendReplayed(ctx context.Context, partition int, again []fleet.Reading) error {
	var encoder stream.Encoder
	for len(again) > 0 {
		var messages []stream.Message
		for range replayGroup {
			n := min(len(again), replayBody)
			if n == 0 {
				break
			}
			messages = append(messages, stream.Message{Partition: partition, Body: encoder.Append(nil, again[:n])})
			again = again[n:]
		}
		if err := s.cfg.Log.Append(ctx, messages); err != nil {
			return err
		}
	}
	return nil
}
