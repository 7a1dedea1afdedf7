package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// exponents are where a power of 2 goes wrong if it does: anywhere, close to 0, at
// the edges between table entries.
func exponents() []float64 {
	rng := rand.New(rand.NewPCG(1, 1))
	var x []float64
	for range 3000 {
		x = append(x, -1022*rng.Float64(), -16*rng.Float64(), -0.1*rng.Float64())
		x = append(x, -math.Ldexp(1+rng.Float64(), -rng.IntN(1074)))
	}
	for j := range 16 * 1021 {
		edge := -(float64(j) + 0.5) / 16
		x = append(x, edge, math.Nextafter(edge, -2000), math.Nextafter(edge, 0))
	}
	return append(x, 0, math.Copysign(0, -1), -1, bottom+1, 1e-12)
}

// The two factors of a value are multiplied by an operation that adds the product
// to a sum, unrounded.
func TestValuesAreAccurate(t *testing.T) {
	log2 := bigLog2()
	worst, at := 0.0, 0.0
	for _, u := range exponents() {
		z, r := split(u)
		want := bigExp(bigMul(exact(u), log2))
		if e := bigUlps(bigMul(exact(power(z)), exact(rest(r))), want); e > worst {
			worst, at = e, u
		}
	}
	t.Logf("worst error %.4f ulp, at %x", worst, at)
	if worst >= 1.6 {
		t.Errorf("2^%x is wrong by %.4f ulp, the specification promises less than 1.6", at, worst)
	}
}

// bigLog2 is ln 2 to about 290 bits: 2·artanh(1/3).
func bigLog2() *big.Float {
	sum, power := exact(0), bigQuo(exact(1), exact(3))
	for n := 1; n < precision; n += 2 {
		sum = bigAdd(sum, bigQuo(power, exact(float64(n))))
		power = bigQuo(power, exact(9))
	}
	return bigMul(exact(2), sum)
}

func TestValuesEnd(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	cases := []struct{ u, want float64 }{
		{0, 1}, {math.Copysign(0, -1), 1}, {5e-324, 1}, {-5e-324, 1}, {-1, 0.5}, {bottom + 1, 0x1p-1022},
		{bottom, 0}, {-inf, 0}, {-math.MaxFloat64, 0}, {nan, nan}, {-nan, nan},
	}
	for _, tier := range tiers() {
		for _, c := range cases {
			if got := value(tier, c.u); math.Float64bits(got) != math.Float64bits(c.want) && !(math.IsNaN(got) && math.IsNaN(c.want)) {
				t.Errorf("%v: 2^%x = %x, want %x", tier, c.u, got, c.want)
			}
		}
	}
}

// A square that is split is not rounded before.
func TestSplitSquare(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for range 10_000 {
		e := float64(rng.Float64()*2*edge) - edge
		z, r := splitSquare(e)
		got := bigAdd(exact(z-shift), exact(r))
		want := bigMul(exact(-e), exact(e))
		if difference := new(big.Float).Abs(bigSub(got, want)); difference.Cmp(exact(0x1p-58)) > 0 || math.Abs(r) > 1./32 {
			t.Fatalf("-%x² is split into %x and %x", e, z-shift, r)
		}
	}
	if z, _ := splitSquare(edge); power(z) != 0 {
		t.Errorf("the kernel value at the edge has the power %x, want 0", power(z))
	}
}
