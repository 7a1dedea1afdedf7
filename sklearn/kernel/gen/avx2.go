package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// avx2 uses AVX2 and FMA: 16 registers of 4 lanes.
type avx2 struct {
	powers GPVirtual // the address of kernel.powersByByte
	locals Mem       // room for four registers
	// Most constants stay in memory; these are in registers to spare loads.
	shifts, fifths, ones VecVirtual
}

func (*avx2) name() string       { return "AVX2" }
func (*avx2) lanes() int         { return 4 }
func (*avx2) blocks() []int      { return []int{2} }
func (*avx2) vector() VecVirtual { return YMM() }

// begin and end keep registers 16 to 31, which avo would use but AVX2 does not
// have, alive throughout the function. NOP is no instruction at all.
func (*avx2) begin() { Instruction(&ir.Instruction{Opcode: "NOP", Outputs: highRegisters()}) }

func (*avx2) end() {
	Instruction(&ir.Instruction{Opcode: "NOP", Inputs: highRegisters()})
	VZEROUPPER()
	RET()
}

func highRegisters() []Op {
	return []Op{Y16, Y17, Y18, Y19, Y20, Y21, Y22, Y23, Y24, Y25, Y26, Y27, Y28, Y29, Y30, Y31}
}

func (a *avx2) shift() VecVirtual { return a.shifts }

func (a *avx2) prepare() {
	a.powers = GP64()
	LEAQ(NewDataAddr(Symbol{Name: "·powersByByte"}, 0), a.powers)
	a.locals = AllocLocal(4 * 32)
	a.shifts, a.fifths, a.ones = broadcast(a, constant(shift)), broadcast(a, constant(p5)), broadcast(a, constant(one))
}

// values interleaves the chains of its arguments, to hide their latency.
func (a *avx2) values(z, r []VecVirtual) (powers, rests []VecVirtual) {
	each(z, func(i int, z VecVirtual) { VMOVUPD(z, a.locals.Offset(32*i)) })
	q := vectors(a, len(r))
	each(q, func(_ int, q VecVirtual) { VMOVAPD(constant(p6), q) })
	each(q, func(i int, q VecVirtual) { VFMADD213PD(a.fifths, r[i], q) })
	for _, c := range []int{p4, p3, p2, p1} {
		each(q, func(i int, q VecVirtual) { VFMADD213PD(constant(c), r[i], q) })
	}
	each(q, func(i int, q VecVirtual) { VFMADD213PD(a.ones, r[i], q) })
	each(z, func(i int, z VecVirtual) {
		VPSLLQ(U8(48), z, z)
		VPADDQ(a.lookUp(a.locals.Offset(32*i)), z, z)
	})
	return z, q
}

// lookUp is the table's entries of the four numbers z at index.
func (a *avx2) lookUp(index Mem) VecVirtual {
	low, high := YMM(), YMM()
	// The loads that follow write all of low, which avo does not know.
	Instruction(&ir.Instruction{Opcode: "NOP", Outputs: []Op{low}})
	for lane, dst := range []VecVirtual{low, low, high, high} {
		k := GP32()
		MOVBLZX(index.Offset(8*lane), k)
		entry := Mem{Base: a.powers, Index: k.As64(), Scale: 8}
		if lane%2 == 0 {
			VMOVSD(entry, dst.AsX())
			continue
		}
		VMOVHPD(entry, dst.AsX(), dst.AsX())
	}
	VINSERTF128(U8(1), high.AsX(), low, low)
	return low
}

func (*avx2) atLeast(c int, v VecVirtual) {
	m := YMM()
	VMOVAPD(constant(c), m)
	VMAXPD(v, m, v)
}

func (*avx2) atMost(c int, v VecVirtual) {
	m := YMM()
	VMOVAPD(constant(c), m)
	VMINPD(v, m, v)
}

func (a *avx2) magnitude(v VecVirtual) VecVirtual {
	m := YMM()
	VANDPD(constant(notSign), v, m)
	return m
}

// far is where beyond remembers lanes of register i.
func (a *avx2) far(i int) Mem { return a.locals.Offset(32 * (2 + i)) }

func (a *avx2) beyond(i int, x, low, high VecVirtual) {
	above, below := YMM(), YMM()
	VSUBPD(high, x, above)
	VCMPPD(U8(greaterEqual), constant(edge), above, above)
	VSUBPD(low, x, below)
	VCMPPD(U8(lessEqual), constant(negEdge), below, below)
	VORPD(above, below, above)
	VMOVUPD(above, a.far(i))
	VBLENDVPD(above, low, x, x)
}

func (a *avx2) forget(i int, v ...VecVirtual) {
	far := YMM()
	VMOVUPD(a.far(i), far)
	for _, v := range v {
		VANDNPD(v, far, v)
	}
}

func (a *avx2) anyOutside(x []VecVirtual, v VecVirtual, label string) {
	var found VecVirtual
	each(x, func(i int, x VecVirtual) {
		d := YMM()
		VSUBPD(v, x, d)
		VANDPD(constant(notSign), d, d)
		VCMPPD(U8(notLessEqual), constant(edge), d, d)
		if i == 0 {
			found = d
			return
		}
		VORPD(d, found, found)
	})
	flags := GP32()
	VMOVMSKPD(found, flags)
	TESTL(flags, flags)
	JNE(LabelRef(label))
}
