package kernel

import "math"

// rounded is how many features' products are rounded before they are added;
// those of later features are fused. One and two features give scikit-learn's
// own sums in this way.
const rounded = 2

// dots sets dst[i] to the dot product of x and the i-th row of sv, whose rows
// are as long as x.
func dots(dst, x, sv []float64) {
	d := len(x)
	for ; len(dst) >= 4; dst, sv = dst[4:], sv[4*d:] {
		dst[0], dst[1], dst[2], dst[3] = fourDots(x, sv)
	}
	for ; len(dst) > 0; dst, sv = dst[1:], sv[d:] {
		dst[0] = dot(x, sv)
	}
}

// fourDots is dot of four rows, side by side to hide the latency of their
// sums.
func fourDots(x, sv []float64) (a, b, c, d float64) {
	n := len(x)
	s, sv := sv[:n], sv[n:]
	t, sv := sv[:n], sv[n:]
	u, v := sv[:n], sv[n:][:n]
	for j, f := range x[:min(rounded, n)] {
		a += float64(s[j] * f)
		b += float64(t[j] * f)
		c += float64(u[j] * f)
		d += float64(v[j] * f)
	}
	for j := rounded; j < n; j++ {
		a = math.FMA(s[j], x[j], a)
		b = math.FMA(t[j], x[j], b)
		c = math.FMA(u[j], x[j], c)
		d = math.FMA(v[j], x[j], d)
	}
	return a, b, c, d
}

func dot(x, sv []float64) float64 {
	sum := 0.0
	sv = sv[:len(x)]
	for j, f := range x {
		if j < rounded {
			sum += float64(sv[j] * f)
		} else {
			sum = math.FMA(sv[j], f, sum)
		}
	}
	return sum
}
