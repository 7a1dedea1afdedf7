package kernel

import (
	"math"
	"strings"
	"testing"
)

func TestNewRefuses(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	one := []float64{1}
	cases := []struct {
		name      string
		params    Params
		sv        []float64
		d         int
		coef      []float64
		intercept float64
		want      string
	}{
		{"no features", Params{}, nil, 0, nil, 0, "at least 1"},
		{"negative features", Params{}, nil, -1, nil, 0, "at least 1"},
		{"too few values", Params{}, one, 2, one, 0, "1 values of support vectors for 1 coefficients and 2 features"},
		{"too many values", Params{}, []float64{1, 2, 3}, 1, one, 0, "3 values"},
		{"no coefficients", Params{}, one, 1, nil, 0, "for 0 coefficients"},
		{"features that overflow", Params{}, one, math.MaxInt, []float64{1, 2}, 0, "1 values"},
		{"support vector", Params{}, []float64{1, 2, 3, nan}, 2, []float64{1, 2}, 0, "support vector 1, feature 1 is NaN"},
		{"coefficient", Params{}, []float64{1, 2}, 1, []float64{1, -inf}, 0, "coefficient 1 is -Inf"},
		{"intercept", Params{}, one, 1, one, inf, "intercept is +Inf"},
		{"rbf gamma", Params{Gamma: -0.1}, one, 1, one, 0, "gamma of an rbf kernel is -0.1"},
		{"rbf gamma NaN", Params{Gamma: nan}, one, 1, one, 0, "gamma"},
		{"poly gamma", Params{Kind: Poly, Gamma: inf}, one, 1, one, 0, "gamma +Inf and coef0 0 of a poly"},
		{"sigmoid coef0", Params{Kind: Sigmoid, Coef0: nan}, one, 1, one, 0, "coef0 NaN of a sigmoid"},
		{"degree", Params{Kind: Poly, Degree: -1}, one, 1, one, 0, "degree of a poly kernel is -1"},
		{"kind", Params{Kind: 9}, one, 1, one, 0, "Kind(9) is not a kernel"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, err := New(c.params, c.sv, c.d, c.coef, c.intercept)
			if err == nil || m != nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("New: %v, want an error with %q", err, c.want)
			}
		})
	}
}

// New must not fail for constants that the kernel does not have, and must not
// keep what the caller may change.
func TestNewCopies(t *testing.T) {
	sv, coef := []float64{2, 3}, []float64{5}
	m, err := New(Params{Kind: Linear, Gamma: math.NaN(), Degree: -1}, sv, 2, coef, 1)
	if err != nil {
		t.Fatal(err)
	}
	sv[0], coef[0] = 0, 0
	if score, bound := decide(m, []float64{7, -11}); score[0] != 5*(14-33)+1 || bound[0] != 5*19+1 {
		t.Errorf("score %v, bound %v", score[0], bound[0])
	}
	if m.Features() != 2 || m.Vectors() != 1 {
		t.Errorf("%d features, %d vectors", m.Features(), m.Vectors())
	}
}

func TestNoVectors(t *testing.T) {
	m, err := New(Params{Kind: Poly, Degree: MaxDegree}, nil, 3, nil, -2)
	if err != nil {
		t.Fatal(err)
	}
	if score, bound := decide(m, make([]float64, 6)); score[1] != -2 || bound[1] != 2 {
		t.Errorf("score %v, bound %v, want the intercept", score, bound)
	}
}

// Kernel values become 0 below the argument that the specification names, not at
// it: x is 1 away from the first support vector, so that the argument is -gamma;
// the second, which counts for nothing, is as near as can be. 1, 8 and 32 rows
// are decided by code of their own, and so are those beside far ones, more
// features and negative coefficients.
func TestNegligible(t *testing.T) {
	for _, c := range []struct{ gamma, want float64 }{{664, Exp(-664)}, {math.Nextafter(664, 1000), 0}, {663, Exp(-663)}} {
		for _, features := range []int{1, 2} {
			for _, coef := range []float64{1, -1} {
				for _, side := range []float64{1, -1} {
					sv := make([]float64, 2*features)
					sv[features] = side
					m, err := New(Params{Kind: RBF, Gamma: c.gamma}, sv, features, []float64{coef, 0}, 0)
					if err != nil {
						t.Fatal(err)
					}
					for _, rows := range []int{1, 8, 32} {
						checkNegligible(t, m, rows, side, 0, coef*c.want)
						checkNegligible(t, m, rows, side, 1e3, coef*c.want)
					}
				}
			}
		}
	}
}

// checkNegligible decides rows at x, but for every eighth, which is farther by
// offset.
func checkNegligible(t *testing.T, m *Machine, rows int, x, offset, want float64) {
	values := make([]float64, rows*m.features)
	for i := range rows {
		values[i*m.features] = x
		if i%8 == 7 {
			values[i*m.features] += offset
		}
	}
	for _, tier := range tiers() {
		score, bound := decide(on(tier, m), values)
		for i := range rows {
			want := want
			if i%8 == 7 && offset > 0 {
				want = 0
			}
			if score[i] != want || bound[i] != math.Abs(want) {
				t.Fatalf("%v, gamma %v, %d features, coefficient %v, row %d of %d at %v and %v: score %x, bound %x, want %x", tier,
					m.params.Gamma, m.features, m.coef[0], i, rows, x, offset, score[i], bound[i], want)
			}
		}
	}
}

// Far outliers and what they overflow to are 0, not NaN, as in scikit-learn.
func TestFarAway(t *testing.T) {
	m, err := New(Params{Kind: RBF, Gamma: 0.01}, []float64{1, -math.MaxFloat64}, 1, []float64{0.5, 0.5}, -0.25)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []float64{1e3, 1e30, 1e100, -1e160, math.MaxFloat64, math.Inf(-1)} {
		if score, bound := decide(m, []float64{x}); score[0] != -0.25 || bound[0] != 0.25 {
			t.Errorf("x = %v: score %v, bound %v", x, score[0], bound[0])
		}
	}
	if score, bound := decide(m, []float64{math.NaN()}); !math.IsNaN(score[0]) || !math.IsNaN(bound[0]) {
		t.Errorf("NaN: score %v, bound %v", score[0], bound[0])
	}
}
