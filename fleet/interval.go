package fleet

import (
	"fmt"
	"strings"
	"time"
)

// Interval is the stretch of time [From, To) whose data a run scores. Both ends
// are whole seconds, UTC.
type Interval struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// instant is how keys write a time: sorted by time, and harmless in any store.
const instant = "20060102T150405Z"

// NewInterval is [from, to), in UTC.
func NewInterval(from, to time.Time) Interval { return Interval{from.UTC(), to.UTC()} }

// Key is the interval as a part of a key, such as
// 20261123T130000Z_20261123T140000Z. Keys sort as their intervals begin.
func (i Interval) Key() string {
	return i.From.UTC().Format(instant) + "_" + i.To.UTC().Format(instant)
}

// ParseIntervalKey reads what Key writes.
func ParseIntervalKey(key string) (Interval, error) {
	from, to, _ := strings.Cut(key, "_")
	start, err1 := time.Parse(instant, from)
	end, err2 := time.Parse(instant, to)
	if err1 != nil || err2 != nil || !start.Before(end) {
		return Interval{}, fmt.Errorf("%.100q is not an interval; one looks like 20261123T130000Z_20261123T140000Z", key)
	}
	return Interval{start, end}, nil
}

// Length is how long the interval is.
func (i Interval) Length() time.Duration { return i.To.Sub(i.From) }

// String is for people: 2026-11-23T13:00:00Z/2026-11-23T14:00:00Z, in ISO 8601.
func (i Interval) String() string {
	return i.From.UTC().Format(time.RFC3339) + "/" + i.To.UTC().Format(time.RFC3339)
}
