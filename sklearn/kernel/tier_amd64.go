package kernel

import (
	"math"

	"golang.org/x/sys/cpu"
)

// tiers are those that this processor has and the operating system keeps the
// registers of, in ascending order.
func tiers() []tier {
	has := []tier{portable}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		has = append(has, avx2)
		if cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ {
			has = append(has, avx512)
		}
	}
	return has
}

// lanes are the constants of a kernel value in the order that the generator
// knows, once for each lane.
var lanes = [...][4]float64{
	four(shift), four(p6), four(p5), four(p4), four(p3), four(p2), four(p1), four(1),
	four(bottom), four(edge), four(-edge), four(farthest), four(-farthest),
	four(math.Float64frombits(1<<63 - 1)),
}

func four(v float64) [4]float64 { return [4]float64{v, v, v, v} }

// powersByByte has the powers of any 16n + k by their low bytes.
var powersByByte = func() (t [256]uint64) {
	for i := range t {
		t[i] = powers[i%16]
	}
	return t
}()

// The assembly alone reads these.
var _, _ = &lanes, &powersByByte

// kernelValues turns the first n exponents into powers, in place, and rests. Those
// after them are overwritten, up to a multiple of 8.
func (t tier) kernelValues(s *scratch, n int) (powers, rests []float64) {
	switch t {
	case avx512:
		valuesAVX512(&s.exponents[0], &s.rests[0], (n+7)&^7)
	case avx2:
		valuesAVX2(&s.exponents[0], &s.rests[0], (n+7)&^7)
	default:
		return kernelValues(s, n)
	}
	return s.exponents[:n], s.rests[:n]
}

// decideVector is decideRows of an RBF machine with support vectors, for a tier
// that is not the portable one.
func (m *Machine) decideVector(x, score, bound []float64) {
	switch {
	case m.scaled && m.features == 1 && (len(score) > 1 || m.tier == avx512): // a narrow block of AVX2 takes longer for one
		m.decideOneFeature(x, score, bound)
	case len(score) <= 1 || m.features > tiled:
		m.decideRows(x, score, bound)
	default:
		m.decideTiles(x, score, bound)
	}
}

// decideOneFeature decides whole blocks, of which the last may decide rows again
// that the one before it has decided.
func (m *Machine) decideOneFeature(x, score, bound []float64) {
	n := len(score)
	if n < narrow {
		var some, scores, bounds [narrow]float64
		copy(some[:], x)
		m.oneFeature(&some[0], &scores[0], &bounds[0], narrow)
		copy(score, scores[:])
		copy(bound, bounds[:])
		return
	}
	whole, last := n&^(narrow-1), narrow
	if m.tier == avx512 && n >= wide && n%wide > narrow {
		whole, last = n&^(wide-1), wide
	}
	m.oneFeature(&x[0], &score[0], &bound[0], whole)
	if whole < n {
		m.oneFeature(&x[n-last], &score[n-last], &bound[n-last], last)
	}
}

func (m *Machine) oneFeature(x, score, bound *float64, rows int) {
	c := &m.scaling
	if m.tier == avx512 {
		oneFeatureAVX512(x, score, bound, rows, &m.sv[0], &m.runs[0].n, len(m.runs), c.center[0], c.factor, m.intercept, c.low, c.high)
		return
	}
	oneFeatureAVX2(x, score, bound, rows, &m.sv[0], &m.runs[0].n, len(m.runs), c.center[0], c.factor, m.intercept, c.low, c.high)
}
