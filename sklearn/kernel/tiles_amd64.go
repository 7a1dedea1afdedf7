package kernel

import (
	"math"
	"sync"
)

const (
	// tiled is the greatest number of features whose rows are decided in tiles:
	// more would not stay in a cache, and hostile models could ask for memory.
	tiled = 2048
	// wide and narrow are how many rows a tile has.
	wide, narrow = 32, 8
	// depth is how many support vectors' distances are held at a time.
	depth = 48
)

// scratch is what deciding a tile of rows needs.
type scratch struct {
	distances      [depth * wide]float64
	sum, magnitude [wide]float64
	rows           []float64 // feature by feature
}

// scratches are shared by all machines: there may be far more of them than
// goroutines.
var scratches = sync.Pool{New: func() any { return new(scratch) }}

// decideTiles packs a tile of rows so that a feature of all of them is one
// load, computes the squared distances to a few support vectors at a time, and
// adds up their kernel values.
func (m *Machine) decideTiles(x, score, bound []float64) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	if need := wide * m.features; len(s.rows) < need {
		s.rows = make([]float64, need)
	}
	for len(score) > 0 {
		width := narrow
		if m.tier == avx512 && len(score) > wide-narrow {
			width = wide
		}
		n := min(width, len(score))
		pack(s.rows, x[:n*m.features], m.features, width)
		m.decideTile(s, width)
		for i := range n {
			score[i] = s.sum[i] + m.intercept
			bound[i] = s.magnitude[i] + math.Abs(m.intercept)
		}
		x, score, bound = x[n*m.features:], score[n:], bound[n:]
	}
}

// pack sets dst[j*width+i] to feature j of row i, of width rows; rows that there
// are not repeat the last.
func pack(dst, x []float64, features, width int) {
	for i := range width {
		row := x[:features]
		for j, v := range row {
			dst[j*width+i] = v
		}
		if len(x) > features {
			x = x[features:]
		}
	}
}

// decideTile leaves the two sums of the tile's rows in s.
func (m *Machine) decideTile(s *scratch, width int) {
	s.sum, s.magnitude = [wide]float64{}, [wide]float64{}
	sv := m.sv
	for coef := m.coef; len(coef) > 0; {
		n := min(depth, len(coef))
		m.distances(s, sv[:n*m.features], n, width)
		m.sums(s, coef[:n], width)
		coef, sv = coef[n:], sv[n*m.features:]
	}
	if !m.signed {
		s.magnitude = s.sum
	}
}

func (m *Machine) distances(s *scratch, sv []float64, n, width int) {
	dst, rows, d := &s.distances[0], &s.rows[0], m.features
	switch {
	case d == 1:
		oneFeatureDistances(s.distances[:n*width], s.rows[:width], sv)
	case m.tier == avx2:
		distances8AVX2(dst, rows, &sv[0], d, n)
	case width == narrow:
		distances8AVX512(dst, rows, &sv[0], d, n)
	default:
		distances32AVX512(dst, rows, &sv[0], d, n)
	}
}

func oneFeatureDistances(dst, rows, sv []float64) {
	for i, s := range sv {
		tile := dst[i*len(rows):][:len(rows)]
		for r, x := range rows {
			e := s - x
			tile[r] = float64(e * e)
		}
	}
}

func (m *Machine) sums(s *scratch, coef []float64, width int) {
	sum, magnitude, d, c, n, g := &s.sum[0], &s.magnitude[0], &s.distances[0], &coef[0], len(coef), -m.params.Gamma
	switch {
	case m.tier == avx2 && m.signed:
		signedSums8AVX2(sum, magnitude, d, c, n, g)
	case m.tier == avx2:
		sums8AVX2(sum, d, c, n, g)
	case width == narrow && m.signed:
		signedSums8AVX512(sum, magnitude, d, c, n, g)
	case width == narrow:
		sums8AVX512(sum, d, c, n, g)
	case m.signed:
		signedSums32AVX512(sum, magnitude, d, c, n, g)
	default:
		sums32AVX512(sum, d, c, n, g)
	}
}
