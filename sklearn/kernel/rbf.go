package kernel

import "math"

//go:generate go run gen_table.go

const (
	// shift added to n + k/16 leaves 16n + k in the low bits.
	shift = 0x1.8p48
	// bottom is the exponent from which down a kernel value is 0: that of the
	// number all of whose bits are 0.
	bottom = -1023
	// edge is the square root of -bottom.
	edge = 0x1.ffbffbff7fecp+04
)

// A kernel value 2^u is the product of two numbers, which is added to a sum with
// one rounding: a power 2^(n+k/16), n + k/16 being the sixteenth nearest to u, and
// the rest, close to 1.

// split gives z, whose low bits are 16n + k, and what is left of u.
func split(u float64) (z, r float64) {
	z = u + shift
	return z, u - (z - shift)
}

// splitSquare is split of -e², which is not rounded.
func splitSquare(e float64) (z, r float64) {
	z = math.FMA(-e, e, shift)
	return z, math.FMA(-e, e, -(z - shift))
}

// power is 2^(n+k/16), rounded to nearest, where the low bits of z are 16n + k;
// it is 0 where they are those of bottom.
func power(z float64) float64 {
	bits := math.Float64bits(z)
	return math.Float64frombits(powers[bits&15] + bits<<48)
}

// rest is 2^r for |r| ≤ 1/32.
func rest(r float64) float64 {
	q := math.FMA(p6, r, p5)
	q = math.FMA(q, r, p4)
	q = math.FMA(q, r, p3)
	q = math.FMA(q, r, p2)
	q = math.FMA(q, r, p1)
	return math.FMA(q, r, 1)
}

// atLeast is the greater of v and low, and NaN if v is.
func atLeast(low, v float64) float64 {
	if v < low {
		return low
	}
	return v
}

// atMost is the lesser of v and high, and NaN if v is.
func atMost(high, v float64) float64 {
	if v > high {
		return high
	}
	return v
}
