package sklearn

import (
	"fmt"
	"math"
)

// Matrix is a dense matrix of Rows × Cols values, row after row.
type Matrix struct {
	Data       []float64
	Rows, Cols int
}

// Column is a matrix of one column over values, which it does not copy.
func Column(values []float64) Matrix { return Matrix{Data: values, Rows: len(values), Cols: 1} }

// Labels, as scikit-learn's predict gives them, and NotScored.
const (
	Inlier    int8 = 1
	Outlier   int8 = -1
	NotScored int8 = 0
)

// Scores is what [Model.Score] writes: one entry a row. It is reused from call
// to call; the zero Scores is ready.
type Scores struct {
	// Decision is the decision function: greater is more normal. NaN where the row was not scored.
	Decision []float64
	// Bound is B, the sum of the absolute values of the terms of Decision.
	Bound []float64
	// Label is Inlier, Outlier, or NotScored where a feature is NaN or infinite
	// (scikit-learn refuses such a row), also after scaling, and where the features are
	// so large that infinite terms of both signs leave no decision.
	Label []int8

	scratch []float64
}

// Undecidable reports whether row i was scored and is so near 0 that rounding
// alone decides its label. So is a decision value that overflowed.
func (s *Scores) Undecidable(i int) bool {
	return s.Label[i] != NotScored && !(math.Abs(s.Decision[i]) > Tolerance*s.Bound[i])
}

// Set makes s what others have computed, which it copies: nothing is known of the terms.
func (s *Scores) Set(decision []float64, label []int8) {
	s.resize(len(label))
	copy(s.Decision, decision)
	copy(s.Label, label)
	clear(s.Bound)
}

// Rows are some of the rows, in the same memory.
func (s *Scores) Rows(from, to int) Scores {
	return Scores{Decision: s.Decision[from:to:to], Bound: s.Bound[from:to:to], Label: s.Label[from:to:to]}
}

// Rows pass through the steps so many values at a time that they stay in the nearest
// cache, but at least as many rows as kernels decide together.
const blockValues, blockRows = 2048, 32

// Score computes every row's decision value, bound and label into s. The only
// error is [ErrFeatures].
func (m *Model) Score(x Matrix, s *Scores) error {
	if x.Cols != m.features {
		return fmt.Errorf("%w: the rows have %d, the model wants %d", ErrFeatures, x.Cols, m.features)
	}
	if len(x.Data) != x.Rows*x.Cols {
		return fmt.Errorf("%w: %d values are not %d rows of %d", ErrFeatures, len(x.Data), x.Rows, x.Cols)
	}
	s.resize(x.Rows)
	block := max(blockRows, blockValues/max(1, m.widest())/blockRows*blockRows)
	for from := 0; from < x.Rows; from += block {
		to := min(from+block, x.Rows)
		m.scoreBlock(x.Data[from*x.Cols:to*x.Cols], to-from, s, from)
	}
	return nil
}

func (m *Model) scoreBlock(x []float64, rows int, s *Scores, from int) {
	width := m.features
	for _, t := range m.transforms {
		out := t.outputs(width)
		dst := s.buffer(rows * m.widest())[:rows*out]
		t.transform(dst, x)
		x, width = dst, out
	}
	decision, label := s.Decision[from:from+rows], s.Label[from:from+rows]
	m.detector.decide(x, decision, s.Bound[from:from+rows])
	for i, d := range decision {
		var normal int8 // without a branch: labels are hard to predict
		if d > 0 {
			normal = 1
		}
		label[i] = Outlier + normal*(Inlier-Outlier)
	}
	if finite(x) && finite(decision) {
		return
	}
	for i := range rows {
		if math.IsNaN(decision[i]) || !finite(x[i*width:(i+1)*width]) {
			decision[i], label[i] = math.NaN(), NotScored
		}
	}
}

// widest is the greatest number of values a row has on its way through the steps.
func (m *Model) widest() int {
	width := m.features
	most := width
	for _, t := range m.transforms {
		width = t.outputs(width)
		most = max(most, width)
	}
	return most
}

func (s *Scores) resize(rows int) {
	if cap(s.Label) < rows {
		s.Decision, s.Bound, s.Label = make([]float64, rows), make([]float64, rows), make([]int8, rows)
	}
	s.Decision, s.Bound, s.Label = s.Decision[:rows], s.Bound[:rows], s.Label[:rows]
}

func (s *Scores) buffer(n int) []float64 {
	if cap(s.scratch) < n {
		s.scratch = make([]float64, n)
	}
	return s.scratch[:n]
}

// finite reports whether no value is NaN or infinite: v-v is 0 only for finite v, and
// what is not 0 then is NaN, which stays in a sum. There are several sums to hide
// their latency.
func finite(values []float64) bool {
	var a, b, c, d float64
	for ; len(values) >= 4; values = values[4:] {
		a += values[0] - values[0]
		b += values[1] - values[1]
		c += values[2] - values[2]
		d += values[3] - values[3]
	}
	for _, v := range values {
		a += v - v
	}
	return a+b+c+d == 0
}
