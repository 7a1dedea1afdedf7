package kernel

import "math"

// negligible is the argument below which a kernel value, less than 2^-957 there,
// becomes 0: early enough for its product with a coefficient not to be
// subnormal, which would be slow.
const negligible = -664

// rbf turns squared distances into e^(-gamma·v), in place.
func rbf(v []float64, negGamma float64) {
	for i, distance := range v {
		y := float64(distance * negGamma)
		r, z := reduce(y)
		bits := math.Float64bits(assemble(r, expm1Over(r), z))
		if y < negligible { // a conditional move: far rows take as long as near ones
			bits = 0
		}
		v[i] = math.Float64frombits(bits)
	}
}
