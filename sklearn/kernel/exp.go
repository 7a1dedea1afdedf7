package kernel

import "math"

//go:generate go run gen_table.go

const (
	// shift added to n + k/16 (|n| < 1076) leaves 16n + k in the low bits.
	shift = 0x1.8p48
	// least is the least argument whose exponential is not below 2^-1022.
	least = -0x1.6232bdd7abcd2p+9
	// most is the greatest argument whose exponential is finite.
	most = 0x1.62e42fefa39efp+9
	// nearMost is where 2^(n+k/16) itself might overflow, though e^x does not.
	nearMost = 709
)

// entry is one power 2^(k/16): bits are those of the nearest float64, less
// k<<48, so that adding z<<48, z of reduce, gives 2^(n+k/16); tail is the
// relative rest, (exact - nearest)/nearest.
type entry struct {
	bits uint64
	tail float64
}

// Exp returns e**x, with an error of less than 0.57 ulp (the greatest found is
// 0.56). Exp(0) is 1, Exp(NaN) is NaN, results that overflow are +Inf, and
// results below 2^-1022 are 0. The bits of the result are the same on every
// platform.
func Exp(x float64) float64 {
	if x < least {
		return 0
	}
	if x > most {
		return math.Inf(1)
	}
	r, z := reduce(x)
	if x > nearMost {
		return 2 * assemble(r, expm1Over(r), z-16)
	}
	return assemble(r, expm1Over(r), z)
}

// reduce splits x into (n + k/16)·ln 2 + r with |r| ≤ ln 2/32; the low bits of
// z are 16n + k.
func reduce(x float64) (r float64, z uint64) {
	shifted := math.FMA(x, invLn2, shift)
	w := shifted - shift
	r = math.FMA(w, -ln2Low, math.FMA(w, -ln2High, x))
	return r, math.Float64bits(shifted)
}

// expm1Over is (e^r - 1)/r for |r| ≤ ln 2/32.
func expm1Over(r float64) float64 {
	q := math.FMA(c7, r, c6)
	q = math.FMA(q, r, c5)
	q = math.FMA(q, r, c4)
	q = math.FMA(q, r, c3)
	q = math.FMA(q, r, c2)
	return math.FMA(q, r, 1)
}

// power2 is 2^(n+k/16) rounded to nearest, and its tail, for z of reduce.
func power2(z uint64) (t, tail float64) {
	e := &powers[z&15]
	return math.Float64frombits(e.bits + z<<48), e.tail
}

// assemble is 2^(n+k/16)·(1 + q·r), for z of reduce.
func assemble(r, q float64, z uint64) float64 {
	t, tail := power2(z)
	return math.FMA(t, math.FMA(q, r, tail), t)
}
