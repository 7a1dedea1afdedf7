// Package overview sums up how a fleet has done, of the tallies that the ledger keeps as
// runs end: a point an hour or a day, whatever the number of sensors and runs.
//
//	points := overview.Series(tallies, overview.Hour)
//	causes := overview.Causes(tallies)
package overview

import (
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// The lengths of steps.
const (
	Hour = time.Hour
	Day  = 24 * time.Hour
)

// Point sums up the intervals that begin in a step.
type Point struct {
	Time        time.Time `json:"time" doc:"when the step begins"`
	Job         string    `json:"job,omitempty" doc:"none: of all jobs"`
	Intervals   int       `json:"intervals" doc:"that were committed"`
	Incomplete  int       `json:"incomplete" doc:"of those, in which more sensors failed than the job allows"`
	Sensors     int       `json:"sensors" doc:"each counts once an interval"`
	Scored      int       `json:"scored"`
	Failed      int       `json:"failed"`
	Silent      int       `json:"silent"`
	Skipped     int       `json:"skipped"`
	Readings    int64     `json:"readings"`
	Predictions int64     `json:"predictions"`
	Anomalies   int64     `json:"anomalies"`
	Causes      []Failed  `json:"causes,omitempty" nullable:"false" doc:"why sensors failed; only in tallies"`
}

// Failed is how many sensors have failed of one cause.
type Failed struct {
	Cause   fleet.Cause `json:"cause"`
	Sensors int         `json:"sensors"`
	Rows    int64       `json:"rows"`
}

func (p *Point) add(o *ledger.Tally) {
	p.Intervals += o.Intervals
	p.Incomplete += o.Incomplete
	p.Sensors += o.Sensors
	p.Scored += o.Scored
	p.Failed += o.Failed
	p.Silent += o.Silent
	p.Skipped += o.Skipped
	p.Readings += o.Readings
	p.Predictions += o.Predictions
	p.Anomalies += o.Anomalies
}

// Series has a point for each step of time in which there are tallies, which are in the
// order of time. Days are of UTC.
func Series(tallies []ledger.Tally, step time.Duration) []Point {
	points := []Point{}
	for i := range tallies {
		at := tallies[i].Hour.Truncate(step)
		if n := len(points); n == 0 || !points[n-1].Time.Equal(at) {
			points = append(points, Point{Time: at})
		}
		points[len(points)-1].add(&tallies[i])
	}
	return points
}

// ByJob is Series with points of their own for each job, and causes.
func ByJob(tallies []ledger.Tally, step time.Duration) []Point {
	type key struct {
		at  time.Time
		job string
	}
	of := map[key]int{}
	points := []Point{}
	groups := [][]ledger.Tally{}
	for i := range tallies {
		k := key{tallies[i].Hour.Truncate(step), tallies[i].Job}
		at, ok := of[k]
		if !ok {
			at = len(points)
			of[k] = at
			points, groups = append(points, Point{Time: k.at, Job: k.job}), append(groups, nil)
		}
		points[at].add(&tallies[i])
		groups[at] = append(groups[at], tallies[i])
	}
	for i := range points {
		points[i].Causes = Causes(groups[i])
	}
	return points
}

// Causes sums up why sensors have failed, the most frequent first.
func Causes(tallies []ledger.Tally) []Failed {
	var sums []fleet.Group
	for i := range tallies {
		sums = fleet.AddGroups(sums, tallies[i].Causes)
	}
	causes := make([]Failed, 0, len(sums))
	for _, g := range sums {
		causes = append(causes, Failed{g.Cause, g.Sensors, g.Rows})
	}
	slices.SortStableFunc(causes, func(a, b Failed) int { return b.Sensors - a.Sensors })
	return causes
}
