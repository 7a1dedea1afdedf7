package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// tanhInputs are arguments where an exponential goes wrong if it does: anywhere,
// close to 0, at the edges between table entries.
func tanhInputs() []float64 {
	rng := rand.New(rand.NewPCG(1, 1))
	var x []float64
	for range 3000 {
		x = append(x, float64(rng.Float64()*44)-22, -rng.Float64(), -0.002*rng.Float64())
		x = append(x, math.Copysign(math.Ldexp(1+rng.Float64(), -rng.IntN(1074)), rng.Float64()-0.5))
	}
	for j := range 1015 {
		edge := (float64(j) + 0.5) * (math.Ln2 / 32)
		x = append(x, edge, math.Nextafter(edge, -1000), math.Nextafter(edge, 1000), edge*(1+1e-12), edge*(1-1e-9))
	}
	return append(x, 0, math.Copysign(0, -1), 1, -1, tanhOne, math.Nextafter(tanhOne, 0))
}

func TestTanhIsAccurate(t *testing.T) {
	worst, at := 0.0, 0.0
	for _, x := range tanhInputs() {
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
