package score

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/predictions"
	"github.com/fleetscore/fleetscore/score/readings"
	"github.com/fleetscore/fleetscore/sklearn"
)

// worker scores units, one at a time. Its buffers live as long as it does.
type worker struct {
	cfg    Config
	set    *readings.Set
	lib    *library
	csv    predictions.CSV
	scores sklearn.Scores
	desk   desk
	result *result // of the unit at hand
	// Where a program scores: what asks it, or what it has answered.
	asker *asker
	whole []slot
	// rowGroup gives an empty one for a unit; nil: units are not row groups.
	rowGroup func() *predictions.RowGroup
}

func newWorker(cfg Config, set *readings.Set, lib *library, rowGroup func() *predictions.RowGroup) *worker {
	w := &worker{cfg: cfg, set: set, lib: lib, rowGroup: rowGroup, csv: predictions.CSV{Layout: cfg.Layout, Columns: cfg.columns(set)}}
	if cfg.Foreign != nil {
		w.asker = newAsker(cfg, set, lib)
	}
	return w
}

// outcome is what came of one piece.
type outcome struct {
	piece
	model       string // digest
	by          string // the program that scored it; empty: it was scored natively
	reason      string // why it was not
	predictions int64
	anomalies   int64
	undecidable int64
	failures    []fleet.Failure
	took        time.Duration
	// The predictions: encoded as text, or as they are, by format. They lie in the
	// result, and are gone with it.
	text    []byte
	batches []predictions.Batch
}

func (w *worker) run(ctx context.Context, jobs <-chan job, free freeResults) error {
	for j := range jobs {
		w.result = free.get()
		if w.rowGroup != nil {
			w.result.rowGroup = w.rowGroup()
		}
		if err := w.scoreUnit(ctx, j.unit); err != nil {
			return err
		}
		j.result <- w.result
	}
	return nil
}

func (w *worker) scoreUnit(ctx context.Context, u unit) error {
	if w.asker != nil {
		return w.scoreForeign(ctx, u)
	}
	for _, p := range u {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		w.result.outcomes = append(w.result.outcomes, w.score(ctx, p))
	}
	return nil
}

func (w *worker) score(ctx context.Context, p piece) (o outcome) {
	o = outcome{piece: p}
	series := w.set.Series[p.series]
	if len(p.blocks) == 0 {
		return o
	}
	if w.cfg.Enter != nil {
		w.cfg.Enter(series.Sensor)
	}
	start := time.Now()
	defer func() { o.took = time.Since(start) }()
	m := w.lib.get(ctx, series.Sensor, p.model, &w.desk)
	rows := 0
	for _, b := range p.blocks {
		rows += b.Len()
	}
	if m.err != nil {
		o.failures = fail(m.cause, int64(rows), m.err)
		return o
	}
	o.model = m.digest
	if err := inOrder(m.loaded.FeatureNames(), w.set.Features); err != nil {
		o.failures = fail(fleet.WrongFeatures, int64(rows), err)
		return o
	}
	from := len(w.result.text)
	for _, b := range p.blocks {
		if ctx.Err() != nil {
			break // nothing of it will be written
		}
		if err := m.loaded.Score(sklearn.Matrix{Data: b.Values, Rows: b.Len(), Cols: b.Width}, &w.scores); err != nil {
			o.failures = fail(fleet.WrongFeatures, int64(rows), err)
			return o
		}
		w.judge(&o, series.Sensor, b)
	}
	o.text = w.result.text[from:]
	return o
}

// inOrder refuses the features of a row if they are those that a model was fitted
// with in another order. Where the names differ, nobody can tell.
func inOrder(fitted, given []string) error {
	if len(fitted) != len(given) || slices.Equal(fitted, given) {
		return nil
	}
	if !slices.Equal(slices.Sorted(slices.Values(fitted)), slices.Sorted(slices.Values(given))) {
		return nil
	}
	names := strings.Join(fitted, ",")
	return fmt.Errorf("the model was fitted with the features in another order; give --features %s", names)
}

// judge counts and keeps what w.scores says of block b.
func (w *worker) judge(o *outcome, sensor fleet.Sensor, b *readings.Block) {
	r := w.result
	from := len(r.anomaly)
	for i, label := range w.scores.Label {
		if w.cfg.Threshold != nil && label != sklearn.NotScored {
			label = sklearn.Inlier
			if w.scores.Decision[i] < *w.cfg.Threshold {
				label = sklearn.Outlier
			}
		}
		switch label {
		case sklearn.NotScored:
			r.anomaly = append(r.anomaly, predictions.NotScored)
			o.notFinite(b, i)
			continue
		case sklearn.Outlier:
			r.anomaly = append(r.anomaly, predictions.Anomalous)
			o.anomalies++
		default:
			r.anomaly = append(r.anomaly, predictions.Normal)
		}
		o.predictions++
		if w.cfg.Threshold == nil && o.by == "" && w.scores.Undecidable(i) {
			o.undecidable++
		}
	}
	batch := predictions.Batch{Sensor: sensor, Model: o.model, Block: b, Score: w.scores.Decision, Anomaly: r.anomaly[from:]}
	switch {
	case w.cfg.Format == CSV:
		r.text = w.csv.Append(r.text, batch)
		return
	case r.rowGroup != nil:
		if err := r.rowGroup.Append(batch); r.err == nil {
			r.err = err
		}
		return
	}
	from = len(r.scores)
	r.scores = append(r.scores, w.scores.Decision...)
	batch.Score = r.scores[from:]
	o.batches = append(o.batches, batch)
}

func (o *outcome) notFinite(b *readings.Block, i int) {
	switch {
	case len(o.failures) > 0:
	case o.by != "":
		o.failures = fail(fleet.NotFinite, 0, fmt.Errorf("the program gave no finite score to the row of %s", b.AppendTime(nil, i)))
	default:
		o.failures = fail(fleet.NotFinite, 0, fmt.Errorf("the value %v at %s is too large or not finite, once scaled", b.Row(i), b.AppendTime(nil, i)))
	}
	o.failures[0].Rows++
}
