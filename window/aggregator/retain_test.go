package aggregator_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/window/aggregator"
)

// sweep sweeps as if all that there is were older than the grace, or not.
func (s *site) sweep(old bool, retention time.Duration) int {
	s.t.Helper()
	before := time.Now().Add(-time.Hour)
	if old {
		before = time.Now().Add(time.Hour)
	}
	n, err := s.service.Sweep(s.t.Context(), before, retention)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// at is a reading of device a.
func at(t time.Time, value float64) fleet.Reading {
	return fleet.Reading{Device: "a", Tag: "t", Time: t.UnixNano(), Value: value}
}

// flushed waits until a window is stored as it is to be.
func (s *site) flushed(start time.Time, rev int32, count int64) {
	s.t.Helper()
	p := fleet.Partition("a", partitions)
	s.eventually(fmt.Sprintf("window %s, revision %d of %d readings, is stored", start, rev, count), func() bool {
		r := s.windowAt(start)
		return r.Rev == rev && r.Count == count && !r.Open && s.service.Status()[p].Held == 0
	})
}

// Files that no checkpoint names go, and none that one does, or that is not ours.
func TestOrphans(t *testing.T) {
	s := newSite(t)
	s.start()
	defer func() { s.service.Stop(t.Context()) }()
	hour := time.Now().UTC().Truncate(time.Hour).Add(-5 * time.Hour)
	folder := fmt.Sprintf("windows/window=1m/date=%s/hour=%s/", hour.Format("2006-01-02"), hour.Format("15"))
	p := fleet.Partition("a", partitions)
	orphan := fmt.Sprintf("%sp=%03d-000000000001-aaaaa.parquet", folder, p)
	unknown := fmt.Sprintf("%sp=%03d-000000000001-aaaaa.parquet", folder, (p+1)%partitions) // its partition has no checkpoint
	others := []string{unknown, folder + "mine.parquet", fmt.Sprintf("%sp=%03d.parquet", folder, p), strings.Replace(orphan, "1m", "2m", 1)}
	for _, key := range append(others, orphan) {
		if err := s.store.Put(t.Context(), key, strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
	}
	s.send(at(hour.Add(time.Second), 1), at(hour.Add(61*time.Second), 1))
	s.flushed(hour, 0, 1)
	s.flushed(hour.Add(time.Minute), 0, 1)
	if n := s.sweep(false, 0); n != 0 {
		t.Errorf("%d were deleted within the grace", n)
	}
	s.inUse = []fleet.Interval{fleet.NewInterval(hour.Add(-time.Minute), hour.Add(time.Minute))}
	if n := s.sweep(true, 0); n != 0 {
		t.Errorf("%d were deleted that a run may read", n)
	}
	s.inUse = nil
	before := s.files("windows/")
	if n := s.sweep(true, 0); n != 1 {
		t.Errorf("%d were deleted, not 1", n)
	}
	delete(before, orphan)
	if after := s.files("windows/"); !maps.Equal(before, after) {
		t.Errorf("left are %v, not %v", slices.Collect(maps.Keys(after)), slices.Collect(maps.Keys(before)))
	}
	s.flushed(hour, 0, 1)
	// Those that are superseded have a time of their own.
	s.send(at(hour.Add(2*time.Second), 1))
	s.flushed(hour, 1, 2)
	if n := s.sweep(true, 0); n != 0 {
		t.Errorf("%d were deleted that were superseded just now", n)
	}
}

// Windows past their retention go, those that a checkpoint names too; and what still
// comes for them does no harm.
func TestRetention(t *testing.T) {
	s := newSite(t)
	s.start()
	defer func() { s.service.Stop(t.Context()) }()
	now := time.Now().UTC().Truncate(time.Hour)
	old, recent := now.Add(-120*time.Hour), now.Add(-40*time.Hour)
	s.send(at(old, 1), at(old.Add(70*time.Second), 1)) // of an hour of which all files count
	s.flushed(old, 0, 1)
	s.flushed(old.Add(time.Minute), 0, 1)
	s.send(at(old.Add(time.Second), 2)) // of one that a checkpoint names
	s.flushed(old, 1, 2)
	s.send(at(recent, 1), at(recent.Add(70*time.Second), 1))
	s.flushed(recent, 0, 1)
	s.send(at(old.Add(2*time.Second), 3)) // which is late
	s.eventually("a late reading", func() bool { list, _ := s.late(aggregator.LateFilter{}, 1); return len(list) == 1 })

	s.inUse = []fleet.Interval{fleet.NewInterval(old, old.Add(time.Minute))}
	if n := s.sweep(true, 72*time.Hour); n != 0 {
		t.Errorf("%d were deleted that a run may read", n)
	}
	s.inUse = nil
	if n := s.sweep(false, 72*time.Hour) + s.sweep(true, 0) + s.sweep(true, 200*time.Hour); n != 0 {
		t.Errorf("%d were deleted before their time", n)
	}
	if n := s.sweep(true, time.Hour); n == 0 {
		t.Error("nothing was deleted")
	}
	if r := s.windowAt(old); r.Rev != -1 {
		t.Errorf("there is still %+v", r)
	}
	s.flushed(recent, 0, 1)
	for key := range s.files("windows/") {
		if strings.Contains(key, old.Format("date=2006-01-02")) {
			t.Errorf("%s is left", key)
		}
	}
	if list, _ := s.late(aggregator.LateFilter{}, 1); len(list) != 1 {
		t.Error("the late reading is gone before its time")
	}
	// What is replayed makes a window anew, after a restart too.
	s.replay(aggregator.LateFilter{})
	s.flushed(old, 0, 1)
	s.crash()
	s.start()
	again := at(old.Add(3*time.Second), 1)
	again.Replayed = true
	s.send(again)
	s.flushed(old, 1, 2)
}
