package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Machines as they are trained are scaled, wherever their numbers lie, and those
// whose decisions rounding would spoil are not.
func TestScaled(t *testing.T) {
	for _, c := range []struct {
		name                     string
		features                 int
		offset, sigma, intercept float64
		gamma                    float64 // times the variance and the features
		want                     bool
	}{
		{"one feature", 1, 0, 1, -5, 1, true},
		{"one feature, far from 0", 1, 1e9, 1e-3, -5, 1, true},
		{"one feature, narrow", 1, 0, 1, -5, 100, true},
		{"one feature, too narrow", 1, 0, 1, -5, 1e5, false},
		{"ten features", 10, 100, 30, -5, 1, true},
		{"200 features", 200, 0, 1, -5, 1, true},
		{"2000 features", 2000, 0, 1, -5, 1, false},
		{"two features, too narrow", 2, 0, 1, -5, 1000, false},
		{"no intercept", 1, 0, 1, 0, 1, false},
		{"hardly an intercept", 3, 0, 1, 1e-6, 1, false},
		{"overflow", 1, 0, 1e300, -5, 1e300, false},
	} {
		rng := rand.New(rand.NewPCG(6, 6))
		sv, coef := make([]float64, 50*c.features), make([]float64, 50)
		for i := range sv {
			sv[i] = c.offset + c.sigma*rng.NormFloat64()
		}
		for i := range coef {
			coef[i] = 1
		}
		m := made(t, Params{Gamma: c.gamma / c.sigma / c.sigma / float64(c.features)}, sv, c.features, coef, c.intercept)
		if m.scaled != c.want {
			t.Errorf("%s: scaled %v", c.name, m.scaled)
		}
		x := sv[:c.features]
		score, bound := decide(m.Machine, x)
		want := bigDecide(m, x)
		if wrong := math.Abs(nearest(bigSub(exact(score[0]), want.score))); !(wrong <= 1e-13*bound[0]) {
			t.Errorf("%s: score %v, exact %.20g", c.name, score[0], want.score)
		}
	}
}

// A machine that is reset is the one that New makes.
func TestReset(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	reused := new(Machine)
	for i := range 200 {
		kind, shape := Kind(rng.IntN(4)), [2]int{1 + rng.IntN(4), rng.IntN(120)}
		m, x := drawn(t, rng, kind, shape[0], shape[1], 9)
		if err := reused.Reset(m.params, m.vectors, m.features, m.coef, m.intercept); err != nil {
			t.Fatal(err)
		}
		score, bound := decide(m.Machine, x)
		if s, b := decide(reused, x); !sameBits(s, score) || !sameBits(b, bound) {
			t.Fatalf("machine %d, %v, %v: other results after a reset", i, kind, shape)
		}
	}
}
