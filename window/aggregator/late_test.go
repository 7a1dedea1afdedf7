package aggregator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/window/aggregator"
)

// eventually tries until what is wanted is so.
func (s *site) eventually(what string, try func() bool) {
	s.t.Helper()
	for limit := time.Now().Add(20 * time.Second); !try(); {
		if time.Now().After(limit) {
			s.t.Fatalf("it never came to be: %s", what)
		}
	}
}

func (s *site) late(f aggregator.LateFilter, limit int) ([]aggregator.LateReading, bool) {
	s.t.Helper()
	list, more, err := s.service.Late(s.t.Context(), "1m", f, limit)
	if err != nil {
		s.t.Fatal(err)
	}
	return list, more
}

func (s *site) replay(f aggregator.LateFilter) aggregator.Replay {
	s.t.Helper()
	done, err := s.service.Replay(s.t.Context(), "1m", f)
	if err != nil {
		s.t.Fatal(err)
	}
	return done
}

// windowAt is the window of a/t that starts at a time.
func (s *site) windowAt(at time.Time) aggregator.Row {
	s.t.Helper()
	rows, err := s.service.Windows(s.t.Context(), "1m", fleet.Sensor{Device: "a", Tag: "t"}, fleet.NewInterval(at, at.Add(time.Minute)))
	if err != nil || len(rows) > 1 {
		s.t.Fatalf("%+v: %v", rows, err)
	}
	if len(rows) == 0 {
		return aggregator.Row{Rev: -1}
	}
	return rows[0]
}

// A late reading that is replayed counts in the next revision of its window, once,
// whether its hour is named by the checkpoint or all of its files count.
func TestReplay(t *testing.T) {
	for name, base := range map[string]time.Time{"old": day.From, "new": time.Now().UTC().Truncate(time.Hour).Add(-3 * time.Hour)} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			w := s.windows["1m"]
			w.Lateness = time.Minute
			s.windows["1m"] = w
			s.start()
			defer func() { s.service.Stop(t.Context()) }()
			at := func(device string, second int, value float64) fleet.Reading {
				return fleet.Reading{Device: device, Tag: "t", Time: base.Add(time.Duration(second) * time.Second).UnixNano(), Value: value}
			}
			s.send(at("a", 10, 1), at("a", 70, 2), at("b", 10, 1), at("a", 600, 1), at("b", 600, 1))
			s.send(at("a", 12, 7))
			s.send(at("b", 13, 9), at("a", 14, 8))
			s.eventually("three late readings", func() bool { list, _ := s.late(aggregator.LateFilter{}, 10); return len(list) == 3 })
			list, more := s.late(aggregator.LateFilter{Device: "a"}, 1)
			if !more || len(list) != 1 || list[0].Value != 8 || list[0].Cause != "late" {
				t.Errorf("the last is %+v, more %v", list, more)
			}
			for wrong, f := range map[string]aggregator.LateFilter{
				"cause": {Cause: "early"}, "tag": {Tag: "x"}, "from": {From: base.Add(15 * time.Second)}, "to": {To: base.Add(12 * time.Second)}, "device": {Device: "c"},
			} {
				if list, _ := s.late(f, 10); len(list) > 0 {
					t.Errorf("by %s: %+v", wrong, list)
				}
			}
			s.eventually("the first revision is stored", func() bool { return s.windowAt(base).Count == 1 })

			s.eventually("all is stored", func() bool { list, _ := s.late(aggregator.LateFilter{}, 3); return !list[0].Stored.IsZero() })
			files := s.files("late/")
			if done := s.replay(aggregator.LateFilter{Device: "a"}); done != (aggregator.Replay{Readings: 2}) {
				t.Errorf("%+v", done)
			}
			s.eventually("the next revision", func() bool { return s.windowAt(base).Rev == 1 })
			if r := s.windowAt(base); r.Count != 3 || r.Sum != 16 || r.Max != 8 {
				t.Errorf("%+v", r)
			}
			if list, _ := s.late(aggregator.LateFilter{}, 10); len(list) != 1 || list[0].Device != "b" {
				t.Errorf("%+v are left", list)
			}
			// As after a crash between the two steps.
			for key, body := range files {
				if err := s.store.Put(t.Context(), key, strings.NewReader(body)); err != nil {
					t.Fatal(err)
				}
			}
			s.crash()
			s.start()
			s.eventually("a restart", func() bool { list, _ := s.late(aggregator.LateFilter{}, 10); return len(list) == 3 })
			if done := s.replay(aggregator.LateFilter{}); done != (aggregator.Replay{Readings: 3}) {
				t.Errorf("%+v", done)
			}
			s.send(at("a", 700, 1)) // after them
			s.eventually("all is read", func() bool { return s.windowAt(base.Add(11*time.Minute)).Count == 1 })
			s.eventually("it is seen that nothing has changed", func() bool { return !s.windowAt(base).Open })
			if r := s.windowAt(base); r.Rev != 1 || r.Count != 3 {
				t.Errorf("what was replayed twice makes %+v", r)
			}
			if files := s.files("late/"); len(files) > 0 {
				t.Errorf("%v are left", files)
			}
		})
	}
}

