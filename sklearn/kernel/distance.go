package kernel

import "math"

// rounded is how many features' products are rounded before they are added;
// those of later features are fused. One and two features give scikit-learn's
// own sums in this way.
const rounded = 2

// squaredDistances sets dst[i] to the squared distance between x and the i-th
// row of sv, whose rows are as long as x.
func squaredDistances(dst, x, sv []float64) {
	d := len(x)
	if d == 1 {
		sv = sv[:len(dst)]
		for i, s := range sv {
			e := s - x[0]
			dst[i] = float64(e * e)
		}
		return
	}
	for ; len(dst) >= 4; dst, sv = dst[4:], sv[4*d:] {
		dst[0], dst[1], dst[2], dst[3] = fourSquaredDistances(x, sv)
	}
	for ; len(dst) > 0; dst, sv = dst[1:], sv[d:] {
		dst[0] = squaredDistance(x, sv)
	}
}

// fourSquaredDistances is squaredDistance of four rows, side by side to hide
// the latency of their sums.
func fourSquaredDistances(x, sv []float64) (a, b, c, d float64) {
	n := len(x)
	s, sv := sv[:n], sv[n:]
	t, sv := sv[:n], sv[n:]
	u, v := sv[:n], sv[n:][:n]
	for j, f := range x[:min(rounded, n)] {
		e := s[j] - f
		a += float64(e * e)
		e = t[j] - f
		b += float64(e * e)
		e = u[j] - f
		c += float64(e * e)
		e = v[j] - f
		d += float64(e * e)
	}
	for j := rounded; j < n; j++ {
		e := s[j] - x[j]
		a = math.FMA(e, e, a)
		e = t[j] - x[j]
		b = math.FMA(e, e, b)
		e = u[j] - x[j]
		c = math.FMA(e, e, c)
		e = v[j] - x[j]
		d = math.FMA(e, e, d)
	}
	return a, b, c, d
}

func squaredDistance(x, sv []float64) float64 {
	sum := 0.0
	sv = sv[:len(x)]
	for j, f := range x {
		e := sv[j] - f
		if j < rounded {
			sum += float64(e * e)
		} else {
			sum = math.FMA(e, e, sum)
		}
	}
	return sum
}
