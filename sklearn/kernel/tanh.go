package kernel

import "math"

// tanhOne is a magnitude from which on tanh is ±1 to within half an ulp.
const tanhOne = 22

// Tanh returns the hyperbolic tangent of x, with an error of less than 3 ulp.
// Tanh(±0) is ±0, Tanh(±Inf) is ±1, Tanh(NaN) is NaN. The bits of the result
// are the same on every platform.
func Tanh(x float64) float64 {
	a := math.Abs(x)
	if a >= tanhOne {
		return math.Copysign(1, x)
	}
	m := expm1(2 * a)
	return math.Copysign(m/(m+2), x)
}

// expm1 is e^x - 1 for 0 ≤ x ≤ 2·tanhOne. Tiny x keep all their bits: for them t
// is 1 and the tail 0.
func expm1(x float64) float64 {
	r, z := reduce(x)
	t, tail := power2(z)
	return math.FMA(t, math.FMA(expm1Over(r), r, tail), t-1)
}
