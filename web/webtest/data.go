package webtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"math"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/web"
)

// Data is what a store would hold.
type Data struct {
	mu      sync.Mutex
	down    error
	commits []*fleet.Commit
	Sensors []web.SensorFate
	NoFates error // why nobody knows what became of the sensors
	Failed  []fleet.SensorFailure
	Rows    []web.Prediction
	logs    map[string][]byte // by run and attempt
}

// NewData has a little of everything.
func NewData() *Data {
	d := &Data{logs: map[string][]byte{}}
	for i := range 3 {
		c := &fleet.Commit{Job: "hourly", Interval: Hour(i), Rev: i + 1, Run: RunDone, Time: Noon(), Complete: i > 0, Counts: fleet.Counts{Sensors: 4, Scored: 2, Failed: 2}}
		c.Tasks = []fleet.CommitTask{{Task: fleet.Task{Run: RunDone, Attempt: 2}, Files: []fleet.Output{{Key: "predictions/a.parquet", Size: 10, SHA256: "ab", Rows: 60}}}}
		d.commits = append(d.commits, c)
	}
	for i, fate := range []string{web.FateAnomalous, web.FateScored, web.FateFailed, web.FateFailed, web.FateSilent, web.FateSkipped} {
		f := web.SensorFate{Sensor: fleet.Sensor{Device: fmt.Sprintf("pump-%d", i/2), Tag: fmt.Sprintf("t%d", i%2)}, Fate: fate}
		if fate == web.FateFailed {
			f.Cause = fleet.NoModel
			d.Failed = append(d.Failed, fleet.SensorFailure{Sensor: f.Sensor, Failure: fleet.Failure{Cause: fleet.NoModel, Rows: 60, Example: "no model"}})
		}
		d.Sensors = append(d.Sensors, f)
	}
	for i := range 5 {
		d.Rows = append(d.Rows, web.Prediction{Time: Noon().Add(time.Duration(i) * time.Minute), Values: map[string]web.Float{"value": 1.5, "none": web.Float(math.Inf(1))}, Score: web.Float(math.NaN()), Anomaly: i == 2, Run: RunDone, Rev: 1})
	}
	d.logs[RunDone+"/0-0-1"] = []byte("one\ntwo\n")
	d.logs[RunDone+"/0-0-2"] = []byte("three\nfour without an end")
	return d
}

// Break has the store fail.
func (d *Data) Break(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.down = err
}

// Check is the error that Break set.
func (d *Data) Check(context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.down
}

// Commits implements web.Commits.
func (d *Data) Commits(ctx context.Context, job string, from, to time.Time) iter.Seq2[*fleet.Commit, error] {
	return func(yield func(*fleet.Commit, error) bool) {
		for _, c := range d.commits {
			if c.Job == job && !c.Interval.From.Before(from) && (to.IsZero() || c.Interval.From.Before(to)) && !yield(c, nil) {
				return
			}
		}
		if err := d.Check(ctx); err != nil {
			yield(nil, err)
		}
	}
}

// each yields a list.
func each[T any](list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// Fates implements web.Fates.
func (d *Data) Fates(context.Context, *fleet.Commit) iter.Seq2[web.SensorFate, error] {
	if d.NoFates != nil {
		return func(yield func(web.SensorFate, error) bool) { yield(web.SensorFate{}, d.NoFates) }
	}
	return each(d.Sensors)
}

// Failures implements web.Fates.
func (d *Data) Failures(context.Context, ledger.Run) iter.Seq2[fleet.SensorFailure, error] {
	return each(d.Failed)
}

// Predictions implements web.Fates.
func (d *Data) Predictions(_ context.Context, _ *fleet.Commit, s fleet.Sensor) iter.Seq2[web.Prediction, error] {
	if s.Device != "pump-0" {
		return each[web.Prediction](nil)
	}
	return each(d.Rows)
}

// Log implements web.Logs.
func (d *Data) Log(_ context.Context, r ledger.Run, t fleet.Task, offset int64) (io.ReadCloser, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	text, ok := d.logs[r.ID+"/"+t.String()]
	if !ok {
		return nil, fmt.Errorf("%w: nothing was logged", web.ErrNotFound)
	}
	return io.NopCloser(bytes.NewReader(text[min(int(offset), len(text)):])), nil
}

// Write adds to a log.
func (d *Data) Write(run, attempt, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.logs[run+"/"+attempt] = append(bytes.Clone(d.logs[run+"/"+attempt]), text...)
}
