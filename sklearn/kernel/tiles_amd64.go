package kernel

import (
	"math"
	"slices"
)

// chunk is how many features of a tile's rows stay in the nearest cache.
const chunk = 64

// decideTiles packs a tile of rows so that a feature of all of them is one
// load, computes the exponents of a group of support vectors, and adds up their
// kernel values.
func (m *Machine) decideTiles(x, score, bound []float64) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	magnitude := math.Abs(m.intercept)
	for len(score) > 0 {
		t := tile{Machine: m, scratch: s, width: narrow, far: 1}
		if m.tier == avx512 && len(score) > wide-narrow {
			t.width = wide
		}
		n := min(t.width, len(score))
		t.pack(x[:n*m.features])
		t.decide()
		for i := range n {
			score[i] = s.sum[i] + m.intercept
			bound[i] = s.magnitude[i] + magnitude
		}
		x, score, bound = x[n*m.features:], score[n:], bound[n:]
	}
}

// A tile is some rows that are decided together.
type tile struct {
	*Machine
	*scratch
	width int
	// far is 1 unless no exponent is below bottom.
	far int
}

// pack puts feature j of row i at j·width + i; rows that there are not repeat the
// last. Of a scaled machine, it scales them.
func (t *tile) pack(x []float64) {
	d := t.features
	rows := t.room(wide * d)
	for i := range t.width {
		for j, v := range x[:d] {
			rows[j*t.width+i] = v
		}
		if len(x) > d {
			x = x[d:]
		}
	}
	if t.base = [wide]float64{}; !t.scaled {
		return
	}
	c := &t.scaling
	switch {
	case t.tier == avx2:
		scale8AVX2(&rows[0], &t.base[0], &c.center[0], d, c.factor)
	case t.width == narrow:
		scale8AVX512(&rows[0], &t.base[0], &c.center[0], d, c.factor)
	default:
		scale32AVX512(&rows[0], &t.base[0], &c.center[0], d, c.factor)
	}
	if slices.Min(t.base[:t.width]) >= c.nearest { // false for NaN
		t.far = 0
	}
}

// decide leaves the two sums of the tile's rows in the scratch.
func (t tile) decide() {
	t.sum, t.magnitude = [wide]float64{}, [wide]float64{}
	runs := t.runs
	for i := 0; i < len(t.coef); i += group {
		n := min(group, len(t.coef)-i)
		if t.scaled {
			t.products(i, n)
		} else {
			t.distances(i, n)
		}
		of := 0
		for taken := 0; taken < n; of++ {
			taken += runs[of].n
		}
		t.sums(runs[:of])
		runs = runs[of:]
	}
}

// products sets the exponents, but for the rows' bases, of n support vectors from
// the i-th on.
func (t tile) products(i, n int) {
	d := t.features
	base := &t.scaling.base[i]
	for j := 0; j < d; j += chunk {
		dst, rows, sv, some := &t.exponents[0], &t.rows[j*t.width], &t.sv[i*d+j], min(chunk, d-j)
		switch {
		case t.tier == avx2:
			products8AVX2(dst, rows, sv, base, some, n, d)
		case t.width == narrow:
			products8AVX512(dst, rows, sv, base, some, n, d)
		default:
			products32AVX512(dst, rows, sv, base, some, n, d)
		}
		base = nil // the other features' are added to these
	}
}

// distances sets the exponents of n support vectors from the i-th on.
func (t tile) distances(i, n int) {
	dst, rows, sv, d, g := &t.exponents[0], &t.rows[0], &t.sv[i*t.features], t.features, t.params.negGamma()
	switch {
	case t.tier == avx2:
		distances8AVX2(dst, rows, sv, d, n, g)
	case t.width == narrow:
		distances8AVX512(dst, rows, sv, d, n, g)
	default:
		distances32AVX512(dst, rows, sv, d, n, g)
	}
}

func (t tile) sums(runs []run) {
	sum, magnitude, exponents, base := &t.sum[0], &t.magnitude[0], &t.exponents[0], &t.base[0]
	switch {
	case t.tier == avx2:
		sums8AVX2(sum, magnitude, exponents, base, &runs[0].n, len(runs), t.far)
	case t.width == narrow:
		sums8AVX512(sum, magnitude, exponents, base, &runs[0].n, len(runs), t.far)
	default:
		sums32AVX512(sum, magnitude, exponents, base, &runs[0].n, len(runs), t.far)
	}
}
