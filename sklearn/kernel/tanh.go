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
	z := math.FMA(x, invLn2, shift)
	w := z - shift
	r := math.FMA(w, -ln2Low, math.FMA(w, -ln2High, x))
	q := math.FMA(c7, r, c6)
	q = math.FMA(q, r, c5)
	q = math.FMA(q, r, c4)
	q = math.FMA(q, r, c3)
	q = math.FMA(q, r, c2)
	q = math.FMA(q, r, 1)
	t := power(z)
	return math.FMA(t, math.FMA(q, r, tails[math.Float64bits(z)&15]), t-1)
}
