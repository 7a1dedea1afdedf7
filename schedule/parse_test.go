package schedule

import (
	"strings"
	"testing"
	"time"
)

func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		spec Spec
		want []string
	}{
		{Spec{}, []string{"it is empty", "0 * * * *"}},
		{Spec{Schedule: "* * * *"}, []string{"4 fields", "cron has 5"}},
		{Spec{Schedule: "* * * * * * 2026"}, []string{"7 fields"}},
		{Spec{Schedule: "61 25 * * *"}, []string{`minute "61": a minute is 0 to 59`, `hour "25": a hour is 0 to 23`}},
		{Spec{Schedule: "0 0 0 * *"}, []string{`day of the month "0"`, "1 to 31"}},
		{Spec{Schedule: "0 0 * FOO *"}, []string{`month "FOO"`, "JAN"}},
		{Spec{Schedule: "0 0 * * 8"}, []string{`day of the week "8"`, "0 to 7"}},
		{Spec{Schedule: ", * * * *"}, []string{`minute ","`}},
		{Spec{Schedule: "1,,2 * * * *"}, []string{`minute "1,,2"`}},
		{Spec{Schedule: "99-5 * * * *"}, []string{`minute "99-5"`}},
		{Spec{Schedule: "*-5 * * * *"}, []string{`minute "*-5"`}},
		{Spec{Schedule: "*/0 * * * *"}, []string{`minute "*/0"`}},
		{Spec{Schedule: "H * * * *"}, []string{`minute "H"`}},
		{Spec{Schedule: "0 0 * * FRI-MON/2"}, []string{"a range that does not pass Sunday"}},
		{Spec{Schedule: "0 0 * * 1/2"}, []string{"a range that does not pass Sunday"}},
		{Spec{Schedule: "0 0 30 2 *"}, []string{"never comes", "month 2 has no day 30"}},
		{Spec{Schedule: "0 0 31 FEB,4,6,9,11 *"}, []string{"never comes"}},
		{Spec{Schedule: "0 0 L-30 2 *"}, []string{"never comes"}},
		{Spec{Schedule: "TZ=Europe/Berlin 0 0 * * *"}, []string{"a setting of its own"}},
		{Spec{Schedule: "@reboot"}, []string{"@hourly, @daily"}},
		{Spec{Schedule: "@every 10"}, []string{`"10" after @every`, "10s"}},
		{Spec{Schedule: "@every 1500ms"}, []string{"whole number of seconds"}},
		{Spec{Schedule: "@every -10s"}, []string{"from 1s"}},
		{Spec{Schedule: "@every"}, []string{"@every"}},
		{Spec{Schedule: strings.Repeat("0,", 200) + "0 * * * *"}, []string{"409 bytes"}},
		{Spec{Schedule: "@hourly", Zone: "Mars/Olympus"}, []string{`zone "Mars/Olympus"`, "Europe/Berlin"}},
		{Spec{Schedule: "@hourly", Zone: "Local"}, []string{`zone "Local"`}},
		{Spec{Schedule: "@hourly", Zone: "../../etc/passwd"}, []string{"zone"}},
		{Spec{Schedule: "@every 10s", Interval: 11 * time.Second}, []string{"interval 11s", "overlap"}},
		{Spec{Schedule: "0 8,17 * * *", Interval: 12 * time.Hour}, []string{"interval 12h", "9h"}},
		{Spec{Schedule: "@daily", Zone: "Europe/Berlin", Interval: 24 * time.Hour}, []string{"interval 24h", "23h", "2024-03-"}},
		{Spec{Schedule: "@hourly", Interval: -time.Hour}, []string{"interval -1h"}},
		{Spec{Schedule: "@hourly", Interval: 1500 * time.Millisecond}, []string{"interval 1.5s", "whole number of seconds"}},
		{Spec{Schedule: "@hourly", Delay: -1}, []string{"delay -1ns"}},
		{Spec{Schedule: "@hourly", CatchUp: "some"}, []string{`catch-up "some"`, "all, latest, none"}},
		{Spec{Schedule: "x", Zone: "y", Interval: -1, Delay: -1, CatchUp: "z"}, []string{"schedule", "zone", "interval", "delay", "catch-up"}},
	} {
		_, err := Parse(c.spec)
		if err == nil {
			t.Errorf("%+v: no error", c.spec)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%+v: %q\ndoes not say %q", c.spec, err, want)
			}
		}
	}
}