// files reads what is below a prefix.
func (s *site) files(prefix string) map[string]string {
	s.t.Helper()
	files := map[string]string{}
	for info, err := range s.store.List(s.t.Context(), prefix) {
		if err != nil {
			s.t.Fatal(err)
		}
		data, err := s.store.Get(s.t.Context(), info.Key, nil)
		if err != nil {
			s.t.Fatal(err)
		}
		files[info.Key] = string(data)
	}
	return files
}

// What is not stored yet is shown, and replayed, all the same.
func TestHeldLate(t *testing.T) {
	s := newSite(t)
	s.flush = time.Hour
	w := s.windows["1m"]
	w.Lateness = time.Minute
	s.windows["1m"] = w
	s.start()
	defer func() { s.service.Stop(t.Context()) }()
	s.send(reading("a", 10, 1), reading("a", 600, 1), reading("a", 12, 7))
	s.eventually("a late reading", func() bool {
		list, _ := s.late(aggregator.LateFilter{Device: "a"}, 10)
		return len(list) == 1 && list[0].Stored.IsZero()
	})
	if list, _ := s.late(aggregator.LateFilter{Device: "b"}, 10); len(list) > 0 {
		t.Errorf("%+v", list)
	}
	if done := s.replay(aggregator.LateFilter{}); done.Readings != 1 {
		t.Errorf("%+v", done)
	}
	s.eventually("it counts", func() bool { return s.windowAt(day.From).Count == 2 })
}

// A reading from the future waits until its time has come.
func TestReplayEarly(t *testing.T) {
	s := newSite(t)
	w := s.windows["1m"]
	w.Early = time.Nanosecond
	s.windows["1m"] = w
	s.start()
	defer func() { s.service.Stop(t.Context()) }()
	at := time.Now().Add(2 * time.Second)
	s.send(fleet.Reading{Device: "a", Tag: "t", Time: at.UnixNano(), Value: 1, HasSeq: true, Seq: 7})
	s.eventually("an early reading", func() bool {
		list, _ := s.late(aggregator.LateFilter{Cause: "early"}, 10)
		return len(list) == 1 && *list[0].Seq == 7
	})
	waited := false
	s.eventually("its time comes", func() bool {
		done := s.replay(aggregator.LateFilter{})
		waited = waited || done.Waiting == 1
		return done.Readings == 1
	})
	if !waited || time.Now().Before(at) {
		t.Error("it was replayed before its time")
	}
	s.eventually("it counts", func() bool { return s.windowAt(at.Truncate(time.Minute)).Count == 1 })
}

// What a worker put aside before a checkpoint that it did not reach does not count.
func TestLateLeftover(t *testing.T) {
	s := newSite(t)
	p := fleet.Partition("a", partitions)
	key := fmt.Sprintf("late/window=1m/p=%03d/000000000001.ndjson", p)
	if err := s.store.Put(t.Context(), key, strings.NewReader(`{"device":"a","tag":"t","ts":"2026-11-23T00:00:00Z","value":1,"cause":"late"}`+"\n")); err != nil {
		t.Fatal(err)
	}
	s.start()
	defer func() { s.service.Stop(t.Context()) }()
	s.send(reading("a", 10, 1))
	s.eventually("a checkpoint", func() bool { return s.service.Status()[p].Checkpoint > 0 })
	if list, _ := s.late(aggregator.LateFilter{}, 10); len(list) > 0 {
		t.Errorf("%+v", list)
	}
}
