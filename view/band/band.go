// Package band draws where a model finds values normal: it asks the model itself for its
// decision function on a grid.
package band

import (
	"errors"
	"fmt"
	"math"

	"github.com/fleetscore/fleetscore/sklearn"
)

// Bounds of a grid.
const (
	MostPoints = 2048 // of one feature
	MostSide   = 96   // of each of two
)

// ErrNone is that a model cannot be drawn, and why.
var ErrNone = errors.New("it cannot be drawn")

// Range is from where to where a feature is drawn.
type Range struct{ From, To float64 }

// Check says what is wrong with a range.
func (r Range) Check() error {
	if !(r.From < r.To) || math.IsInf(r.From, 0) || math.IsInf(r.To, 0) || math.IsInf(r.To-r.From, 0) {
		return fmt.Errorf("from %g to %g is no range of numbers", r.From, r.To)
	}
	return nil
}

func (r Range) at(i, n int) float64 { return r.From + (r.To-r.From)*float64(i)/float64(n-1) }

// Stretch is values that are normal. An end that is nil is beyond what was drawn.
type Stretch struct {
	From *float64 `json:"from"`
	To   *float64 `json:"to"`
}

// Band is a model's decision function on a grid: greater is more normal.
type Band struct {
	Features []string   `json:"features" nullable:"false"`
	Above    float64    `json:"threshold" doc:"what is above it is normal"`
	X        []float64  `json:"x" nullable:"false"`
	Y        []float64  `json:"y,omitempty" nullable:"false" doc:"of two features"`
	Decision []*float64 `json:"decision" nullable:"false" doc:"of two features: for each y one after the other, all of x; null: none"`
	Normal   []Stretch  `json:"normal,omitempty" nullable:"false" doc:"of one feature: where it is normal, between grid points as a straight line would have it"`
}

// Of draws a model of one or two features, n points of each. What is above a threshold, 0
// unless a job has another, is normal.
func Of(m *sklearn.Model, features []string, x, y Range, n int, threshold float64) (*Band, error) {
	b := &Band{Features: features, Above: threshold, X: make([]float64, n)}
	for i := range n {
		b.X[i] = x.at(i, n)
	}
	values := b.X
	switch m.Features() {
	case 1:
	case 2:
		b.Y = make([]float64, n)
		values = make([]float64, 0, 2*n*n)
		for i := range n {
			b.Y[i] = y.at(i, n)
			for _, v := range b.X {
				values = append(values, v, b.Y[i])
			}
		}
	default:
		return nil, fmt.Errorf("%w: the model has %d features, and a plane has two", ErrNone, m.Features())
	}
	var scores sklearn.Scores
	rows := len(values) / m.Features()
	if err := m.Score(sklearn.Matrix{Data: values, Rows: rows, Cols: m.Features()}, &scores); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	b.Decision = make([]*float64, rows)
	for i, d := range scores.Decision {
		if !math.IsNaN(d) && !math.IsInf(d, 0) {
			b.Decision[i] = &scores.Decision[i]
		}
	}
	if m.Features() == 1 {
		b.Normal = normal(b.X, scores.Decision, threshold)
	}
	return b, nil
}

// normal are the stretches in which a function is above a threshold.
func normal(x, scores []float64, threshold float64) []Stretch {
	all := []Stretch{}
	decision := make([]float64, len(scores))
	for i, s := range scores {
		decision[i] = s - threshold
	}
	var open *Stretch
	for i, d := range decision {
		switch in := d > 0; {
		case in && open == nil:
			all = append(all, Stretch{})
			open = &all[len(all)-1]
			if i > 0 {
				at := cross(x, decision, i)
				open.From = &at
			}
		case !in && open != nil:
			at := cross(x, decision, i)
			open.To, open = &at, nil
		}
	}
	return all
}

// cross is where a function crosses 0 between points i-1 and i.
func cross(x, d []float64, i int) float64 {
	if share := d[i-1] / (d[i-1] - d[i]); share >= 0 && share <= 1 {
		return x[i-1] + share*(x[i]-x[i-1])
	}
	return x[i]
}
