package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ingest/decode"
	"github.com/fleetscore/fleetscore/stream"
)

func reading(device string, value float64) fleet.Reading {
	return fleet.Reading{Device: device, Tag: "t", Time: 1_795_438_805_000_000_000, Value: value}
}

// Whoever submits while a commit is under way shares the next, and nobody is told
// before the Append that has theirs is over.
func TestGroupCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &fakeLog{gate: make(chan struct{})}
		s := start(t, Config{Stream: log})
		var done atomic.Int32
		submit := func(n int) {
			for i := range n {
				want := float64(i)
				if err := s.Submit([]fleet.Reading{reading(fmt.Sprint(i%7), want)}, func(err error) {
					if err != nil {
						t.Error(err)
					}
					done.Add(1)
				}); err != nil {
					t.Error(err)
				}
			}
		}
		submit(1)
		synctest.Wait()
		submit(100) // while the first is under way
		synctest.Wait()
		if n := done.Load(); n != 0 {
			t.Errorf("%d were told before any Append was over", n)
		}
		log.gate <- struct{}{}
		synctest.Wait()
		if n := done.Load(); n != 1 {
			t.Errorf("%d were told after the first Append, not 1", n)
		}
		log.gate <- struct{}{}
		synctest.Wait()
		if n := done.Load(); n != 101 || log.appends != 2 || log.count() != 101 {
			t.Errorf("%d were told after %d Appends of %d readings, not 101 after 2", n, log.appends, log.count())
		}
		if stats := s.Stats(); stats.Accepted != 101 || stats.Commits != 2 || stats.Waiting != 0 || stats.Messages == 0 || stats.Bytes == 0 {
			t.Errorf("%+v", stats)
		}
	})
}

// In any interleaving, what was acknowledged is there, in the order of each sender,
// and what an Append failed for was not acknowledged.
func TestAcknowledged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &fakeLog{every: 3}
		s := start(t, Config{Stream: log, Waiting: 50_000})
		type outcome struct {
			device string
			n      int
			err    error
		}
		const senders, each = 20, 200
		outcomes := make(chan outcome, senders*each)
		for i := range senders {
			go func() {
				device := fmt.Sprint("device-", i)
				var told sync.WaitGroup
				for n := range each {
					rs := make([]fleet.Reading, 1+rand.IntN(5))
					for j := range rs {
						rs[j] = reading(device, float64(n))
					}
					told.Add(1)
					if err := s.SubmitWait(t.Context(), rs, func(err error) {
						outcomes <- outcome{device, n, err}
						told.Done()
					}); err != nil {
						t.Error(err)
					}
					if rand.IntN(10) == 0 {
						told.Wait()
					}
				}
			}()
		}
		synctest.Wait()
		stored := map[string]bool{}
		last := map[string]float64{}
		for _, r := range log.readings {
			stored[fmt.Sprint(r.Device, " ", r.Value)] = true
			if r.Value < last[r.Device] {
				t.Fatalf("%s of %s came after %v", fmt.Sprint(r.Value), r.Device, last[r.Device])
			}
			last[r.Device] = r.Value
		}
		if len(outcomes) != senders*each {
			t.Fatalf("%d were told, not %d", len(outcomes), senders*each)
		}
		failed := 0
		for range senders * each {
			o := <-outcomes
			if o.err != nil {
				failed++
			}
			if there := stored[fmt.Sprint(o.device, " ", o.n)]; there != (o.err == nil) {
				t.Fatalf("%d of %s: stored %v, but told %v", o.n, o.device, there, o.err)
			}
		}
		if failed == 0 || failed == senders*each {
			t.Errorf("%d failed of %d, which tests little", failed, senders*each)
		}
	})
}

func TestBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &fakeLog{gate: make(chan struct{})}
		s := start(t, Config{Stream: log, Waiting: 10, Decode: decode.Limits{Readings: 10}})
		nop := func(error) {}
		if err := s.Submit(make([]fleet.Reading, 8), nop); err != nil {
			t.Fatal(err)
		}
		if err := s.Submit(make([]fleet.Reading, 3), nop); !errors.Is(err, ErrBusy) {
			t.Errorf("8 and 3 of 10: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.SubmitWait(ctx, make([]fleet.Reading, 3), nop); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting for room: %v", err)
		}
		if err := s.SubmitWait(ctx, make([]fleet.Reading, 11), nop); err == nil {
			t.Error("took more than may ever wait")
		}
		waited := make(chan error, 1)
		go func() { waited <- s.SubmitWait(t.Context(), make([]fleet.Reading, 3), nop) }()
		synctest.Wait()
		if err := s.Submit(make([]fleet.Reading, 1), nop); !errors.Is(err, ErrBusy) {
			t.Errorf("overtook who waits: %v", err)
		}
		log.gate <- struct{}{}
		if err := <-waited; err != nil {
			t.Error(err)
		}
		close(log.gate)
	})
}

// Stop commits what was submitted, and later submissions are refused.
func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &fakeLog{gate: make(chan struct{})}
		s := start(t, Config{Stream: log})
		var told atomic.Int32
		done := func(err error) {
			if err == nil {
				told.Add(1)
			}
		}
		for range 3 {
			if err := s.Submit([]fleet.Reading{reading("a", 1)}, done); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		stopped := make(chan struct{})
		go func() { s.Stop(); close(stopped) }()
		synctest.Wait()
		close(log.gate)
		<-stopped
		if told.Load() != 3 || log.count() != 3 {
			t.Errorf("%d told, %d stored", told.Load(), log.count())
		}
		if err := s.Submit([]fleet.Reading{reading("a", 1)}, done); !errors.Is(err, ErrStopped) {
			t.Errorf("submitted after Stop: %v", err)
		}
		s.Stop()
		if err := s.Start(t.Context()); err == nil {
			t.Error("was started twice")
		}
	})
}

