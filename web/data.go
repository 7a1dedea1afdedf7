package web

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"math"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// Commits says what counts.
type Commits interface {
	// Commits yields the commits that count (the highest revision of each interval)
	// of a job's intervals that begin in [from, to), in order; zero is no bound.
	Commits(ctx context.Context, job string, from, to time.Time) iter.Seq2[*fleet.Commit, error]
}

// Fates says what became of sensors.
type Fates interface {
	// Fates yields every sensor of a commit, in order.
	Fates(ctx context.Context, c *fleet.Commit) iter.Seq2[SensorFate, error]
	// Failures yields what failed in a run so far, task by task, always in the same
	// order.
	Failures(ctx context.Context, run ledger.Run) iter.Seq2[fleet.SensorFailure, error]
	// Predictions yields a sensor's rows among the files of a commit, in the order of
	// time; of a sensor without a tag, those of the device.
	Predictions(ctx context.Context, c *fleet.Commit, s fleet.Sensor) iter.Seq2[Prediction, error]
}

// Logs are the logs of attempts.
type Logs interface {
	// Log is what there is of an attempt's log from an offset, in bytes, up to now;
	// ErrNotFound, of any kind, if there is nothing at all.
	Log(ctx context.Context, run ledger.Run, t fleet.Task, offset int64) (io.ReadCloser, error)
}

// Data is what the store holds, as the API shows it.
type Data interface {
	Commits
	Fates
	Logs
}

// What a sensor came to in an interval.
const (
	FateScored    = "scored"    // it has predictions; with a cause, not for all its rows
	FateAnomalous = "anomalous" // scored, with anomalies
	FateFailed    = "failed"    // no prediction at all
	FateSilent    = "silent"    // no readings
	FateSkipped   = "skipped"   // no model, and the job skips those
	FateUnknown   = "unknown"   // nothing that this version knows is told of it
)

// SensorFate is what became of a sensor.
type SensorFate struct {
	fleet.Sensor
	Fate  string      `json:"fate" enum:"scored,anomalous,failed,silent,skipped,unknown"`
	Cause fleet.Cause `json:"cause,omitempty" doc:"why it failed, or, of one that was scored, why some of its rows did"`
}

// Prediction is one row.
type Prediction struct {
	Time    time.Time        `json:"time"`
	Values  map[string]Float `json:"values" doc:"what was scored, by the name of its column"`
	Score   Float            `json:"score" doc:"the decision function; greater is more normal"`
	Anomaly bool             `json:"anomaly"`
	Model   string           `json:"model,omitempty" doc:"SHA-256 of the model's file"`
	Run     string           `json:"run,omitempty"`
	Rev     int              `json:"rev,omitempty"`
}

// Float is a number; null in JSON if it is infinite or none.
type Float float64

// MarshalJSON is for encoding/json.
func (f Float) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(f)) || math.IsInf(float64(f), 0) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(f), 'g', -1, 64), nil
}

// UnmarshalJSON is for encoding/json.
func (f *Float) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*f = Float(math.NaN())
		return nil
	}
	return json.Unmarshal(data, (*float64)(f))
}

// Schema is for the OpenAPI document.
func (Float) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeNumber, Nullable: true, Description: "null: not a finite number"}
}

// none is no number.
func none() Float { return Float(math.NaN()) }
