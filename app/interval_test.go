package app

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/schedule"
	"github.com/fleetscore/fleetscore/web"
)

// TestNextInterval has who names a time at which no interval begins be told the
// next one at which one does.
func TestNextInterval(t *testing.T) {
	for _, c := range []struct {
		spec     schedule.Spec
		at, next string
	}{
		{schedule.Spec{Schedule: "0 * * * *"}, "2026-01-01T13:20:00Z", "2026-01-01T14:00:00Z"},
		{schedule.Spec{Schedule: "0 * * * *", Delay: 90 * time.Minute}, "2026-01-01T13:20:00Z", "2026-01-01T14:00:00Z"},
		{schedule.Spec{Schedule: "30 2 * * *", Interval: time.Hour}, "2026-01-01T13:20:00Z", "2026-01-02T01:30:00Z"},
		{schedule.Spec{Schedule: "@every 10s", Interval: time.Second}, "2026-01-01T13:20:05Z", "2026-01-01T13:20:09Z"},
		{schedule.Spec{Schedule: "0 0 29 2 *"}, "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"},
	} {
		plan, err := schedule.Parse(c.spec)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		_, err = begun("j", plan, at)
		want := "no interval of job j begins at " + c.at + "; the next one begins at " + c.next
		if !errors.Is(err, web.ErrInvalid) || err.Error() != want {
			t.Errorf("%+v: %v, not %s", c.spec, err, want)
			continue
		}
		next, _ := time.Parse(time.RFC3339, c.next)
		if i, err := begun("j", plan, next); err != nil || !i.From.Equal(next) {
			t.Errorf("%+v: the one that is suggested is %s (%v)", c.spec, i, err)
		}
	}
}

// TestUnscheduled has the settings say how long an interval is, where no schedule
// does, and refuses intervals that no job has.
func TestUnscheduled(t *testing.T) {
	with, without := config.DefaultJob(), config.DefaultJob()
	with.Interval = config.Duration(2 * time.Hour)
	hourly := config.DefaultJob()
	hourly.Schedule = "0 * * * *"
	a := &App{}
	if err := a.jobs.set(map[string]config.Job{"with": with, "without": without, "hourly": hourly}); err != nil {
		t.Fatal(err)
	}
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if i, err := (control{a}).interval(t.Context(), "with", &fleet.Interval{From: begin}, begin); err != nil || i != fleet.NewInterval(begin, begin.Add(2*time.Hour)) {
		t.Errorf("%s (%v)", i, err)
	}
	// Whoever asks twice within an interval means the same one.
	for _, after := range []time.Duration{0, time.Minute, time.Hour} {
		i, err := control{a}.interval(t.Context(), "with", nil, begin.Add(after))
		if err != nil || i != fleet.NewInterval(begin.Add(-2*time.Hour), begin) {
			t.Errorf("%s (%v)", i, err)
		}
	}
	_, err := control{a}.interval(t.Context(), "without", &fleet.Interval{From: begin}, begin)
	if !errors.Is(err, web.ErrInvalid) || !strings.HasSuffix(err.Error(), "give both ends, such as 2026-01-01T00:00:00Z/2026-01-01T01:00:00Z") {
		t.Errorf("%v", err)
	}
	for _, job := range []string{"with", "without", "hourly"} {
		for _, from := range []time.Time{begin.Add(500 * time.Millisecond), {}, time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)} {
			if i, err := (control{a}).interval(t.Context(), job, &fleet.Interval{From: from, To: from.Add(time.Hour)}, begin); !errors.Is(err, web.ErrInvalid) {
				t.Errorf("%s: %s is taken (%v)", job, i, err)
			}
		}
	}
}