// A stream that hangs does not hang those who wait, nor Stop.
func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text bytes.Buffer
		log := &fakeLog{gate: make(chan struct{}, 1)}
		s := start(t, Config{Stream: log, Timeout: time.Second, Log: slog.New(slog.NewTextHandler(&text, nil))})
		told := make(chan error, 1)
		send := func() error {
			if err := s.Submit([]fleet.Reading{reading("a", 1)}, func(err error) { told <- err }); err != nil {
				t.Fatal(err)
			}
			return <-told
		}
		for range 2 {
			if err := send(); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("told %v", err)
			}
		}
		log.gate <- struct{}{}
		if err := send(); err != nil {
			t.Error(err)
		}
		if got := text.String(); strings.Count(got, "cannot be stored") != 1 || strings.Count(got, "stored again") != 1 {
			t.Errorf("the log says it not once:\n%s", got)
		}
		if stats := s.Stats(); stats.Failed != 2 || stats.Failures != 2 || stats.Accepted != 1 || stats.Appending != 2*time.Second {
			t.Errorf("%+v", stats)
		}
	})
}

// However long names are, no message and no Append is too large.
func TestLargeMessages(t *testing.T) {
	log := &fakeLog{}
	s := start(t, Config{Stream: log})
	var rs []fleet.Reading
	for i := range 20_000 {
		rs = append(rs, fleet.Reading{
			Device: strings.Repeat("d", 250), Tag: fmt.Sprintf("%0250d", i),
			Time: rand.Int64(), Value: rand.Float64(), Seq: rand.Uint64(), HasSeq: true,
		})
	}
	told := make(chan error)
	if err := s.Submit(rs, func(err error) { told <- err }); err != nil {
		t.Fatal(err)
	}
	if err := <-told; err != nil || log.count() != len(rs) {
		t.Fatalf("%v, %d readings", err, log.count())
	}
	for i, m := range log.messages {
		if len(m.Body) > stream.MaxBody || i < len(log.messages)-1 && len(m.Body) < stream.MaxBody/2 {
			t.Errorf("message %d has %d bytes", i, len(m.Body))
		}
	}
	for i := range rs {
		if log.readings[i] != rs[i] {
			t.Fatalf("reading %d is %+v, not %+v", i, log.readings[i], rs[i])
		}
	}
}

func TestValidate(t *testing.T) {
	log := &fakeLog{}
	for want, cfg := range map[string]Config{
		"ingest needs a stream":                {},
		"partitions: -1 are too few":           {Stream: log, Partitions: -1},
		"waiting: 10 readings are less than":   {Stream: log, Waiting: 10},
		"timeout: -1ns":                        {Stream: log, Timeout: -1},
		"bodies: 5 bytes are less than the 10": {Stream: log, Body: 10, Bodies: 5},
		"rate: -1 a second":                    {Stream: log, Rate: -1},
	} {
		if _, err := New(cfg); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, not %s", err, want)
		}
	}
}

func TestRate(t *testing.T) {
	l := newLimiter(2, 10)
	now := time.Unix(1_795_438_805, 0)
	allowed := 0
	for range 100 {
		if l.allow("a", now) {
			allowed++
		}
	}
	if allowed != 10 {
		t.Errorf("%d at once, not the burst of 10", allowed)
	}
	now = now.Add(3 * time.Second)
	for allowed = 0; l.allow("a", now); allowed++ {
	}
	if allowed != 6 || !l.allow("b", now) {
		t.Errorf("%d after 3 s at 2/s, not 6, or another device pays for it", allowed)
	}
	if wait := l.owe("c", 14, now); wait != 2*time.Second {
		t.Errorf("14 with a burst of 10 at 2/s wait %s, not 2 s", wait)
	}
	for i := range 3 * maxRated {
		l.allow(fmt.Sprint(i), now)
	}
	if len(l.fresh)+len(l.old) > 2*maxRated {
		t.Errorf("it remembers %d devices", len(l.fresh)+len(l.old))
	}
	if l = newLimiter(0, 0); !l.allow("a", now) || l.owe("a", 5, now) != 0 {
		t.Error("no limit limits")
	}
}

func TestSamples(t *testing.T) {
	now := time.Unix(1_795_438_805, 0)
	s, err := New(Config{Stream: &fakeLog{}, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		s.Reject("mqtt", decode.BadValue, 2, fmt.Sprint("sample ", i, strings.Repeat("ä", 500)))
		s.Reject("mqtt", decode.BadValue, 1, "too soon")
		now = now.Add(betweenSame)
	}
	s.Reject("http", Busy, 1, "")
	got := s.Stats().Rejected
	if len(got) != 2 || got[0].Source != "http" || got[1].Count != 30 || len(got[1].Samples) != maxSamples {
		t.Fatalf("%+v", got)
	}
	for i, sample := range got[1].Samples {
		if !strings.HasPrefix(sample.Detail, fmt.Sprint("sample ", 10-maxSamples+i)) || len(sample.Detail) > maxDetail {
			t.Errorf("sample %d is %q", i, sample.Detail)
		}
	}
}
