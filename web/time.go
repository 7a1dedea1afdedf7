package web

import (
	"fmt"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// timeLayouts are the ways in which a time may be written, UTC unless it says
// otherwise.
func timeLayouts() []string {
	return []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02T15", "2006-01-02"}
}

// ParseTime reads a time such as 2026-11-23T13:00Z or 2026-11-23.
func ParseTime(text string) (time.Time, error) {
	if len(text) <= 40 {
		// In a query an unescaped + is a space.
		text := strings.Replace(text, " ", "+", 1)
		for _, layout := range timeLayouts() {
			if t, err := time.Parse(layout, text); err == nil && t.Year() >= 1 && t.Year() <= 9999 {
				return t.UTC(), nil
			}
		}
	}
	return time.Time{}, fmt.Errorf("%.60q is not a time; one looks like 2026-11-23T13:00Z", text)
}

// ParseInterval reads an interval: two times with a slash between, as keys of the
// store write it, or the time when it begins alone: then its To is zero.
func ParseInterval(text string) (fleet.Interval, error) {
	if len(text) > 100 {
		return fleet.Interval{}, fmt.Errorf("%.60q… is not an interval", text)
	}
	if i, err := fleet.ParseIntervalKey(text); err == nil {
		return i, nil
	}
	start, end, both := strings.Cut(text, "/")
	from, err := ParseTime(start)
	if err != nil || !both {
		return fleet.Interval{From: from}, err
	}
	to, err := ParseTime(end)
	if err != nil {
		return fleet.Interval{}, err
	}
	if !from.Before(to) {
		return fleet.Interval{}, fmt.Errorf("%.100q ends before it begins", text)
	}
	return fleet.Interval{From: from, To: to}, nil
}

// span reads two bounds in time that may be left out.
func span(from, to string) (start, end time.Time, err error) {
	if from != "" {
		if start, err = ParseTime(from); err != nil {
			return start, end, invalid("query.from", err)
		}
	}
	if to != "" {
		if end, err = ParseTime(to); err != nil {
			return start, end, invalid("query.to", err)
		}
	}
	if from != "" && to != "" && !start.Before(end) {
		return start, end, invalid("query.to", fmt.Errorf("it must be after from"))
	}
	return start, end, nil
}
