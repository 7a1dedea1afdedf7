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
// it: x is 1 away, so that the argument is -gamma. 1, 8 and 32 rows are decided
// by code of their own, and so are more features and negative coefficients.
func TestNegligible(t *testing.T) {
	for _, c := range []struct{ gamma, want float64 }{{664, Exp(-664)}, {math.Nextafter(664, 1000), 0}, {663, Exp(-663)}} {
		for _, features := range []int{1, 2} {
			for _, coef := range []float64{1, -1} {
				m, err := New(Params{Kind: RBF, Gamma: c.gamma}, make([]float64, features), features, []float64{coef}, 0)
				if err != nil {
					t.Fatal(err)
				}
				for _, rows := range []int{1, 8, 32} {
					x := make([]float64, rows*features)
					for i := range rows {
						x[i*features] = 1
					}
					for _, tier := range tiers() {
						score, bound := decide(on(tier, m), x)
						for i := range rows {
							if score[i] != coef*c.want || bound[i] != c.want {
								t.Fatalf("%v, gamma %v, %d features, row %d of %d: score %x, bound %x, want %x",
									tier, c.gamma, features, i, rows, score[i], bound[i], coef*c.want)
							}
						}
					}
				}
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
