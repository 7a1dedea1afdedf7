package matrix

import "github.com/fleetscore/fleetscore/store/tile"

// State is what a cell shows. Its numbers are sent, and stay as they are.
type State byte

// The states.
const (
	Missing   State = iota // nothing was committed, or not of this sensor
	Scored                 // it has predictions
	Anomalous              // one of them is an anomaly, or several are
	Partly                 // it has predictions, and some of its rows failed
	Failed                 // it has none
	Silent                 // it has a model and no readings
	Skipped                // it has readings and no model, where the job skips those
	Late                   // it is silent, and the run did not wait for all its readings
	Active                 // a run is under way
	Unknown   State = 15   // nobody knows, or this version has no word for it
)

// Names are the names of states, by their numbers.
func Names() []string {
	return []string{"missing", "scored", "anomalous", "partly", "failed", "silent", "skipped", "late", "active", "", "", "", "", "", "", "unknown"}
}

// String is its name.
func (s State) String() string { return Names()[s&15] }

// badness ranks states: a device shows the worst of its sensors.
func badness(s State) byte {
	return [16]byte{
		Failed: 10, Partly: 9, Late: 8, Anomalous: 7, Silent: 6, Skipped: 5, Unknown: 4, Active: 3, Scored: 2, Missing: 1,
	}[s&15]
}

// worse is the worse of two states.
func worse(a, b State) State {
	if badness(b) > badness(a) {
		return b
	}
	return a
}

// stateOf is the state of a fate. late is that the run did not wait for all readings.
func stateOf(f tile.Fate, late bool) State {
	if _, failed := f.Cause(); failed {
		if f.HasPredictions() {
			return Partly
		}
		return Failed
	}
	switch f {
	case tile.Normal:
		return Scored
	case tile.Anomalous:
		return Anomalous
	case tile.Silent:
		if late {
			return Late
		}
		return Silent
	case tile.Skipped:
		return Skipped
	}
	return Unknown
}
