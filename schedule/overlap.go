package schedule

import (
	"fmt"
	"time"
)

// How far checkOverlap looks: over two changes of the clock and a leap day, or as
// many times as a schedule of every hour has in that.
const (
	lookYears = 3
	lookTimes = 20_000
)

// checkOverlap refuses intervals of which some would overlap, as rows would be
// scored twice.
func checkOverlap(table timetable, interval time.Duration) error {
	before := table.next(time.Date(2023, 12, 31, 0, 0, 0, 0, time.UTC))
	end := before.AddDate(lookYears, 0, 0)
	for range lookTimes {
		at := table.next(before)
		if at.IsZero() || at.After(end) {
			break
		}
		if step := at.Sub(before); step < interval {
			return fmt.Errorf("interval %s is longer than the %s from %s to %s, so that intervals would overlap and rows be scored twice; make it shorter, or leave it out: then it is what lies between two times of the schedule",
				interval, step, before.Format(time.RFC3339), at.Format(time.RFC3339))
		}
		before = at
	}
	return nil
}
