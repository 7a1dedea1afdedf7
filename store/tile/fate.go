package tile

import (
	"slices"

	"github.com/fleetscore/fleetscore/fleet"
)

// Fate is what became of a sensor. Its numbers are in files, and stay as they are.
type Fate byte

// The fates of sensors that did not fail.
const (
	Unknown   Fate = 0 // nobody has said; so are those that this version has no word for
	Normal    Fate = 1 // it has predictions, none of them an anomaly
	Anomalous Fate = 2 // one of its predictions is an anomaly, or several are
	Silent    Fate = 3 // it has a model and no readings
	Skipped   Fate = 4 // it has readings and no model, where the job skips those
)

// A failed sensor is failed plus the number of its cause, plus partly if it has
// predictions all the same.
const (
	failed Fate = 16
	partly Fate = 128
)

// causes gives each cause its number. New ones come at the end.
var causes = []fleet.Cause{
	fleet.NoModel, fleet.BadModel, fleet.UnsupportedModel, fleet.WrongFeatures, fleet.MissingFeature, fleet.NotFinite,
	fleet.BadRow, fleet.NameClash, fleet.WriteFailed, fleet.Crashed, fleet.TimedOut, fleet.NotRun, fleet.ScriptFailed,
}

// Failed is the fate of a sensor that failed, and whether it has predictions all
// the same.
func Failed(cause fleet.Cause, hasPredictions bool) Fate {
	i := slices.Index(causes, cause)
	if i < 0 {
		i = len(causes) // a cause that this version does not know
	}
	f := failed + Fate(i)
	if hasPredictions {
		f |= partly
	}
	return f
}

// Cause is why the sensor failed; false if it has not.
func (f Fate) Cause() (fleet.Cause, bool) {
	n := f &^ partly
	if n < failed {
		return "", false
	}
	if i := int(n - failed); i < len(causes) {
		return causes[i], true
	}
	return "unknown", true
}

// HasPredictions reports whether the sensor has any.
func (f Fate) HasPredictions() bool {
	return f == Normal || f == Anomalous || f >= failed|partly
}

// String is one word: normal, anomalous, silent, skipped, unknown, or the cause of a failure.
func (f Fate) String() string {
	if cause, ok := f.Cause(); ok {
		return string(cause)
	}
	switch f {
	case Normal:
		return "normal"
	case Anomalous:
		return "anomalous"
	case Silent:
		return "silent"
	case Skipped:
		return "skipped"
	}
	return "unknown"
}
