package kernel

import (
	"math"
	"slices"
)

// scaling is what makes numbers of an RBF machine small: rows and support vectors
// are x' = (x - center)·factor, so that K(x, s) is 2^-|x'-s'|². Of one feature, the
// machine's sv are s'. Of more, they are 2·s', and the exponent is the sum of
// x'·2s', of -|s'|², which base holds, and of -|x'|².
type scaling struct {
	center    []float64
	factor    float64
	base      []float64 // by support vector
	low, high float64   // the least and the greatest s', of one feature
	// nearest is, of more, a square -|x'|² from which on no exponent is below bottom.
	nearest float64
}

const (
	// reach is the greatest |s'| of machines of one feature that are scaled.
	reach = 128
	// spread bounds (d + 6)·(2|s'| + 1)² of machines of d features that are scaled.
	// Times 2^-53·ln 2, that is what the roundings of an exponent may cost a kernel
	// value near 1: less than 8e-13 of it.
	spread = 1e4
	// faint is how much smaller than all coefficients together the intercept of a
	// scaled machine may be. An exponent far from 0 may cost its kernel value more, but
	// that is nothing beside such an intercept.
	faint = 0x1p20
	// tiled is the greatest number of features that are scaled or decided in tiles:
	// more would not stay in a cache, and hostile models could ask for memory.
	tiled = 2048
	// farthest is the greatest |x'| of a feature, so that no sum overflows.
	farthest = 0x1p500
)

// scale scales the machine, which must be one of RBF, if rounding allows, and
// reports whether it has. Otherwise the machine is as it was.
func (m *Machine) scale() bool {
	c := &m.scaling
	c.factor = math.Sqrt(float64(m.params.Gamma * invLn2))
	total := 0.0
	for _, r := range m.runs {
		total += float64(float64(r.n) * math.Abs(r.coef))
	}
	if len(m.coef) == 0 || m.features > tiled || !(total <= faint*math.Abs(m.intercept)) || notFinite(c.factor) {
		return false
	}
	c.center = slices.Grow(c.center[:0], m.features)[:m.features]
	if m.features == 1 {
		return m.scaleOne()
	}
	return m.scaleMany()
}

func (m *Machine) scaleOne() bool {
	c := &m.scaling
	low, high := m.sv[0], m.sv[0]
	for _, v := range m.sv {
		if v < low {
			low = v
		} else if v > high {
			high = v
		}
	}
	c.center[0] = low/2 + high/2
	c.low, c.high = c.apply(low), c.apply(high)
	if !(-c.low <= reach && c.high <= reach) {
		return false
	}
	center, factor := c.center[0], c.factor
	for i, v := range m.sv {
		m.sv[i] = float64((v - center) * factor)
	}
	return true
}

// apply scales a value of the only feature.
func (c *scaling) apply(v float64) float64 { return float64((v - c.center[0]) * c.factor) }

func (m *Machine) scaleMany() bool {
	c, d := &m.scaling, m.features
	clear(c.center)
	for sv := m.sv; len(sv) > 0; sv = sv[d:] {
		for j := range c.center {
			c.center[j] += sv[j]
		}
	}
	n := float64(len(m.coef))
	for j := range c.center {
		c.center[j] /= n
	}
	c.base = c.base[:0]
	widest := 0.0
	for sv := m.sv; len(sv) > 0; sv = sv[d:] {
		h := 0.0
		for j, v := range c.center {
			s := float64((sv[j] - v) * c.factor)
			h = math.FMA(-s, s, h)
		}
		c.base = append(c.base, h)
		if widest = max(widest, -h); h != h {
			return false
		}
	}
	s := math.Sqrt(widest)
	if e := 2*s + 1; !(float64(e*e)*float64(d+6) <= spread) {
		return false
	}
	near := edge - 0.5 - s // half a unit less than would do, for rounding
	c.nearest = -near * near
	for sv := m.sv; len(sv) > 0; sv = sv[d:] {
		for j, v := range c.center {
			sv[j] = 2 * float64((sv[j]-v)*c.factor)
		}
	}
	return true
}

// row scales a row of several features into dst and returns -|x'|².
func (c *scaling) row(dst, x []float64) (base float64) {
	dst = dst[:len(x)]
	for j, v := range x {
		v = float64((v - c.center[j]) * c.factor)
		v = atMost(farthest, atLeast(-farthest, v))
		dst[j] = v
		base = math.FMA(-v, v, base)
	}
	return base
}
