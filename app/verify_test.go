package app

import (
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/config"
)

// TestDue tells intervals that can be scored by themselves from those of which a
// gap has only a part.
func TestDue(t *testing.T) {
	at := func(text string) time.Time {
		when, err := time.Parse("15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		return when.AddDate(2026, 0, 0)
	}
	job := func(schedule string, interval time.Duration) config.Job {
		j := config.DefaultJob()
		j.Schedule, j.Interval = schedule, config.Duration(interval)
		return j
	}
	var all jobs
	if err := all.set(map[string]config.Job{"hourly": job("0 * * * *", 0), "daily": job("0 0 * * *", 0), "part": job("0 * * * *", 10*time.Minute), "hand": job("", time.Hour), "often": job("@every 1s", 0)}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		job, from, to string
		parts, whole  int
		known         bool
	}{
		{"hourly", "10:00", "12:00", 2, 2, true},
		{"hourly", "10:30", "12:30", 3, 1, true},
		{"hourly", "10:30", "11:30", 2, 0, true},
		{"hourly", "10:20", "10:40", 1, 0, true},
		{"daily", "10:00", "12:00", 1, 0, true},
		{"part", "10:00", "10:50", 0, 0, true},
		{"part", "10:55", "11:50", 1, 0, true},
		{"part", "10:00", "11:50", 1, 1, true},
		{"hand", "10:00", "12:00", 0, 0, true},
		{"gone", "10:00", "12:00", 0, 0, false},
	} {
		if parts, whole, known := all.due(c.job, at(c.from), at(c.to)); parts != c.parts || whole != c.whole || known != c.known {
			t.Errorf("%+v: %d, %d, %t", c, parts, whole, known)
		}
	}
	if _, _, known := all.due("often", at("00:00"), at("00:00").AddDate(0, 1, 0)); known {
		t.Error("very many are counted")
	}
}
