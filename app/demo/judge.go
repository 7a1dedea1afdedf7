package demo

import (
	"slices"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/simulate"
)

// Verdict is how what was found compares with what was planted.
type Verdict struct {
	Planted     int `json:"planted"`
	Found       int `json:"found"`
	Missed      int `json:"missed"`
	Unscored    int `json:"not_yet_scored"` // nothing found, and windows of it have not been scored
	FalseAlarms int `json:"false_alarms"`   // windows
	// Delay is from the beginning of an anomaly to the commit by which it was found,
	// in seconds: the median.
	Delay float64 `json:"median_delay_seconds,omitempty"`
}

// Finding is an anomaly of which it is known what became.
type Finding struct {
	simulate.Truth
	Found bool
	After time.Duration // it began
}

// scored is what a commit says of the windows of an interval.
type scored struct {
	at        time.Time
	anomalous map[fleet.Sensor]bool
}

// judge compares what was planted with what was committed. The fleet and who looks
// may use it at the same time.
type judge struct {
	mu      sync.Mutex
	planted []simulate.Truth
	windows map[int64]scored // by their start, in seconds since 1970
	start   time.Time        // of the fleet
	end     time.Time        // when the fleet stopped; zero: it has not
	told    map[int]bool     // which of planted were news
}

func newJudge(start time.Time) *judge {
	return &judge{start: start, windows: map[int64]scored{}, told: map[int]bool{}}
}

// plant notes what has begun to go wrong.
func (j *judge) plant(all []simulate.Truth) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, t := range all {
		if t.Anomaly() {
			j.planted = append(j.planted, t)
		}
	}
}

// score notes what counts of an interval, instead of what counted before.
func (j *judge) score(i fleet.Interval, at time.Time, anomalous []fleet.Sensor) {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := scored{at: at, anomalous: map[fleet.Sensor]bool{}}
	for _, sensor := range anomalous {
		s.anomalous[sensor] = true
	}
	j.windows[i.From.Unix()] = s
}

// stop says that the fleet has stopped: what it would have done is not judged.
func (j *judge) stop(at time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.end = at
}

// knows reports whether the window of a moment, or one after it, is scored.
func (j *judge) knows(at time.Time) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	for w := range j.windows {
		if w >= at.Truncate(window).Unix() {
			return true
		}
	}
	return false
}

// verdict judges what is known by now.
func (j *judge) verdict() Verdict {
	j.mu.Lock()
	defer j.mu.Unlock()
	v := Verdict{Planted: len(j.planted)}
	caused := map[int64]map[fleet.Sensor]bool{} // windows that overlap an anomaly
	var delays []time.Duration
	for i := range j.planted {
		t := &j.planted[i]
		for w := range j.overlapped(t) {
			if caused[w] == nil {
				caused[w] = map[fleet.Sensor]bool{}
			}
			caused[w][sensorOf(t)] = true
		}
		switch found, delay, all := j.fate(t); {
		case found:
			v.Found++
			delays = append(delays, delay)
		case all:
			v.Missed++
		default:
			v.Unscored++
		}
	}
	for w, s := range j.windows {
		if w < j.start.Unix() { // a fleet before this one has readings in it
			continue
		}
		for sensor := range s.anomalous {
			if !caused[w][sensor] {
				v.FalseAlarms++
			}
		}
	}
	if len(delays) > 0 {
		slices.Sort(delays)
		v.Delay = delays[len(delays)/2].Seconds()
	}
	return v
}

// news is what has become known since it was last asked.
func (j *judge) news() []Finding {
	j.mu.Lock()
	defer j.mu.Unlock()
	var all []Finding
	for i := range j.planted {
		t := &j.planted[i]
		if found, delay, scored := j.fate(t); (found || scored) && !j.told[i] {
			j.told[i] = true
			all = append(all, Finding{*t, found, delay})
		}
	}
	return all
}

// fate says whether an anomaly was found, how long after it began, and whether
// all windows that overlap it are scored.
func (j *judge) fate(t *simulate.Truth) (found bool, delay time.Duration, all bool) {
	all = j.end.IsZero() || !t.End.After(j.end)
	for w := range j.overlapped(t) {
		s, ok := j.windows[w]
		all = all && ok
		if ok && s.anomalous[sensorOf(t)] {
			return true, s.at.Sub(t.Start), all
		}
	}
	return false, 0, all
}

// overlapped yields the starts of windows that overlap an anomaly.
func (j *judge) overlapped(t *simulate.Truth) func(func(int64) bool) {
	return func(yield func(int64) bool) {
		for at := t.Start.Truncate(window); at.Before(t.End); at = at.Add(window) {
			if !yield(at.Unix()) {
				return
			}
		}
	}
}

func sensorOf(t *simulate.Truth) fleet.Sensor { return fleet.Sensor{Device: t.Device, Tag: t.Tag} }
