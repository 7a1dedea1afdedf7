package score

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/readings"
	"github.com/fleetscore/fleetscore/score/runtime"
	"github.com/fleetscore/fleetscore/sklearn"
)

// Foreign is a program that scores instead of what reads models natively.
type Foreign struct {
	runtime.Runtime
	// Name is how it is called in reports.
	Name string
	// Fallback leaves to it only the models that are not read natively.
	Fallback bool
	// Whole gives it all sensors at once.
	Whole bool
	// Printed, if set, is told what the program printed for a sensor. Several
	// goroutines call it at a time.
	Printed func(fleet.Sensor, string)
}

// How much is given to the program at once: enough that nobody notices the way to it
// and back, and not so much that others wait for their turn.
const (
	batchSensors = 256
	askedBytes   = 8 << 20
)

// A slot is a piece on its way: scored natively, asked of the program, or failed.
type slot struct {
	outcome outcome
	rows    int
	scores  sklearn.Scores
	asked   bool
}

// An asker has sensors scored by a program, some at a time. Its memory is used again.
type asker struct {
	*Foreign
	set      *readings.Set
	lib      *library
	enter    func(fleet.Sensor)
	desk     desk
	slots    []slot
	requests []runtime.Request
	answers  []runtime.Answer
	bytes    int // of the requests
}

func newAsker(cfg Config, set *readings.Set, lib *library) *asker {
	return &asker{Foreign: cfg.Foreign, set: set, lib: lib, enter: cfg.Enter}
}

// full reports whether it is time to ask.
func (a *asker) full() bool {
	return !a.Whole && (len(a.requests) >= batchSensors || len(a.slots) >= 4*batchSensors || a.bytes >= askedBytes)
}

// add takes a piece, which is all of a sensor. What is read natively is scored at once.
func (a *asker) add(ctx context.Context, p piece) {
	if len(a.slots) < cap(a.slots) {
		a.slots = a.slots[:len(a.slots)+1]
	} else {
		a.slots = append(a.slots, slot{})
	}
	s := &a.slots[len(a.slots)-1]
	s.outcome, s.rows, s.asked = outcome{piece: p}, 0, false
	if len(p.blocks) == 0 {
		return
	}
	series := a.set.Series[p.series]
	if a.enter != nil {
		a.enter(series.Sensor)
	}
	start := time.Now()
	defer func() { s.outcome.took = time.Since(start) }()
	times, values := joined(p.blocks)
	s.rows = len(times)
	m := a.lib.get(ctx, series.Sensor, p.model, &a.desk)
	if m.err != nil {
		s.outcome.failures = fail(m.cause, int64(s.rows), m.err)
		return
	}
	s.outcome.model = m.digest
	if m.loaded != nil {
		s.native(m.loaded, a.set.Features, values)
		return
	}
	s.asked, s.outcome.by = true, a.Name
	if m.reason != nil {
		s.outcome.reason = m.reason.Error()
	}
	a.requests = append(a.requests, runtime.Request{
		Sensor: series.Sensor, Key: m.key, Digest: m.digest, Model: m.data, Features: a.set.Features, Times: times, Values: values,
	})
	a.bytes += len(m.data) + 8*len(values)
}

func (s *slot) native(m *sklearn.Model, features []string, values []float64) {
	err := inOrder(m.FeatureNames(), features)
	if err == nil {
		err = m.Score(sklearn.Matrix{Data: values, Rows: s.rows, Cols: len(features)}, &s.scores)
	}
	if err != nil {
		s.outcome.failures = fail(fleet.WrongFeatures, int64(s.rows), err)
	}
}

// ask has all scored that was added. What came of it is in slots, until reset.
func (a *asker) ask(ctx context.Context) error {
	if len(a.requests) == 0 {
		return nil
	}
	a.answers = slices.Grow(a.answers[:0], len(a.requests))[:len(a.requests)]
	if err := a.Score(ctx, a.requests, a.answers); err != nil {
		return err
	}
	n := 0
	for i := range a.slots {
		s := &a.slots[i]
		if !s.asked {
			continue
		}
		answer := &a.answers[n]
		if n++; answer.Output != "" && a.Printed != nil {
			a.Printed(a.set.Series[s.outcome.series].Sensor, answer.Output)
		}
		s.outcome.took += answer.Took
		if answer.Cause != "" {
			s.outcome.failures = fail(answer.Cause, int64(s.rows), answer.Err)
			continue
		}
		s.scores.Set(answer.Score, answer.Label)
	}
	return nil
}

func (a *asker) reset() {
	clear(a.requests) // lets go of models
	a.slots, a.requests, a.bytes = a.slots[:0], a.requests[:0], 0
}

// joined are the rows of some blocks as one.
func joined(blocks []*readings.Block) ([]int64, []float64) {
	if len(blocks) == 1 {
		return blocks[0].Times, blocks[0].Values
	}
	n := 0
	for _, b := range blocks {
		n += b.Len()
	}
	times, values := make([]int64, 0, n), make([]float64, 0, n*blocks[0].Width)
	for _, b := range blocks {
		times, values = append(times, b.Times...), append(values, b.Values...)
	}
	return times, values
}

// wholeAnswers has all sensors of the set scored at once, where that is how the program
// wants it: slots, by number of the series.
func wholeAnswers(ctx context.Context, cfg Config, set *readings.Set, lib *library) ([]slot, error) {
	if cfg.Foreign == nil || !cfg.Foreign.Whole {
		return nil, nil
	}
	a := newAsker(cfg, set, lib)
	for u := range plan(set, size{math.MaxInt, math.MaxInt, true}) {
		for _, p := range u {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			a.add(ctx, p)
		}
	}
	return a.slots, a.ask(ctx)
}

// scoreForeign scores a unit with a program.
func (w *worker) scoreForeign(ctx context.Context, u unit) error {
	if w.whole != nil {
		for _, p := range u {
			w.conclude(&w.whole[p.series])
		}
		return nil
	}
	for i, p := range u {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if w.asker.add(ctx, p); !w.asker.full() && i < len(u)-1 {
			continue
		}
		if err := w.asker.ask(ctx); err != nil {
			return err
		}
		for j := range w.asker.slots {
			w.conclude(&w.asker.slots[j])
		}
		w.asker.reset()
	}
	return nil
}

// conclude judges and encodes what came of a piece.
func (w *worker) conclude(s *slot) {
	o := &s.outcome
	if len(o.failures) == 0 && s.rows > 0 {
		from, row := len(w.result.text), 0
		for _, b := range o.blocks {
			w.scores = s.scores.Rows(row, row+b.Len())
			w.judge(o, w.set.Series[o.series].Sensor, b)
			row += b.Len()
		}
		o.text = w.result.text[from:]
	}
	w.result.outcomes = append(w.result.outcomes, *o)
}
