package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// timetable is a rising sequence of nominal times, whole seconds, in UTC.
type timetable interface {
	// next is the first of them after t, or zero if there is none.
	next(t time.Time) time.Time
}

// maxYears is how far apart two times of a timetable can be: a weekday falls on
// 29 February every 28 years, or 40 across a year like 2100.
const maxYears = 41

// parseSchedule reads the forms of Spec.Schedule.
func parseSchedule(schedule string, zone *time.Location) (timetable, error) {
	schedule = strings.TrimSpace(schedule)
	switch {
	case schedule == "":
		return nil, errors.New("it is empty; write cron such as 0 * * * *, or @every 10s")
	case len(schedule) > 256:
		return nil, fmt.Errorf("it has %d bytes, the most is 256", len(schedule))
	case strings.Contains(schedule, "TZ="):
		return nil, errors.New("the time zone is a setting of its own, not a part of the schedule")
	}
	if d, ok := strings.CutPrefix(schedule, "@every"); ok {
		return parseEvery(strings.TrimSpace(d))
	}
	if strings.HasPrefix(schedule, "@") {
		short := schedule
		if schedule = shorthand(short); schedule == "" {
			return nil, errors.New("it is not one of @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually, @every 10s")
		}
	}
	return parseCron(schedule, zone)
}

func shorthand(s string) string {
	switch s {
	case "@hourly":
		return "0 * * * *"
	case "@daily", "@midnight":
		return "0 0 * * *"
	case "@weekly":
		return "0 0 * * 0"
	case "@monthly":
		return "0 0 1 * *"
	case "@yearly", "@annually":
		return "0 0 1 1 *"
	}
	return ""
}

// last is the last time of a timetable before t, or zero if it has none within
// maxYears. It asks next only, so that the two can never disagree.
func last(table timetable, t time.Time) time.Time {
	const furthest = maxYears * 366 * 24 * time.Hour
	before := func(lo time.Time) (time.Time, bool) {
		at := table.next(lo)
		return at, !at.IsZero() && at.Before(t)
	}
	lo, hi, at, ok := t, t, time.Time{}, false
	for back := time.Second; !ok; back *= 4 {
		if back > 4*furthest {
			return time.Time{}
		}
		lo, hi = t.Add(-min(back, furthest)), lo
		at, ok = before(lo)
	}
	// next(lo) is before t, and next(hi) is not.
	for {
		later, ok := before(at)
		if !ok {
			return at
		}
		lo, at = at, later
		if middle := lo.Add(hi.Sub(lo) / 2); middle.After(lo) {
			if later, ok = before(middle); ok {
				lo, at = middle, later
			} else {
				hi = middle
			}
		}
	}
}
