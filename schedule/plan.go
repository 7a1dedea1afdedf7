package schedule

import (
	"fmt"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// Plan says which interval of data is scored when. It is immutable, and safe for
// use by several goroutines.
type Plan struct {
	table    timetable
	interval time.Duration
	delay    time.Duration
	catchUp  string
}

// Fire is one run that a Plan asks for.
type Fire struct {
	At       time.Time // when it starts
	Nominal  time.Time // the end of its interval; the delay before At
	Interval fleet.Interval
}

// clipped is a fire whose interval begins at the cursor, if it began before: under
// another schedule that came first, some of it has been fired.
func (f Fire) clipped(cursor time.Time) Fire {
	if f.Interval.From.Before(cursor) && cursor.Before(f.Interval.To) {
		f.Interval.From = cursor.UTC()
	}
	return f
}

// Next is the first fire after a time.
func (p *Plan) Next(after time.Time) Fire {
	return p.fire(time.Time{}, p.table.next(after.Add(-p.delay)))
}

// Covering is the interval that a time is in; zero if it is in none.
func (p *Plan) Covering(t time.Time) fleet.Interval {
	nominal := p.table.next(t)
	if nominal.IsZero() {
		return fleet.Interval{}
	}
	i := p.fire(time.Time{}, nominal).Interval
	if i.From.After(t) {
		return fleet.Interval{}
	}
	return i
}

// fire is the fire of a nominal time. The one before it is looked for only if it is
// needed and zero.
func (p *Plan) fire(before, nominal time.Time) Fire {
	switch {
	case p.interval > 0:
		before = nominal.Add(-p.interval)
	case before.IsZero():
		before = last(p.table, nominal)
	}
	return Fire{At: nominal.Add(p.delay), Nominal: nominal, Interval: fleet.NewInterval(before, nominal)}
}

// CheckInterval says what is wrong with an interval that is given by hand, whatever
// its job: nobody has data of other years, and keys hold whole seconds.
func CheckInterval(i fleet.Interval) error {
	if i.From.Nanosecond() != 0 || i.To.Nanosecond() != 0 {
		return fmt.Errorf("the interval from %s to %s does not begin and end at whole seconds", i.From.Format(time.RFC3339Nano), i.To.Format(time.RFC3339Nano))
	}
	return checkYears(i.From, i.To)
}

func checkYears(from, to time.Time) error {
	first, end := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
	if from.Before(first) || to.After(end) {
		return fmt.Errorf("from %s to %s is not within %d and %d", from.Format(time.RFC3339), to.Format(time.RFC3339), first.Year(), end.Year())
	}
	return nil
}

// MaxIntervals is the most intervals that Intervals lists.
const MaxIntervals = 100_000

// Intervals lists the fires of every interval that begins in [from, to), those to
// come included, for a backfill.
func (p *Plan) Intervals(from, to time.Time) ([]Fire, error) {
	if err := checkYears(from, to); err != nil {
		return nil, err
	}
	// An interval begins at a nominal time, or its length before one.
	begin := p.table.next(from.Add(p.interval - 1))
	var fires []Fire
	for !begin.IsZero() && begin.Before(to.Add(p.interval)) {
		if len(fires) == MaxIntervals {
			return nil, fmt.Errorf("more than %d intervals begin from %s to %s; ask for a part of them at a time", MaxIntervals, from.Format(time.RFC3339), to.Format(time.RFC3339))
		}
		later := p.table.next(begin)
		if p.interval > 0 {
			fires = append(fires, p.fire(time.Time{}, begin))
		} else {
			fires = append(fires, p.fire(begin, later))
		}
		begin = later
	}
	return fires, nil
}
