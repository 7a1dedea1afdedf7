package schedule

import (
	"errors"
	"fmt"
	"time"
)

// What a missed interval means.
const (
	CatchUpAll    = "all"    // it is fired
	CatchUpLatest = "latest" // it is fired if it is the newest
	CatchUpNone   = "none"   // it is passed over
)

// Spec is a schedule as users write it.
type Spec struct {
	// Schedule is cron of five fields, or six with seconds first, or "@hourly" and
	// its like, or "@every 10s".
	Schedule string
	// Zone is the IANA name of the time zone that cron's fields are in; empty: UTC.
	Zone string
	// Interval is how long a data interval is; 0: from one nominal time to the next.
	Interval time.Duration
	// Delay is how long after the end of its interval a run starts.
	Delay time.Duration
	// CatchUp is CatchUpAll (or empty), CatchUpLatest or CatchUpNone.
	CatchUp string
}

// The longest times that a Spec may have, far from where arithmetic ends.
const (
	maxInterval = 3660 * 24 * time.Hour
	maxDelay    = 366 * 24 * time.Hour
)

// Parse checks a Spec. The error has a line for each mistake, which names what is
// wrong and says what would be right.
func Parse(s Spec) (*Plan, error) {
	var problems []error
	zone, err := loadZone(s.Zone)
	if err != nil {
		problems = append(problems, err)
		zone = time.UTC
	}
	table, err := parseSchedule(s.Schedule, zone)
	if err != nil {
		problems = append(problems, fmt.Errorf("schedule %.80q: %w", s.Schedule, err))
	}
	if s.Interval < 0 || s.Interval > maxInterval || s.Interval%time.Second != 0 {
		problems = append(problems, fmt.Errorf("interval %s is not a whole number of seconds from 0 to %s; 1h scores an hour's data, 0 what lies between two fires", s.Interval, maxInterval))
	}
	if s.Delay < 0 || s.Delay > maxDelay {
		problems = append(problems, fmt.Errorf("delay %s is not from 0 to %s; 2m waits two minutes for late data", s.Delay, maxDelay))
	}
	policy := s.CatchUp
	switch policy {
	case "":
		policy = CatchUpAll
	case CatchUpAll, CatchUpLatest, CatchUpNone:
	default:
		problems = append(problems, fmt.Errorf("catch-up %.80q is not one of all, latest, none", s.CatchUp))
	}
	if len(problems) == 0 && s.Interval > 0 {
		problems = append(problems, checkOverlap(table, s.Interval))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return &Plan{table: table, interval: s.Interval, delay: s.Delay, catchUp: policy}, nil
}
