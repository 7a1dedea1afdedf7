package kernel

import (
	"fmt"
	"math"
)

// block is how many support vectors' kernel values are held at a time.
const block = 64

// Decide computes, for every row of x (len(score) rows of Features values each,
// row-major), the decision value and its bound, Σ|coef·K| + |intercept|, within
// rounding. A row's result depends on that row alone, not on its neighbours or
// their number; NaN and infinities in it pass through the arithmetic. Decide
// allocates nothing and may be called by several goroutines at once. It panics
// unless len(bound) is len(score) and len(x) is len(score)·Features.
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

// decideRows decides one row after the other.
func (m *Machine) decideRows(x, score, bound []float64) {
	d := m.features
	var values [block]float64
	for i := range score {
		score[i], bound[i] = m.decide(x[i*d:(i+1)*d], &values)
	}
}

func (m *Machine) decide(x []float64, values *[block]float64) (score, bound float64) {
	sv := m.sv
	for coef := m.coef; len(coef) > 0; {
		n := min(block, len(coef))
		m.kernel(values, n, x, sv)
		score, bound = add(score, bound, coef[:n], values[:n])
		coef, sv = coef[n:], sv[n*len(x):]
	}
	return score + m.intercept, bound + math.Abs(m.intercept)
}

// kernel sets values[i] to K(x, sv[i]), i < n.
func (m *Machine) kernel(values *[block]float64, n int, x, sv []float64) {
	p, v := &m.params, values[:n]
	switch p.Kind {
	case RBF:
		squaredDistances(v, x, sv)
		m.tier.rbf(values, n, -p.Gamma)
	case Linear:
		dots(v, x, sv)
	case Poly:
		dots(v, x, sv)
		poly(v, p.Gamma, p.Coef0, p.Degree)
	case Sigmoid:
		dots(v, x, sv)
		sigmoid(v, p.Gamma, p.Coef0)
	}
}

// add adds coef[i]·v[i], each rounded, to score and their magnitudes to bound,
// in order.
func add(score, bound float64, coef, v []float64) (float64, float64) {
	v = v[:len(coef)]
	for i, c := range coef {
		t := float64(c * v[i])
		score += t
		bound += math.Abs(t)
	}
	return score, bound
}
