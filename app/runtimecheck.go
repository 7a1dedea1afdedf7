package app

import (
	"context"
	"io"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score"
	"github.com/fleetscore/fleetscore/score/readings"
	"github.com/fleetscore/fleetscore/score/runtime"
	"github.com/fleetscore/fleetscore/store"
)

// RuntimeCheck is how a runtime does with some sensors, or with all.
type RuntimeCheck struct {
	OK       bool            `json:"ok"`
	Runtime  string          `json:"runtime"`
	Sensors  int             `json:"sensors"` // with readings
	Checked  int             `json:"checked"`
	Failed   int             `json:"failed"`
	Seconds  float64         `json:"seconds"`
	ScoredBy []fleet.Scorer  `json:"scored_by,omitempty"`
	Results  []CheckedSensor `json:"results"`
}

// CheckedSensor is what came of one sensor.
type CheckedSensor struct {
	fleet.Sensor
	OK      bool        `json:"ok"`
	Cause   fleet.Cause `json:"cause,omitempty"`
	Error   string      `json:"error,omitempty"`
	Runtime string      `json:"runtime,omitempty"`
	Model   string      `json:"model,omitempty"` // key
	Input   Sample      `json:"input"`
	Output  *Verdict    `json:"output,omitempty"`
	Printed string      `json:"printed,omitempty"`
	Seconds float64     `json:"seconds"`
	Memory  int64       `json:"memory_bytes,omitempty"` // the most that its process has taken so far
}

// Sample is what a model is given.
type Sample struct {
	Features []string  `json:"features"`
	Rows     int       `json:"rows"`
	From     time.Time `json:"from,omitzero"`
	First    []float64 `json:"first_row,omitempty"`
}

// Verdict is what it says.
type Verdict struct {
	Predictions int64 `json:"predictions"`
	Anomalies   int64 `json:"anomalies"`
	// The least and the greatest score, of what is not scored natively.
	LeastScore *float64 `json:"least_score,omitempty"`
	MostScore  *float64 `json:"greatest_score,omitempty"`
}

// checkedSensors is how many sensors are tried, unless all are.
const checkedSensors = 5

// CheckRuntime tries what scores on some sensors, or on all. Nothing is written.
func CheckRuntime(ctx context.Context, cfg config.Score, all bool, stdin io.Reader) (*RuntimeCheck, error) {
	cfg.Output = "checked" // it is not opened
	s, err := newScoring(cfg, stdin)
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }() // nothing was written
	if err := s.openModels(ctx); err != nil {
		return nil, err
	}
	if err := s.openRuntime(ctx); err != nil {
		return nil, err
	}
	start := time.Now()
	var progress score.Progress
	inputs, err := s.buckets.findInputs(ctx, s.places.data, "")
	if err != nil {
		return nil, err
	}
	set, err := readAll(ctx, inputs, readings.Options{Columns: s.columns, Features: s.features}, stdin, &progress)
	if err != nil {
		return nil, err
	}
	some := *set
	if !all {
		some.Series, some.Rows = spread(set.Series, checkedSensors), 0
		for _, series := range some.Series {
			some.Rows += int64(series.Rows())
		}
	}
	seen := &witness{Runtime: s.runtime, answers: map[fleet.Sensor]runtime.Answer{}, keys: map[fleet.Sensor]string{}}
	s.score.Output, s.score.Format = nowhere{}, score.CSV
	if s.score.Foreign != nil {
		s.score.Foreign.Runtime = seen
	}
	report, err := score.Run(ctx, s.score, &some, &progress)
	if err != nil {
		return nil, err
	}
	check := &RuntimeCheck{
		OK: report.Failed == 0, Runtime: runtimeOf(cfg.Runtime, cfg.Fallback).Name(), Sensors: len(set.Series),
		Checked: report.Sensors, Failed: report.Failed, ScoredBy: report.ScoredBy, Results: []CheckedSensor{},
	}
	for i, series := range some.Series {
		check.Results = append(check.Results, seen.tell(series, &report.Results[i], set.Features))
	}
	check.Seconds = time.Since(start).Seconds()
	return check, nil
}

// spread is n of all, from the first to the last.
func spread(all []*readings.Series, n int) []*readings.Series {
	if len(all) <= n {
		return all
	}
	some := make([]*readings.Series, n)
	for i := range some {
		some[i] = all[i*(len(all)-1)/(n-1)]
	}
	return some
}

// witness is a runtime whose answers are remembered.
type witness struct {
	runtime.Runtime
	mu      sync.Mutex
	answers map[fleet.Sensor]runtime.Answer
	keys    map[fleet.Sensor]string
}

// Score implements runtime.Runtime.
func (w *witness) Score(ctx context.Context, requests []runtime.Request, answers []runtime.Answer) error {
	if err := w.Runtime.Score(ctx, requests, answers); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range requests {
		a := answers[i]
		a.Score, a.Label = slices.Clone(a.Score), nil
		w.answers[requests[i].Sensor], w.keys[requests[i].Sensor] = a, requests[i].Key
	}
	return nil
}

// tell puts together what is known of a sensor.
func (w *witness) tell(series *readings.Series, r *score.SensorResult, features []string) CheckedSensor {
	c := CheckedSensor{
		Sensor: r.Sensor, OK: len(r.Failures) == 0, Runtime: r.Runtime, Model: w.keys[r.Sensor],
		Input: Sample{Features: features, Rows: series.Rows()}, Seconds: r.Took.Seconds(),
	}
	if len(r.Failures) > 0 {
		c.Cause, c.Error = r.Failures[0].Cause, r.Failures[0].Example
	}
	if blocks := series.Blocks(); len(blocks) > 0 {
		c.Input.From, c.Input.First = time.Unix(0, blocks[0].Times[0]).UTC(), slices.Clone(blocks[0].Row(0))
	}
	a, asked := w.answers[r.Sensor]
	c.Printed, c.Memory = a.Output, a.Memory
	if r.Predictions == 0 {
		return c
	}
	c.Output = &Verdict{Predictions: r.Predictions, Anomalies: r.Anomalies}
	if asked {
		scored := slices.DeleteFunc(a.Score, math.IsNaN)
		least, most := slices.Min(scored), slices.Max(scored) // there are predictions, so there are some
		c.Output.LeastScore, c.Output.MostScore = &least, &most
	}
	return c
}

// nowhere is a store that keeps nothing.
type nowhere struct{ store.Writer }

// Put implements store.Writer.
func (nowhere) Put(_ context.Context, _ string, body io.Reader) error {
	_, err := io.Copy(io.Discard, body)
	return err
}