// TestFirstFires has what a schedule fires first in a year, in UTC.
func TestFirstFires(t *testing.T) {
	for schedule, want := range map[string]string{
		"*/15 * * * *":    "2025-12-31 00:00:00, 2025-12-31 00:15:00, 2025-12-31 00:30:00",
		"30 */5 * * * *":  "2025-12-31 00:00:30, 2025-12-31 00:05:30, 2025-12-31 00:10:30",
		"  5 4 * * sun ":  "2026-01-04 04:05:00, 2026-01-11 04:05:00, 2026-01-18 04:05:00",
		"0 0 * * 7":       "2026-01-04 00:00:00, 2026-01-11 00:00:00, 2026-01-18 00:00:00",
		"0 22-2/2 * * *":  "2025-12-31 00:00:00, 2025-12-31 02:00:00, 2025-12-31 22:00:00",
		"0 0 * * FRI-MON": "2026-01-02 00:00:00, 2026-01-03 00:00:00, 2026-01-04 00:00:00",
		"0 0 29 2 *":      "2028-02-29 00:00:00, 2032-02-29 00:00:00, 2036-02-29 00:00:00",
		"0 0 * 2 MON#5":   "2044-02-29 00:00:00, 2072-02-29 00:00:00, 2112-02-29 00:00:00", // 2100 has no 29 February
		"0 0 13 * FRI":    "2026-01-02 00:00:00, 2026-01-09 00:00:00, 2026-01-13 00:00:00", // either
		"0 0 */2 * MON":   "2026-01-05 00:00:00, 2026-01-19 00:00:00, 2026-02-09 00:00:00", // both
		"0 0 L * *":       "2025-12-31 00:00:00, 2026-01-31 00:00:00, 2026-02-28 00:00:00",
		"0 0 15W * ?":     "2026-01-15 00:00:00, 2026-02-16 00:00:00, 2026-03-16 00:00:00",
		"0 0 * * FRI#L":   "2026-01-30 00:00:00, 2026-02-27 00:00:00, 2026-03-27 00:00:00",
		"@hourly":         "2025-12-31 00:00:00, 2025-12-31 01:00:00, 2025-12-31 02:00:00",
		"@midnight":       "2025-12-31 00:00:00, 2026-01-01 00:00:00, 2026-01-02 00:00:00",
		"@weekly":         "2026-01-04 00:00:00, 2026-01-11 00:00:00, 2026-01-18 00:00:00",
		"@monthly":        "2026-01-01 00:00:00, 2026-02-01 00:00:00, 2026-03-01 00:00:00",
		"@annually":       "2026-01-01 00:00:00, 2027-01-01 00:00:00, 2028-01-01 00:00:00",
		"@every 7h":       "2025-12-31 03:00:00, 2025-12-31 10:00:00, 2025-12-31 17:00:00", // 490,875 hours since 1970 are 7 × 70,125
		"@every 10s":      "2025-12-31 00:00:00, 2025-12-31 00:00:10, 2025-12-31 00:00:20",
		"0 0 1 1 MON-FRI": "2026-01-01 00:00:00, 2026-01-02 00:00:00, 2026-01-05 00:00:00",
	} {
		p, err := Parse(Spec{Schedule: schedule})
		if err != nil {
			t.Error(err)
			continue
		}
		at, got := utc("2025-12-30 23:59:59").Add(999*time.Millisecond), []string{}
		for range 3 {
			at = p.Next(at).At
			got = append(got, at.Format(time.DateTime))
		}
		if s := strings.Join(got, ", "); s != want {
			t.Errorf("%s:\n got %s\nwant %s", schedule, s, want)
		}
	}
}
