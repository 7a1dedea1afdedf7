package ingest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/stream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errDisk = errors.New("the disk is gone")

// fakeLog keeps readings in memory.
type fakeLog struct {
	gate    chan struct{} // if set, each Append waits for one
	entered chan struct{} // if set, each Append says that it has begun

	every int // if set, one Append in so many fails

	mu       sync.Mutex
	fail     error
	appends  int
	messages []stream.Message
	readings []fleet.Reading // durable, in their order
}

func (l *fakeLog) Append(ctx context.Context, messages []stream.Message) error {
	if l.entered != nil {
		l.entered <- struct{}{}
	}
	if l.gate != nil {
		select {
		case <-l.gate:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.appends++
	if l.fail != nil {
		return l.fail
	}
	if l.every > 0 && l.appends%l.every == 0 {
		return errDisk
	}
	var d stream.Decoder
	size := 0
	for _, m := range messages {
		if size += len(m.Body) + stream.MessageSize; size > stream.MaxAppend || len(m.Body) > stream.MaxBody {
			return stream.ErrTooLarge
		}
		var err error
		begin := len(l.readings)
		if l.readings, err = d.Decode(m.Body, l.readings); err != nil {
			return err
		}
		for _, r := range l.readings[begin:] {
			if p := fleet.Partition(r.Device, fleet.DefaultPartitions); p != m.Partition {
				return errors.New("a reading is in the wrong partition")
			}
		}
		l.messages = append(l.messages, stream.Message{Partition: m.Partition, Body: append([]byte(nil), m.Body...)})
	}
	return nil
}

func (l *fakeLog) setFail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fail = err
}

func (l *fakeLog) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.readings)
}

// start starts a service, and stops it when the test ends.
func start(t testing.TB, cfg Config) *Service {
	t.Helper()
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}
