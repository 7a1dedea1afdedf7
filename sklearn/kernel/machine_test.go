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

// Kernel values become 0 where the specification says: x is 1 away from the first
// support vector, so that the exponent is -gamma/ln 2; the second, which counts for
// nothing, is as near as can be. 1, 8 and 32 rows are decided by code of their own,
// and so are those beside far ones, more features and machines that are not scaled.
func TestNegligible(t *testing.T) {
	for _, exponent := range []float64{-1021, -1022.5, -1023.1, -1100} {
		for _, features := range []int{1, 2} {
			for _, coef := range []float64{1, -1} {
				for _, scaled := range []bool{true, false} {
					sv := make([]float64, 2*features)
					intercept := 0.0
					if scaled {
						intercept = 1
					}
					m := made(t, Params{Kind: RBF, Gamma: -exponent * math.Ln2}, sv, features, []float64{coef, 0}, intercept)
					if m.scaled != scaled {
						t.Fatalf("scaled: %v, want %v", m.scaled, scaled)
					}
					m.intercept = 0 // or it would hide the sums
					for _, rows := range []int{1, 8, 32} {
						for _, offset := range []float64{0, 1e3} {
							checkNegligible(t, m.Machine, rows, offset, exponent)
						}
					}
				}
			}
		}
	}
}

// checkNegligible decides rows at 1, but for every eighth, which is farther by
// offset.
func checkNegligible(t *testing.T, m *Machine, rows int, offset, exponent float64) {
	t.Helper()
	values := make([]float64, rows*m.features)
	for i := range rows {
		values[i*m.features] = 1
		if i%8 == 7 {
			values[i*m.features] += offset
		}
	}
	for _, tier := range tiers() {
		score, bound := decide(on(tier, m), values)
		for i := range rows {
			far := exponent < bottom || i%8 == 7 && offset > 0
			ok := math.Abs(score[i]) == bound[i] && bound[i] <= 0x1p-1021*(1+1e-12) && (score[i] == 0 || math.Signbit(score[i]) == math.Signbit(m.coef[0]))
			if exponent == -1021 && !far {
				ok = ok && bound[i] >= 0x1p-1021*(1-1e-12)
			}
			if !ok || far && score[i] != 0 {
				t.Fatalf("%v, scaled %v, %d features, coefficient %v, row %d of %d, exponent %v: score %x, bound %x", tier,
					m.scaled, m.features, m.coef[0], i, rows, exponent, score[i], bound[i])
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
