package schedule

import "time"

const (
	// MaxFires is the most fires that Due returns at a time, and the most intervals
	// that it counts as skipped.
	MaxFires = 10_000
	// prompt is how late a fire may be and still not be missed. The Scheduler looks
	// more often than that.
	prompt = time.Minute
)

// Due says what must be fired now. The cursor is the end of the last interval that
// was fired or passed over, and zero if there was none: then nothing has been
// missed, and the first interval to fire is Next's. The cursor that is returned is
// to be stored with the fires. Fires are oldest first; where there are more than
// MaxFires, Due returns the others when it is given the new cursor.
func (p *Plan) Due(cursor, now time.Time) (fires []Fire, moved time.Time, skipped int) {
	horizon := now.Add(-p.delay) // nominal times up to here have come
	if cursor.IsZero() {
		return nil, last(p.table, horizon.Add(1)), 0
	}
	nominal := p.table.next(cursor)
	if nominal.IsZero() || nominal.After(horizon) {
		return nil, cursor, 0
	}
	if p.catchUp == CatchUpAll {
		for before := (time.Time{}); !nominal.IsZero() && !nominal.After(horizon) && len(fires) < MaxFires; nominal = p.table.next(nominal) {
			fires = append(fires, p.fire(before, nominal).clipped(cursor))
			before, cursor = nominal, nominal
		}
		return fires, cursor, 0
	}
	newest := last(p.table, horizon.Add(1))
	for ; nominal.Before(newest) && skipped < MaxFires; nominal = p.table.next(nominal) {
		skipped++
	}
	fire := p.fire(time.Time{}, newest).clipped(cursor)
	if p.catchUp == CatchUpNone && now.Sub(fire.At) > prompt {
		return nil, newest, skipped + 1
	}
	return []Fire{fire}, newest, skipped
}
