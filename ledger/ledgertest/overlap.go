package ledgertest

import (
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// overlapping: hours 1 and 3 are committed, 5 is under way, 7 came to nothing.
func overlapping(t *testing.T, database Database) {
	ctx := t.Context()
	l := withJobs(t, database, "a")
	for hour, state := range map[int]ledger.RunState{1: ledger.Succeeded, 3: ledger.Failed, 5: ledger.Running, 7: ledger.Canceled} {
		r := run("a", hour, ledger.Manual)
		if r.State = state; hour < 5 {
			r.Rev = 1
		}
		ok(t, l.AddRun(ctx, r))
	}
	at := func(hour int, from, to time.Duration) fleet.Interval {
		start := run("a", hour, ledger.Manual).Interval.From
		return fleet.NewInterval(start.Add(from), start.Add(to))
	}
	for _, test := range []struct {
		name     string
		interval fleet.Interval
		hour     int // of the run that is found; 0: none
		active   bool
	}{
		{"the same", at(1, 0, time.Hour), 0, true},
		{"beside", at(2, 0, time.Hour), 0, true},
		{"a second of it", at(2, -time.Second, time.Hour), 1, true},
		{"within it", at(3, time.Minute, 2*time.Minute), 3, true},
		{"around it", at(3, -time.Minute, 2*time.Hour), 3, true},
		{"of the same start", at(3, 0, time.Minute), 3, true},
		{"of the same end", at(3, time.Minute, time.Hour), 3, true},
		{"around two", at(1, -time.Minute, 4*time.Hour), 3, true},
		{"under way", at(5, time.Minute, time.Hour), 5, true},
		{"under way, which does not matter", at(5, time.Minute, time.Hour), 0, false},
		{"canceled", at(7, time.Minute, time.Hour), 0, true},
	} {
		found, err := l.Overlapping(ctx, "a", test.interval, test.active)
		if test.hour == 0 {
			wantError(t, err, ledger.ErrNotFound)
			continue
		}
		if err != nil || found.Interval != run("a", test.hour, ledger.Manual).Interval {
			t.Errorf("%s: found %s, %v; want that of hour %d", test.name, found.Interval, err, test.hour)
		}
	}
	_, err := l.Overlapping(ctx, "b", at(1, time.Minute, time.Hour), true)
	wantError(t, err, ledger.ErrNotFound)
}
