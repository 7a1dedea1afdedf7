package kernel

import "math"

// negGamma is -gamma/ln 2, finite: the squared distance times it is the exponent.
func (p Params) negGamma() float64 { return -min(float64(p.Gamma*invLn2), math.MaxFloat64) }

// distances sets u[i] to the exponent of the row x and the i-th row of sv, whose
// rows are as long as x.
func distances(u, x, sv []float64, negGamma float64) {
	d := len(x)
	for ; len(u) >= 4; u, sv = u[4:], sv[4*d:] {
		a, b, c, e := fourDistances(x, sv)
		u[0], u[1], u[2], u[3] = float64(a*negGamma), float64(b*negGamma), float64(c*negGamma), float64(e*negGamma)
	}
	for ; len(u) > 0; u, sv = u[1:], sv[d:] {
		q := 0.0
		for j, f := range x {
			e := sv[j] - f
			q = math.FMA(e, e, q)
		}
		u[0] = float64(q * negGamma)
	}
}

// fourDistances is the squared distances from four rows, side by side to hide
// the latency of their sums.
func fourDistances(x, sv []float64) (a, b, c, d float64) {
	n := len(x)
	s, sv := sv[:n], sv[n:]
	t, sv := sv[:n], sv[n:]
	u, v := sv[:n], sv[n:][:n]
	for j, f := range x {
		e := s[j] - f
		a = math.FMA(e, e, a)
		e = t[j] - f
		b = math.FMA(e, e, b)
		e = u[j] - f
		c = math.FMA(e, e, c)
		e = v[j] - f
		d = math.FMA(e, e, d)
	}
	return a, b, c, d
}

// products sets u[i] to base[i] and the products of the row x with the i-th row of
// sv, added one by one, and rowBase.
func products(u, x, sv, base []float64, rowBase float64) {
	n := len(x)
	base = base[:len(u)]
	i := 0
	for ; i+4 <= len(u); i += 4 {
		a, b, c, d := base[i], base[i+1], base[i+2], base[i+3]
		s, t, v, w := sv[:n], sv[n:][:n], sv[2*n:][:n], sv[3*n:][:n]
		for j, f := range x {
			a = math.FMA(f, s[j], a)
			b = math.FMA(f, t[j], b)
			c = math.FMA(f, v[j], c)
			d = math.FMA(f, w[j], d)
		}
		u[i], u[i+1], u[i+2], u[i+3] = a+rowBase, b+rowBase, c+rowBase, d+rowBase
		sv = sv[4*n:]
	}
	for ; i < len(u); i++ {
		a := base[i]
		for j, f := range x {
			a = math.FMA(f, sv[j], a)
		}
		u[i] = a + rowBase
		sv = sv[n:]
	}
}
