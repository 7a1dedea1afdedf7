package score

import (
	"fmt"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/internal/counted"
	"github.com/fleetscore/fleetscore/score/readings"
)

// Report says what came of a scoring.
type Report struct {
	Sensors     int   `json:"sensors"`     // sensors with readings
	Scored      int   `json:"scored"`      // sensors with predictions, some perhaps with failures too
	Failed      int   `json:"failed"`      // sensors with a failure
	Orphans     int64 `json:"orphans"`     // readings whose device or tag could not be read
	Readings    int64 `json:"readings"`    // rows of the input, those that could not be read too
	Predictions int64 `json:"predictions"` // rows of the output
	Anomalies   int64 `json:"anomalies"`
	Undecidable int64 `json:"undecidable"` // predictions so near 0 that rounding alone decides their label

	Failures     []Group        `json:"failures"`            // by cause
	ScoredBy     []fleet.Scorer `json:"scored_by,omitempty"` // where not all are scored natively
	UnusedModels []string       `json:"models_without_readings"`
	UnusedError  string         `json:"models_without_readings_error,omitempty"` // why the list is not whole
	Seconds      float64        `json:"seconds"`
	RowsPerSec   float64        `json:"rows_per_second"`
	Output       string         `json:"output"`
	Results      []SensorResult `json:"results,omitempty"` // by sensor, in order

	orphans []fleet.Failure
	foreign bool // not all are scored natively
}

// Group is all failures of one cause.
type Group struct {
	Cause   fleet.Cause `json:"cause"`
	Sensors int         `json:"sensors"`
	Rows    int64       `json:"rows"`
	Example string      `json:"example"`
}

// SensorResult is what came of one sensor.
type SensorResult struct {
	fleet.Sensor
	Model       string          `json:"model,omitempty"` // digest
	Readings    int64           `json:"readings"`
	Predictions int64           `json:"predictions"`
	Anomalies   int64           `json:"anomalies"`
	Undecidable int64           `json:"undecidable"`
	Failures    []fleet.Failure `json:"failures,omitempty"`
	// Runtime is who scored it, where that was not native, and Reason why, where native was tried.
	Runtime string `json:"runtime,omitempty"`
	Reason  string `json:"not_native,omitempty"`

	// Took is how long a worker was at it, loading its model and encoding included.
	Took time.Duration `json:"-"`

	lost fleet.Cause // why its predictions are not in the output, if so
}

func newReport(set *readings.Set, foreign bool) *Report {
	r := &Report{foreign: foreign, Sensors: len(set.Series), UnusedModels: []string{}, Failures: []Group{},
		Results: make([]SensorResult, len(set.Series))}
	for i, series := range set.Series {
		result := SensorResult{Sensor: series.Sensor, Readings: int64(series.Rows()), Failures: slices.Clone(series.Failures)}
		for _, f := range series.Failures {
			result.Readings += f.Rows
		}
		r.Results[i] = result
	}
	for _, f := range set.Unattributed {
		r.Orphans += f.Rows
	}
	r.Readings = r.Orphans
	r.orphans = set.Unattributed
	return r
}

// add takes in the outcome of one piece of a sensor.
func (r *Report) add(o *outcome) {
	result := &r.Results[o.series]
	result.Took += o.took
	if o.model != "" {
		result.Model = o.model
	}
	if o.by != "" {
		result.Runtime, result.Reason = o.by, o.reason
	}
	for _, f := range o.failures {
		result.fail(f)
	}
	if result.lost != "" {
		result.fail(fleet.Failure{Cause: result.lost, Rows: o.predictions})
		return
	}
	result.Predictions += o.predictions
	result.Anomalies += o.anomalies
	result.Undecidable += o.undecidable
}

func (s *SensorResult) fail(f fleet.Failure) {
	for i := range s.Failures {
		if s.Failures[i].Cause == f.Cause {
			s.Failures[i].Rows += f.Rows
			return
		}
	}
	s.Failures = append(s.Failures, f)
}

// unwritten records that a sensor's predictions are not in the output.
func (r *Report) unwritten(series int, cause fleet.Cause, err error) {
	result := &r.Results[series]
	result.lost = cause
	result.fail(fleet.Failure{Cause: cause, Rows: result.Predictions, Example: err.Error()})
	result.Predictions, result.Anomalies, result.Undecidable = 0, 0, 0
}

// finish adds up the sensors.
func (r *Report) finish() {
	for i := range r.Results {
		s := &r.Results[i]
		r.Readings += s.Readings
		r.Predictions += s.Predictions
		r.Anomalies += s.Anomalies
		r.Undecidable += s.Undecidable
		if s.Predictions > 0 {
			r.Scored++
		}
		if scorer, ok := s.scorer(); ok && r.foreign {
			r.ScoredBy = fleet.AddScorers(r.ScoredBy, scorer)
		}
		if len(s.Failures) > 0 {
			r.Failed++
			r.group(s.Failures, 1, s.Sensor.String()+": ")
		}
	}
	r.group(r.orphans, 0, "")
	order := fleet.Causes()
	slices.SortStableFunc(r.Failures, func(a, b Group) int {
		return slices.Index(order, a.Cause) - slices.Index(order, b.Cause)
	})
}

// scorer says who scored a sensor; false: nobody tried.
func (s *SensorResult) scorer() (fleet.Scorer, bool) {
	switch {
	case s.Runtime != "":
		return fleet.Scorer{Runtime: s.Runtime, Reason: s.Reason, Sensors: 1, Example: s.Sensor.String()}, true
	case s.Predictions > 0:
		return fleet.Scorer{Runtime: "native", Sensors: 1, Example: s.Sensor.String()}, true
	}
	return fleet.Scorer{}, false
}

// group adds failures of a sensor, or of none, to those of all.
func (r *Report) group(failures []fleet.Failure, sensors int, who string) {
	for _, f := range failures {
		i := slices.IndexFunc(r.Failures, func(g Group) bool { return g.Cause == f.Cause })
		if i < 0 {
			r.Failures = append(r.Failures, Group{Cause: f.Cause, Example: who + f.Example})
			i = len(r.Failures) - 1
		}
		r.Failures[i].Sensors += sensors
		r.Failures[i].Rows += f.Rows
	}
}

// Took sets how long it all took, reading included.
func (r *Report) Took(d time.Duration) {
	r.Seconds = d.Seconds()
	if r.Seconds > 0 {
		r.RowsPerSec = float64(r.Readings) / r.Seconds
	}
}

// Check says whether more sensors failed than t allows. Readings that belong to
// no sensor count as one more.
func (r *Report) Check(t fleet.Tolerance) error {
	failed, total, orphans := r.Failed, r.Sensors, ""
	if r.Orphans > 0 {
		failed++
		total++
		orphans = ", and " + counted.Of(r.Orphans, "reading") + " without a sensor"
	}
	if !t.Exceeded(failed, total) {
		return nil
	}
	return fmt.Errorf("%d of %d sensors failed%s; --max-failed allows %s", r.Failed, r.Sensors, orphans, t)
}
