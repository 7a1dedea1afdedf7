package kernel

import (
	"fmt"
	"math"
	"sync"
)

// Decide computes, for every row of x (len(score) rows of Features values each,
// row-major), the decision value and its bound, Σ|coef·K| + |intercept|, within
// rounding. A row's result depends on that row alone, not on its neighbours or
// their number; NaN in it passes through the arithmetic. Decide
// allocates nothing and may be called by several goroutines at once. It panics
// unless len(bound) is len(score) and len(x) is len(score)·Features. The three may
// not overlap.
func (m *Machine) Decide(x []float64, score, bound []float64) {
	d := m.features
	if len(bound) != len(score) || len(x) != len(score)*d {
		panic(fmt.Sprintf("kernel: Decide with %d values of %d features for %d scores and %d bounds",
			len(x), d, len(score), len(bound)))
	}
	if m.tier != portable && m.params.Kind == RBF && len(m.coef) > 0 {
		m.decideVector(x, score, bound)
		return
	}
	m.decideRows(x, score, bound)
}

// scratch is what deciding rows needs.
type scratch struct {
	exponents      [group * wide]float64 // by support vector, then by row
	rests          [group]float64
	sum, magnitude [wide]float64
	base           [wide]float64 // by row
	rows           []float64     // feature by feature
}

// wide and narrow are how many rows a tile has.
const wide, narrow = 32, 8

// scratches are shared by all machines: there may be far more of them than
// goroutines.
var scratches = sync.Pool{New: func() any { return new(scratch) }}

// room returns memory for n values of rows.
func (s *scratch) room(n int) []float64 {
	if len(s.rows) < n {
		s.rows = make([]float64, n)
	}
	return s.rows[:n]
}

// decideRows decides one row after the other.
func (m *Machine) decideRows(x, score, bound []float64) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	d := m.features
	magnitude := math.Abs(m.intercept)
	for i := range score {
		row := x[i*d : (i+1)*d]
		switch {
		case m.params.Kind != RBF:
			score[i], bound[i] = m.other(s, row)
		case m.scaled && d == 1:
			score[i], bound[i] = m.oneFeatureRow(row[0])
		default:
			score[i], bound[i] = m.rbf(s, row)
		}
		score[i] += m.intercept
		bound[i] += magnitude
	}
}

// oneFeatureRow is the sums of a scaled machine of one feature.
func (m *Machine) oneFeatureRow(x float64) (sum, magnitude float64) {
	x = m.scaling.apply(x)
	near := math.Abs(x-m.scaling.low) <= edge && math.Abs(x-m.scaling.high) <= edge
	sv := m.sv
	for _, run := range m.runs {
		values := 0.0
		for _, v := range sv[:run.n] {
			e := v - x
			if !near {
				e = atMost(edge, atLeast(-edge, e))
			}
			z, r := splitSquare(e)
			values = math.FMA(power(z), rest(r), values)
		}
		sum, magnitude = run.add(values, sum, magnitude)
		sv = sv[run.n:]
	}
	return sum, magnitude
}

// add adds the values of a run.
func (r run) add(values, sum, magnitude float64) (float64, float64) {
	return math.FMA(r.coef, values, sum), math.FMA(math.Abs(r.coef), values, magnitude)
}

// rbf is the sums of any other RBF machine.
func (m *Machine) rbf(s *scratch, x []float64) (sum, magnitude float64) {
	base, negGamma := 0.0, m.params.negGamma()
	if m.scaled {
		row := s.room(len(x))
		base = m.scaling.row(row, x)
		x = row
	}
	runs := m.runs
	for i := 0; i < len(m.coef); i += group {
		n := min(group, len(m.coef)-i)
		u, sv := s.exponents[:n], m.sv[i*m.features:]
		if m.scaled {
			products(u, x, sv, m.scaling.base[i:], base)
		} else {
			distances(u, x, sv, negGamma)
		}
		t, rests := m.tier.kernelValues(s, n)
		for len(t) > 0 {
			values := 0.0
			for k := range runs[0].n {
				values = math.FMA(t[k], rests[k], values)
			}
			sum, magnitude = runs[0].add(values, sum, magnitude)
			t, rests, runs = t[runs[0].n:], rests[runs[0].n:], runs[1:]
		}
	}
	return sum, magnitude
}

// other is the sums of a machine that is not RBF.
func (m *Machine) other(s *scratch, x []float64) (sum, magnitude float64) {
	p, sv := &m.params, m.sv
	for coef := m.coef; len(coef) > 0; {
		v := s.exponents[:min(group, len(coef))]
		dots(v, x, sv)
		switch p.Kind {
		case Poly:
			poly(v, p.Gamma, p.Coef0, p.Degree)
		case Sigmoid:
			sigmoid(v, p.Gamma, p.Coef0)
		}
		for i, v := range v {
			t := float64(coef[i] * v)
			sum += t
			magnitude += math.Abs(t)
		}
		coef, sv = coef[len(v):], sv[len(v)*len(x):]
	}
	return sum, magnitude
}
