package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// expInputs are arguments where an exponential goes wrong if it does: anywhere,
// close to 0, at the edges between table entries, close to both ends.
func expInputs() []float64 {
	rng := rand.New(rand.NewPCG(1, 1))
	var x []float64
	for range 3000 {
		x = append(x, float64(rng.Float64()*1416)-707, -10*rng.Float64(), -0.05*rng.Float64())
		x = append(x, math.Copysign(math.Ldexp(1+rng.Float64(), -rng.IntN(1074)), rng.Float64()-0.5))
	}
	for j := -16350; j < 16380; j += 11 {
		edge := (float64(j) + 0.5) * (math.Ln2 / 16)
		x = append(x, edge, math.Nextafter(edge, -1000), math.Nextafter(edge, 1000), edge*(1+1e-12), edge*(1-1e-9))
	}
	low, high := least, most
	for range 200 {
		x = append(x, low, high)
		low, high = math.Nextafter(low, 0), math.Nextafter(high, 0)
	}
	for range 200 {
		x = append(x, 708+1.7*rng.Float64(), -707-1.3*rng.Float64())
	}
	return append(x, 0, math.Copysign(0, -1), nearMost, math.Nextafter(nearMost, 710), 1, -1)
}

func TestExpIsAccurate(t *testing.T) {
	worst, at, misrounded, n := 0.0, 0.0, 0, 0
	for _, x := range expInputs() {
		if x < least {
			if got := Exp(x); got != 0 {
				t.Fatalf("Exp(%x) = %x, want 0", x, got)
			}
			continue
		}
		want := bigExp(exact(x))
		got := Exp(x)
		if e := ulps(got, want); e > worst {
			worst, at = e, x
		}
		n++
		if got != nearest(want) {
			misrounded++
		}
	}
	t.Logf("worst error %.4f ulp, at %x; %d of %d results are not the correctly rounded ones", worst, at, misrounded, n)
	if worst >= 0.57 {
		t.Errorf("Exp(%x) is wrong by %.4f ulp, the specification promises less than 0.57", at, worst)
	}
	if misrounded*50 > n {
		t.Errorf("%d of %d results are not correctly rounded, more than 2 %%", misrounded, n)
	}
}

// Close to 1 the result is the correctly rounded one, so that machines with one
// support vector, which decide there, agree with scikit-learn about exact zeros.
func TestExpIsCorrectlyRoundedCloseToOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range 20000 {
		x := -math.Ldexp(1+rng.Float64(), -20-rng.IntN(40))
		if got, want := Exp(x), nearest(bigExp(exact(x))); got != want {
			t.Fatalf("Exp(%x) = %x, correctly rounded %x", x, got, want)
		}
	}
}

func TestExpEnds(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	cases := []struct{ x, want float64 }{
		{0, 1}, {math.Copysign(0, -1), 1}, {5e-324, 1}, {-5e-324, 1},
		{-inf, 0}, {inf, inf}, {-math.MaxFloat64, 0}, {math.MaxFloat64, inf}, {-1e60, 0}, {-745.2, 0},
		{math.Nextafter(least, -inf), 0}, {math.Nextafter(most, inf), inf}, {nan, nan}, {-nan, nan},
	}
	for _, c := range cases {
		if got := Exp(c.x); math.Float64bits(got) != math.Float64bits(c.want) && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("Exp(%x) = %x, want %x", c.x, got, c.want)
		}
	}
	smallest := exact(0x1p-1022)
	if bigExp(exact(least)).Cmp(smallest) < 0 || Exp(least) < 0x1p-1022 {
		t.Errorf("Exp(%x) = %x is below 2^-1022", least, Exp(least))
	}
	if below := math.Nextafter(least, -inf); bigExp(exact(below)).Cmp(smallest) >= 0 {
		t.Errorf("e**%x is not below 2^-1022", below)
	}
	if got := Exp(most); math.IsInf(got, 0) {
		t.Errorf("Exp(%x) overflows", most)
	}
}

func TestTanhIsAccurate(t *testing.T) {
	worst, at := 0.0, 0.0
	for _, v := range expInputs() {
		x := v / 32 // from -22 to 22, where tanh is not yet ±1
		if e := ulps(Tanh(x), bigTanh(exact(x))); e > worst {
			worst, at = e, x
		}
	}
	t.Logf("worst error %.4f ulp, at %x", worst, at)
	if worst >= 3 {
		t.Errorf("Tanh(%x) is wrong by %.4f ulp, the specification promises less than 3", at, worst)
	}
}

func TestTanhEnds(t *testing.T) {
	inf, zero := math.Inf(1), math.Copysign(0, -1)
	cases := []struct{ x, want float64 }{
		{0, 0}, {zero, zero}, {inf, 1}, {-inf, -1}, {tanhOne, 1}, {-math.MaxFloat64, -1},
		{5e-324, 5e-324}, {-5e-324, -5e-324}, {0x1p-1022, 0x1p-1022}, {1e-20, 1e-20},
	}
	for _, c := range cases {
		if got := Tanh(c.x); math.Float64bits(got) != math.Float64bits(c.want) {
			t.Errorf("Tanh(%x) = %x, want %x", c.x, got, c.want)
		}
	}
	if got := Tanh(math.NaN()); !math.IsNaN(got) {
		t.Errorf("Tanh(NaN) = %x", got)
	}
}
