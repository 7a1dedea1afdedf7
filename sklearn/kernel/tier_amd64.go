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

// lanes are the constants of the exponential in the order that the generator
// knows, once for each lane.
var lanes = [...][4]float64{
	four(invLn2), four(shift), four(-ln2High), four(-ln2Low),
	four(c7), four(c6), four(c5), four(c4), four(c3), four(c2), four(1),
	four(negligible),
	four(math.Float64frombits(1<<63 - 1)),
}

func four(v float64) [4]float64 { return [4]float64{v, v, v, v} }

// powerTable has the powers 2^(k/16) and their tails.
var powerTable = func() (t [2][16]float64) {
	for k, e := range powers {
		t[0][k] = math.Float64frombits(e.bits + uint64(k)<<48)
		t[1][k] = e.tail
	}
	return t
}()

// powersByByte has the powers of any 16n + k by their low bytes, and the tails.
var powersByByte = func() (t [256]entry) {
	for i := range t {
		t[i] = powers[i%16]
	}
	return t
}()

// The assembly alone reads these.
var _, _, _ = &lanes, &powerTable, &powersByByte

// rbf is the function rbf of the first n values. Those after them are
// overwritten, up to a multiple of 8.
func (t tier) rbf(v *[block]float64, n int, negGamma float64) {
	switch t {
	case avx512:
		expsAVX512(&v[0], (n+7)&^7, negGamma)
	case avx2:
		expsAVX2(&v[0], (n+7)&^7, negGamma)
	default:
		rbf(v[:n], negGamma)
	}
}

// decideVector is decideRows of an rbf machine with support vectors, for a tier
// that is not the portable one.
func (m *Machine) decideVector(x, score, bound []float64) {
	switch {
	case len(score) <= 1 || m.features > tiled:
		m.decideRows(x, score, bound)
	case m.features == 1 && !m.signed:
		m.decideOneFeature(x, score, bound)
	default:
		m.decideTiles(x, score, bound)
	}
}

func (m *Machine) decideOneFeature(x, score, bound []float64) {
	whole := len(score) &^ 7
	if whole > 0 {
		m.oneFeature(&x[0], &score[0], &bound[0], whole)
	}
	if whole == len(score) {
		return
	}
	var rest, restScore, restBound [8]float64
	copy(rest[:], x[whole:])
	m.oneFeature(&rest[0], &restScore[0], &restBound[0], 8)
	copy(score[whole:], restScore[:])
	copy(bound[whole:], restBound[:])
}

func (m *Machine) oneFeature(x, score, bound *float64, rows int) {
	sv, coef, n, g := &m.sv[0], &m.coef[0], len(m.coef), -m.params.Gamma
	if m.tier == avx512 {
		oneFeatureAVX512(x, score, bound, rows, sv, coef, n, g, m.intercept, m.low, m.high)
		return
	}
	oneFeatureAVX2(x, score, bound, rows, sv, coef, n, g, m.intercept, m.low, m.high)
}
