package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// avx512 uses AVX-512 F: 32 registers of 8 lanes. The tables of 16 entries fit
// in registers, two each.
type avx512 struct{}

// interleaved is how many chains are computed side by side.
var interleaved int

// shifts and sevenths are the constants shift and c7, which are copied; the
// others are broadcast from memory by the instructions that use them.
var shifts, sevenths VecVirtual

var powersLow, powersHigh, tailsLow, tailsHigh VecVirtual

func (avx512) name() string           { return "AVX512" }
func (avx512) lanes() int             { return 8 }
func (avx512) blocks() []int          { return []int{4, 1} }
func (avx512) tile(registers int) int { return 4 }
func (avx512) vector() VecVirtual     { return ZMM() }

func (avx512) begin() {}

func (avx512) end() {
	VZEROUPPER()
	RET()
}

func (a avx512) prepare(sums int) {
	powersLow, powersHigh, tailsLow, tailsHigh = ZMM(), ZMM(), ZMM(), ZMM()
	VMOVUPD(table(powers), powersLow)
	VMOVUPD(table(powers).Offset(64), powersHigh)
	VMOVUPD(table(tails), tailsLow)
	VMOVUPD(table(tails).Offset(64), tailsHigh)
	shifts, sevenths = broadcast(a, constant(shift)), broadcast(a, constant(c7))
	interleaved = 4
	if sums > 4 {
		interleaved = 2
	}
}

const (
	notLess = 0x15 // NLT_UQ: true for NaN
	less    = 0x11 // LT_OQ: false for NaN
)

func (a avx512) exp(all []VecVirtual, far bool) (values []VecVirtual) {
	for len(all) > 0 {
		n := min(interleaved, len(all))
		values = append(values, a.expOf(all[:n], far)...)
		all = all[n:]
	}
	return values
}

// expOf interleaves the chains of its arguments, to hide their latency.
func (a avx512) expOf(y []VecVirtual, far bool) []VecVirtual {
	n := len(y)
	z, w, q, t, near := vectors(a, n), vectors(a, n), vectors(a, n), vectors(a, n), make([]OpmaskVirtual, n)
	if far {
		for i := range y {
			near[i] = K()
			VCMPPD_BCST(U8(notLess), constant(negligible), y[i], near[i])
		}
	}
	each(z, func(_ int, z VecVirtual) { VMOVAPD(shifts, z) })
	each(z, func(i int, z VecVirtual) { VFMADD231PD_BCST(constant(invLn2), y[i], z) })
	each(w, func(i int, w VecVirtual) { VSUBPD(shifts, z[i], w) })
	each(y, func(i int, y VecVirtual) { VFMADD231PD_BCST(constant(negLn2High), w[i], y) })
	each(y, func(i int, y VecVirtual) { VFMADD231PD_BCST(constant(negLn2Low), w[i], y) })
	r := y
	each(q, func(_ int, q VecVirtual) { VMOVAPD(sevenths, q) })
	for _, c := range []int{c6, c5, c4, c3, c2, one} {
		each(q, func(i int, q VecVirtual) { VFMADD213PD_BCST(constant(c), r[i], q) })
	}
	each(t, func(i int, t VecVirtual) { VMOVAPD(z[i], t) })
	each(z, func(_ int, z VecVirtual) { VPERMI2PD(tailsHigh, tailsLow, z) })
	each(t, func(_ int, t VecVirtual) { VPERMI2PD(powersHigh, powersLow, t) })
	each(q, func(i int, q VecVirtual) { VFMADD213PD(z[i], r[i], q) })
	each(t, func(i int, t VecVirtual) { VFMADD213PD(t, q[i], t) })
	each(t, func(i int, t VecVirtual) {
		if far {
			VSCALEFPD_Z(w[i], t, near[i], t)
			return
		}
		VSCALEFPD(w[i], t, t)
	})
	return t
}

func (a avx512) anyBelow(y []VecVirtual, label string) {
	var found OpmaskVirtual
	for i, y := range y {
		k := K()
		VCMPPD_BCST(U8(less), constant(negligible), y, k)
		if i == 0 {
			found = k
			continue
		}
		KORW(k, found, found)
	}
	KORTESTW(found, found)
	JNE(LabelRef(label))
}

func (a avx512) magnitude(v VecVirtual) VecVirtual {
	m := ZMM()
	VPANDQ_BCST(constant(notSign), v, m)
	return m
}
