package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// avx512 uses AVX-512 F and DQ: 32 registers of 8 lanes. The table of 16 powers fits
// in two of them; the constants shift and p6, which are copied, are in registers
// too, and others are broadcast from memory by the instructions that use them.
type avx512 struct {
	shifts, sixths, powersLow, powersHigh VecVirtual
	far                                   []OpmaskVirtual
}

func (*avx512) name() string       { return "AVX512" }
func (*avx512) lanes() int         { return 8 }
func (*avx512) blocks() []int      { return []int{4, 1} }
func (*avx512) vector() VecVirtual { return ZMM() }

func (a *avx512) shift() VecVirtual { return a.shifts }

func (*avx512) begin() {}

func (*avx512) end() {
	VZEROUPPER()
	RET()
}

func (a *avx512) prepare() {
	table := NewDataAddr(Symbol{Name: "·powers"}, 0)
	a.powersLow, a.powersHigh = ZMM(), ZMM()
	VMOVUPD(table, a.powersLow)
	VMOVUPD(table.Offset(64), a.powersHigh)
	a.shifts, a.sixths = broadcast(a, constant(shift)), broadcast(a, constant(p6))
	a.far = make([]OpmaskVirtual, a.blocks()[0])
	for i := range a.far {
		a.far[i] = K()
	}
}

// values interleaves the chains of its arguments, to hide their latency.
func (a *avx512) values(z, r []VecVirtual) (powers, rests []VecVirtual) {
	q, n := vectors(a, len(r)), vectors(a, len(z))
	each(q, func(_ int, q VecVirtual) { VMOVAPD(a.sixths, q) })
	for _, c := range []int{p5, p4, p3, p2, p1, one} {
		each(q, func(i int, q VecVirtual) { VFMADD213PD_BCST(constant(c), r[i], q) })
	}
	each(n, func(i int, n VecVirtual) { VPSLLQ(U8(48), z[i], n) })
	each(z, func(_ int, z VecVirtual) { VPERMI2PD(a.powersHigh, a.powersLow, z) })
	each(z, func(i int, z VecVirtual) { VPADDQ(n[i], z, z) })
	return z, q
}

func (a *avx512) atLeast(c int, v VecVirtual) { VMAXPD(v, broadcast(a, constant(c)), v) }
func (a *avx512) atMost(c int, v VecVirtual)  { VMINPD(v, broadcast(a, constant(c)), v) }

func (a *avx512) magnitude(v VecVirtual) VecVirtual {
	m := ZMM()
	VPANDQ_BCST(constant(notSign), v, m)
	return m
}

const (
	notLessEqual = 0x16 // NLE_UQ: true for NaN
	greaterEqual = 0x1d // GE_OQ: false for NaN
	lessEqual    = 0x12 // LE_OQ: false for NaN
)

func (a *avx512) beyond(i int, x, low, high VecVirtual) {
	d, below := ZMM(), K()
	VSUBPD(high, x, d)
	VCMPPD_BCST(U8(greaterEqual), constant(edge), d, a.far[i])
	VSUBPD(low, x, d)
	VCMPPD_BCST(U8(lessEqual), constant(negEdge), d, below)
	KORW(below, a.far[i], a.far[i])
	VMOVAPD(low, a.far[i], x)
}

func (a *avx512) forget(i int, v ...VecVirtual) {
	near := K()
	KNOTW(a.far[i], near)
	for _, v := range v {
		VMOVAPD_Z(v, near, v)
	}
}

func (a *avx512) anyOutside(x []VecVirtual, v VecVirtual, label string) {
	var found OpmaskVirtual
	each(x, func(i int, x VecVirtual) {
		d, k := ZMM(), K()
		VSUBPD(v, x, d)
		VPANDQ_BCST(constant(notSign), d, d)
		VCMPPD_BCST(U8(notLessEqual), constant(edge), d, k)
		if i == 0 {
			found = k
			return
		}
		KORW(k, found, found)
	})
	KORTESTW(found, found)
	JNE(LabelRef(label))
}
