package schedule

import (
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/internal/testkit/race"
	"github.com/fleetscore/fleetscore/ledger"
)

// TestYear lets a year pass, and looks at every run.
func TestYear(t *testing.T) {
	race.Alone(t)
	const day = 24 * time.Hour
	cases := map[string]struct {
		spec  Spec
		count int
		// lengths are how many intervals there are of each length but the usual one.
		usual   time.Duration
		lengths map[time.Duration]int
	}{
		"utc hourly":         {Spec{Schedule: "@hourly"}, 8760, time.Hour, nil},
		"every":              {Spec{Schedule: "@every 10m", Zone: "Europe/Berlin", Delay: 90 * time.Second}, 52560, 10 * time.Minute, nil},
		"every 7h":           {Spec{Schedule: "@every 7h"}, 1251, 7 * time.Hour, nil},
		"berlin hourly":      {Spec{Schedule: "@hourly", Zone: "Europe/Berlin"}, 8760, time.Hour, nil},
		"berlin half hours":  {Spec{Schedule: "*/30 * * * *", Zone: "Europe/Berlin", Delay: 2 * time.Minute}, 17520, 30 * time.Minute, nil},
		"berlin daily":       {Spec{Schedule: "@daily", Zone: "Europe/Berlin"}, 365, day, map[time.Duration]int{23 * time.Hour: 1, 25 * time.Hour: 1}},
		"berlin skipped":     {Spec{Schedule: "30 2 * * *", Zone: "Europe/Berlin"}, 365, day, map[time.Duration]int{23 * time.Hour: 1, 25 * time.Hour: 1}},
		"berlin exact":       {Spec{Schedule: "30 2 * * *", Zone: "Europe/Berlin", Interval: time.Hour}, 365, time.Hour, nil},
		"new york twice":     {Spec{Schedule: "30 1 * * *", Zone: "America/New_York"}, 365, day, map[time.Duration]int{23 * time.Hour: 1, 25 * time.Hour: 1}},
		"new york workdays":  {Spec{Schedule: "0 6 * * MON-FRI", Zone: "America/New_York"}, 261, day, map[time.Duration]int{3 * day: 50, 71 * time.Hour: 1, 73 * time.Hour: 1}},
		"lord howe hourly":   {Spec{Schedule: "0 * * * *", Zone: "Australia/Lord_Howe"}, 8760, time.Hour, map[time.Duration]int{90 * time.Minute: 1, 30 * time.Minute: 1}},
		"lord howe daily":    {Spec{Schedule: "@daily", Zone: "Australia/Lord_Howe"}, 365, day, map[time.Duration]int{day + 30*time.Minute: 1, day - 30*time.Minute: 1}},
		"casablanca hourly":  {Spec{Schedule: "15 * * * *", Zone: "Africa/Casablanca"}, 8760, time.Hour, nil},
		"casablanca skipped": {Spec{Schedule: "15 2 * * *", Zone: "Africa/Casablanca"}, 365, day, map[time.Duration]int{23 * time.Hour: 1, 25 * time.Hour: 1}},
		"kathmandu daily":    {Spec{Schedule: "0 6 * * *", Zone: "Asia/Kathmandu", Delay: time.Hour}, 365, day, nil},
		"last day":           {Spec{Schedule: "0 0 L * *", Zone: "Europe/Berlin"}, 12, 31 * day, map[time.Duration]int{28 * day: 1, 31*day - time.Hour: 1, 30 * day: 4, 31*day + time.Hour: 1}},
	}
	specs := map[string]Spec{}
	for name, c := range cases {
		specs[name] = c.spec
	}
	f, told := newFake(specs), map[string]int{}
	synctest.Test(t, func(*testing.T) {
		begin := utc("2026-01-01 00:00:00").Add(30 * time.Second)
		offset := time.Until(begin)
		s := start(f, func() time.Time { return time.Now().Add(offset) }, func(runs []ledger.Run) { told[runs[0].Job] += len(runs) })
		time.Sleep(begin.AddDate(1, 0, 0).Sub(begin)) //nolint:forbidigo // in a bubble, it is the year that passes
		s.Stop()
	})
	for name, c := range cases {
		runs := f.runs[name]
		if len(runs) != c.count || told[name] != c.count {
			t.Errorf("%s: %d runs, of which %d were told; %d should be", name, len(runs), told[name], c.count)
		}
		lengths := map[time.Duration]int{}
		for i, r := range runs {
			if at := r.Interval.To.Add(c.spec.Delay); !r.Created.Equal(at) || r.Priority != 7 || r.Origin != ledger.Scheduled {
				t.Fatalf("%s: %+v should have come at %s", name, r, at)
			}
			if i > 0 && c.spec.Interval == 0 && r.Interval.From != runs[i-1].Interval.To {
				t.Fatalf("%s: %s follows %s", name, r.Interval, runs[i-1].Interval)
			}
			if length := r.Interval.Length(); length != c.usual {
				lengths[length]++
			}
		}
		if !maps.Equal(lengths, c.lengths) {
			t.Errorf("%s: intervals that are not of %s are %v, not %v", name, c.usual, lengths, c.lengths)
		}
	}
}

// TestIdle counts what a scheduler does when there is nothing to do.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(map[string]Spec{"monthly": {Schedule: "@monthly"}, "by hand": {}})
		s := start(f, nil, nil)
		time.Sleep(24 * time.Hour) //nolint:forbidigo // of the bubble
		s.Stop()
		if f.reads > 24*120+1 {
			t.Errorf("jobs are read %d times a day", f.reads)
		}
		if next := s.Next("monthly"); len(next) != 5 || next[0].Interval != fleet.NewInterval(utc("2000-01-01 00:00:00"), utc("2000-02-01 00:00:00")) {
			t.Errorf("next comes %v", next)
		}
		if next := s.Next("by hand"); next != nil {
			t.Errorf("by hand: %v", next)
		}
	})
}
