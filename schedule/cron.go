package schedule

import (
	"time"

	"github.com/netresearch/go-cron"
)

// cronTable is the times at which a zone's clocks show what an expression matches.
//
// go-cron answers for a clock face: a time of day and a date, held as if in UTC,
// where every hour exists once. What a zone's changes make of that is done here.
// Left to itself go-cron fires a daily job twice where its hour is shown twice, and
// loses the fires of half an hour that is skipped (Lord Howe), or of midnight (Cairo).
type cronTable struct {
	face    *cron.SpecSchedule
	zone    *time.Location
	repeats bool // what the clocks show twice comes twice
}

// spell is a stretch of time in which a zone's clocks are not changed. They need not
// be changed at its ends.
type spell struct {
	start, end     time.Time // zero: for ever
	offset, before time.Duration
}

// spellAt is the spell that t is in.
func (c *cronTable) spellAt(t time.Time) spell {
	local := t.In(c.zone)
	_, offset := local.Zone()
	s := spell{offset: time.Duration(offset) * time.Second}
	s.start, s.end = local.ZoneBounds()
	if !s.end.IsZero() && !s.end.After(t) {
		// ZoneBounds of the last day of a leap year after 2037 may say that the day
		// before was the end (go.dev/issue/81583). No change comes that day.
		s.end = t.Truncate(24 * time.Hour).Add(24 * time.Hour)
	}
	s.before = s.offset
	if !s.start.IsZero() {
		_, before := s.start.Add(-1).Zone()
		s.before = time.Duration(before) * time.Second
	}
	return s
}

func (c *cronTable) next(after time.Time) time.Time {
	after = after.UTC().Truncate(time.Second)
	for limit := after.AddDate(maxYears, 0, 0); after.Before(limit); {
		s := c.spellAt(after.Add(time.Second))
		at := c.within(s, after)
		if !at.IsZero() && (s.end.IsZero() || at.Before(s.end)) {
			return at
		}
		if s.end.IsZero() {
			break
		}
		after = s.end.UTC().Add(-time.Second)
	}
	return time.Time{}
}

// within is the first time after a time of the spell, or of the second before it.
// What it returns may be beyond the spell's end, and is not a time then.
func (c *cronTable) within(s spell, after time.Time) time.Time {
	from := after
	if again := s.before - s.offset; again > 0 && !c.repeats {
		// Until then the clocks show what they showed before.
		if first := s.start.Add(again - time.Second); first.After(from) {
			from = first.UTC()
		}
	}
	at := c.shown(from, s.offset)
	if skipped := s.offset - s.before; skipped > 0 {
		// Clocks that had not been changed go on until they have shown what was skipped.
		early := c.shown(after, s.before)
		if !early.IsZero() && early.Before(s.start.Add(skipped)) && (at.IsZero() || early.Before(at)) {
			at = early
		}
	}
	return at
}

// shown is the first time after t at which a clock at an offset shows a match.
func (c *cronTable) shown(t time.Time, offset time.Duration) time.Time {
	at := c.face.Next(t.Add(offset))
	if at.IsZero() {
		return at
	}
	return at.Add(-offset)
}
