package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// uniform draws numbers with all their bits in use, which rapid's own rarely are:
// it prefers short ones.
func uniform(low, high float64) *rapid.Generator[float64] {
	return rapid.Map(rapid.Uint64(), func(seed uint64) float64 {
		share := rand.New(rand.NewPCG(seed, 0)).Float64()
		return min(high, low+float64(share*(high-low)))
	})
}

// number draws both sorts.
func number(low, high float64) *rapid.Generator[float64] {
	return rapid.OneOf(uniform(low, high), rapid.Float64Range(low, high))
}

// given is a machine and the support vectors that it was made of.
type given struct {
	*Machine
	vectors []float64
}

// drawMachine draws a machine that needs one, two or three groups.
func drawMachine(t *rapid.T, value *rapid.Generator[float64]) given {
	p := Params{
		Kind:   rapid.SampledFrom([]Kind{RBF, Linear, Poly, Sigmoid}).Draw(t, "kind"),
		Gamma:  number(0, 2).Draw(t, "gamma"),
		Coef0:  number(0, 2).Draw(t, "coef0"),
		Degree: rapid.IntRange(0, 5).Draw(t, "degree"),
	}
	d := rapid.IntRange(1, 6).Draw(t, "features")
	n := rapid.SampledFrom([]int{0, 1, 2, 3, 4, 5, 55, group - 1, group, group + 1, 2*group + 3}).Draw(t, "vectors")
	sv := rapid.SliceOfN(value, n*d, n*d).Draw(t, "sv")
	// Coefficients of one-class machines are not negative, and mostly one number.
	coefficient := rapid.OneOf(number(-1, 1), rapid.SampledFrom([]float64{0.25, 1}))
	if rapid.Bool().Draw(t, "one class") {
		coefficient = rapid.OneOf(number(0, 1), rapid.Just(1.0), rapid.Just(1.0))
	}
	coef := rapid.SliceOfN(coefficient, n, n).Draw(t, "coef")
	m, err := New(p, sv, d, coef, number(-1, 1).Draw(t, "intercept"))
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return given{m, sv}
}

func drawRows(t *rapid.T, most int, m given, value *rapid.Generator[float64]) []float64 {
	n := rapid.IntRange(0, most).Draw(t, "rows") * m.Features()
	return rapid.SliceOfN(value, n, n).Draw(t, "x")
}

func decide(m *Machine, x []float64) (score, bound []float64) {
	score, bound = make([]float64, len(x)/m.Features()), make([]float64, len(x)/m.Features())
	m.Decide(x, score, bound)
	return score, bound
}

// sameBits also takes any NaN for any other.
func sameBits(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(a, b float64) bool {
		return math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b)
	})
}

func TestRowDependsOnItselfAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		anything := rapid.OneOf(number(-3, 3), rapid.Float64(),
			rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e200, 5e-324}))
		m := drawMachine(t, number(-3, 3))
		x := drawRows(t, 40, m, anything)
		score, bound := decide(m.Machine, x)
		d := m.Features()

		for i := range score {
			s, b := decide(m.Machine, x[i*d:(i+1)*d])
			if !sameBits(s, score[i:i+1]) || !sameBits(b, bound[i:i+1]) {
				t.Fatalf("row %d alone: %x, %x; among others: %x, %x", i, s[0], b[0], score[i], bound[i])
			}
		}
		cut := rapid.IntRange(0, len(score)).Draw(t, "cut")
		s1, b1 := decide(m.Machine, x[:cut*d])
		s2, b2 := decide(m.Machine, x[cut*d:])
		if !sameBits(append(s1, s2...), score) || !sameBits(append(b1, b2...), bound) {
			t.Fatalf("two blocks, cut at %d, differ from one", cut)
		}
		rows := rapid.Permutation(indexes(len(score))).Draw(t, "order")
		var shuffled, wantScore, wantBound []float64
		for _, i := range rows {
			shuffled = append(shuffled, x[i*d:(i+1)*d]...)
			wantScore, wantBound = append(wantScore, score[i]), append(wantBound, bound[i])
		}
		if s, b := decide(m.Machine, shuffled); !sameBits(s, wantScore) || !sameBits(b, wantBound) {
			t.Fatalf("rows in another order have other results")
		}
	})
}

