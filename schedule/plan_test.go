package schedule

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func mustParse(t testing.TB, s Spec) *Plan {
	t.Helper()
	p, err := Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func utc(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05", s)
	if err != nil {
		panic(err)
	}
	return t
}

// nominals are the nominal times in (from, to].
func nominals(p *Plan, from, to time.Time) []time.Time {
	var all []time.Time
	for at := p.table.next(from); !at.IsZero() && !at.After(to); at = p.table.next(at) {
		all = append(all, at)
	}
	return all
}

// TestClockChanges has the local times of all fires of a day on which clocks are
// changed, and how long after the one before each comes.
func TestClockChanges(t *testing.T) {
	for _, c := range []struct {
		schedule, zone, day string
		want                string
	}{
		// An hour is skipped: 02:00 is 03:00.
		{"30 2 * * *", "Europe/Berlin", "2026-03-29", "03:30+02 24h"},
		{"0 2 * * *", "Europe/Berlin", "2026-03-29", "03:00+02 24h"},
		{"0 3 * * *", "Europe/Berlin", "2026-03-29", "03:00+02 23h"},
		{"0 2,3 * * *", "Europe/Berlin", "2026-03-29", "03:00+02 23h"},
		{"*/20 2 * * *", "Europe/Berlin", "2026-03-29", "03:00+02 23h20m, 03:20+02 20m, 03:40+02 20m"},
		{"30 */8 * * *", "Europe/Berlin", "2026-03-29", "00:30+01 8h, 08:30+02 7h, 16:30+02 8h"},
		{"0 */2 * * *", "America/New_York", "2026-03-08", "00:00-05 2h, 03:00-04 2h, 04:00-04 1h, 06:00-04 2h, 08:00-04 2h, 10:00-04 2h, " +
			"12:00-04 2h, 14:00-04 2h, 16:00-04 2h, 18:00-04 2h, 20:00-04 2h, 22:00-04 2h"},
		{"@daily", "America/Santiago", "2026-09-06", "01:00-03 24h"}, // midnight is skipped
		{"@daily", "Africa/Cairo", "2026-04-24", "01:00+03 24h"},
		{"0 12 30 12 *", "Pacific/Apia", "2011-12-31", "12:00+14 8760h"}, // the 30th is skipped
		// An hour comes twice: 03:00 is 02:00.
		{"30 2 * * *", "Europe/Berlin", "2026-10-25", "02:30+02 24h"},
		{"0 3 * * *", "Europe/Berlin", "2026-10-25", "03:00+01 25h"},
		{"0 2,3 * * *", "Europe/Berlin", "2026-10-25", "02:00+02 23h, 03:00+01 2h"},
		{"*/30 1-3 * * *", "America/New_York", "2026-11-01", "01:00-04 21h30m, 01:30-04 30m, 01:00-05 30m, 01:30-05 30m, 02:00-05 30m, 02:30-05 30m, 03:00-05 30m, 03:30-05 30m"},
		{"0,30 1-3 * * *", "America/New_York", "2026-11-01", "01:00-04 21h30m, 01:30-04 30m, 02:00-05 1h30m, 02:30-05 30m, 03:00-05 30m, 03:30-05 30m"},
		{"@daily", "America/Havana", "2026-11-01", "00:00-04 24h"}, // midnight comes twice
		// Half an hour.
		{"15 2 * * *", "Australia/Lord_Howe", "2026-10-04", "02:45+11 24h"},
		{"15 2 * * *", "Australia/Lord_Howe", "2026-04-05", "02:15+1030 24h30m"},
		{"45 1 * * *", "Australia/Lord_Howe", "2026-04-05", "01:45+11 24h"},
		// Ramadan.
		{"30 2 * * *", "Africa/Casablanca", "2026-02-15", "02:30+01 24h"},
		{"30 2 * * *", "Africa/Casablanca", "2026-03-22", "03:30+01 24h"},
	} {
		p := mustParse(t, Spec{Schedule: c.schedule, Zone: c.zone})
		zone, start, end := localDay(t, c.zone, c.day)
		var got []string
		for _, at := range nominals(p, start.Add(-time.Second), end.Add(-time.Second)) {
			length := strings.TrimSuffix(strings.TrimSuffix(p.fire(time.Time{}, at).Interval.Length().String(), "0s"), "h0m")
			if !strings.HasSuffix(length, "m") && !strings.HasSuffix(length, "h") {
				length += "h"
			}
			got = append(got, at.In(zone).Format("15:04-07")+minutes(at.In(zone))+" "+length)
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s in %s on %s:\n got %s\nwant %s", c.schedule, c.zone, c.day, s, c.want)
		}
	}
}

// localDay is a day of a zone, [start, end).
func localDay(t *testing.T, name, date string) (zone *time.Location, start, end time.Time) {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		t.Fatal(err)
	}
	y, m, d := day.Date()
	return zone, time.Date(y, m, d, 0, 0, 0, 0, zone), time.Date(y, m, d+1, 0, 0, 0, 0, zone)
}

func minutes(t time.Time) string {
	if _, offset := t.Zone(); offset%3600 != 0 {
		return fmt.Sprintf("%02d", offset%3600/60)
	}
	return ""
}

// TestHourly counts an hourly schedule's fires on days of 23, 24, 24½ and 25 hours.
func TestHourly(t *testing.T) {
	for _, c := range []struct {
		zone, day string
		minute    int
		want      int
	}{
		{"Europe/Berlin", "2026-03-29", 0, 23},
		{"Europe/Berlin", "2026-03-29", 30, 23},
		{"Europe/Berlin", "2026-10-25", 30, 25},
		{"Asia/Kathmandu", "2026-10-25", 30, 24},
		{"Australia/Lord_Howe", "2026-10-04", 0, 24},  // 02:00, which is skipped, an hour after 01:00
		{"Australia/Lord_Howe", "2026-10-04", 45, 24}, // 02:45
		{"Australia/Lord_Howe", "2026-04-05", 0, 24},
		{"Australia/Lord_Howe", "2026-04-05", 45, 25}, // 01:45 twice
	} {
		_, start, end := localDay(t, c.zone, c.day)
		for _, hours := range []string{"*", "0-23"} {
			p := mustParse(t, Spec{Schedule: fmt.Sprintf("%d %s * * *", c.minute, hours), Zone: c.zone})
			if got := nominals(p, start.Add(-time.Second), end.Add(-time.Second)); len(got) != c.want {
				t.Errorf("%d %s in %s on %s: %d fires, not %d: %v", c.minute, hours, c.zone, c.day, len(got), c.want, got)
			}
		}
	}
}

// TestLastDayOfALeapYear has the one day for which time.ZoneBounds is wrong.
func TestLastDayOfALeapYear(t *testing.T) {
	p := mustParse(t, Spec{Schedule: "0 12 * * *", Zone: "Europe/Berlin"})
	at := p.Next(utc("2040-12-30 12:00:00"))
	for _, want := range []string{"2040-12-31 11:00:00", "2041-01-01 11:00:00"} {
		if !at.Nominal.Equal(utc(want)) {
			t.Fatalf("%s, not %s", at.Nominal, want)
		}
		at = p.Next(at.At)
	}
}