func indexes(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// The numbers of this test are not negative, so that nothing cancels within a
// kernel value. A value's error is then in proportion to it and to its
// condition: how much larger a relative error of the argument becomes in it. Of a
// scaled machine, the argument is a sum of squares from the center.
func TestDecideIsAccurate(t *testing.T) {
	const allowed = 3e-15 // of some hundred terms, which may all be rounded alike
	worst := 0.0
	rapid.Check(t, func(t *rapid.T) {
		value := number(0, 3)
		m := drawMachine(t, value)
		x := drawRows(t, 4, m, value)
		score, bound := decide(m.Machine, x)
		for i := range score {
			want := bigDecide(m, x[i*m.Features():(i+1)*m.Features()])
			for _, e := range []*big.Float{bigSub(exact(score[i]), want.score), bigSub(exact(bound[i]), want.bound)} {
				if e.Sign() == 0 {
					continue
				}
				if promised := math.Abs(nearest(bigQuo(e, want.bound))); promised > 1e-12 {
					t.Fatalf("%v, row %d: score %x, exact %.20g: wrong by %.3g of the bound", m.params, i, score[i], want.score, promised)
				}
				share := math.Abs(nearest(bigQuo(e, want.conditioned)))
				if worst = max(worst, share); share > allowed {
					t.Fatalf("%v, row %d: score %x, bound %x; exact %.20g, %.20g: wrong by %.3g of the conditioned bound",
						m.params, i, score[i], bound[i], want.score, want.bound, share)
				}
			}
		}
	})
	t.Logf("worst error %.2g of the bound", worst)
}

// decision is exact: Σ coef·K + intercept, the sum of the magnitudes, and the
// same with every |coef·K| times its condition.
type decision struct{ score, bound, conditioned *big.Float }

func bigDecide(m given, x []float64) decision {
	magnitude := exact(math.Abs(m.intercept))
	sum := decision{exact(m.intercept), magnitude, magnitude}
	for i, c := range m.coef {
		value, condition := bigKernel(m.params, x, m.vectors[i*len(x):])
		if m.scaled {
			condition = bigAdd(condition, fromCenter(m, x, m.vectors[i*len(x):]))
		}
		v := bigMul(exact(c), value)
		magnitude := new(big.Float).Abs(v)
		sum.score = bigAdd(sum.score, v)
		sum.bound = bigAdd(sum.bound, magnitude)
		sum.conditioned = bigAdd(sum.conditioned, bigMul(magnitude, condition))
	}
	return sum
}

// fromCenter is gamma·(|x - center| + |s - center|)².
func fromCenter(m given, x, sv []float64) *big.Float {
	a, b := 0.0, 0.0
	for j, c := range m.scaling.center {
		a, b = math.Hypot(a, x[j]-c), math.Hypot(b, sv[j]-c)
	}
	return exact(m.params.Gamma * (a + b) * (a + b))
}

func bigKernel(p Params, x, sv []float64) (value, condition *big.Float) {
	distance, dot := exact(0), exact(0)
	for j, f := range x {
		e := bigSub(exact(f), exact(sv[j]))
		distance = bigAdd(distance, bigMul(e, e))
		dot = bigAdd(dot, bigMul(exact(f), exact(sv[j])))
	}
	argument := bigAdd(bigMul(exact(p.Gamma), dot), exact(p.Coef0))
	switch p.Kind {
	case RBF:
		y := bigMul(exact(p.Gamma), distance)
		return bigExp(new(big.Float).Neg(y)), bigAdd(exact(1), y)
	case Poly:
		return bigPower(argument, p.Degree), exact(float64(1 + p.Degree))
	case Sigmoid:
		return bigTanh(argument), exact(1)
	}
	return dot, exact(1)
}

// A machine with one support vector whose intercept undoes the value exactly,
// as training makes them, must decide 0 and not a trace beside it.
func TestExactZeros(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := uniform(-3, 3).Draw(t, "s")
		x := s + uniform(-1e-5, 1e-5).Draw(t, "offset")
		coef, gamma := uniform(0.001, 1).Draw(t, "coef"), uniform(0.001, 1).Draw(t, "gamma")
		distance := float64((x - s) * (x - s))
		value := float64(coef * nearest(bigExp(exact(float64(-gamma*distance)))))
		m, err := New(Params{Kind: RBF, Gamma: gamma}, []float64{s}, 1, []float64{coef}, -value)
		if err != nil {
			t.Fatal(err)
		}
		if score, bound := decide(m, []float64{x}); score[0] != 0 || bound[0] != 2*value {
			t.Fatalf("score %x, bound %x; want 0 and %x", score[0], bound[0], 2*value)
		}
	})
}

func TestDecideConcurrently(t *testing.T) {
	m, err := New(Params{Kind: RBF, Gamma: 0.5}, []float64{1, 2, 3, 4}, 2, []float64{0.5, -0.25}, 0.125)
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float64, 2000)
	for i := range x {
		x[i] = float64(i%97) / 16
	}
	want, wantBound := decide(m, x)
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			part := x[100*i:] // so that blocks begin elsewhere
			score, bound := decide(on(tiers()[i%len(tiers())], m), part)
			if !sameBits(score, want[50*i:]) || !sameBits(bound, wantBound[50*i:]) {
				t.Error("another goroutine has other results")
			}
		})
	}
	wait.Wait()
}

func TestDecideAllocatesNothing(t *testing.T) {
	for kind := RBF; kind <= Sigmoid; kind++ {
		for _, features := range []int{1, 3} {
			m, err := New(Params{Kind: kind, Gamma: 1, Degree: 3}, make([]float64, 100*features), features, make([]float64, 100), 0)
			if err != nil {
				t.Fatal(err)
			}
			x, score, bound := make([]float64, 45*features), make([]float64, 45), make([]float64, 45)
			for _, tier := range tiers() {
				m := on(tier, m)
				// The race detector has sync.Pool drop a quarter of what it is given.
				if n := testing.AllocsPerRun(200, func() { m.Decide(x, score, bound) }); n != 0 {
					t.Errorf("%v, %d features, %v: %v allocations", kind, features, tier, n)
				}
			}
		}
	}
}
