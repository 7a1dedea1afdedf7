package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// avx2 uses AVX2 and FMA: 16 registers of 4 lanes. Constants stay in memory.
type avx2 struct{}

// powersAddress is that of kernel.powersByByte, locals room for four registers.
var (
	powersAddress GPVirtual
	locals        Mem
)

func (avx2) name() string           { return "AVX2" }
func (avx2) lanes() int             { return 4 }
func (avx2) blocks() []int          { return []int{2} }
func (avx2) tile(registers int) int { return 4 }
func (avx2) vector() VecVirtual     { return YMM() }

// begin and end keep registers 16 to 31, which avo would use but AVX2 does not
// have, alive throughout the function. NOP is no instruction at all.
func (avx2) begin() { Instruction(&ir.Instruction{Opcode: "NOP", Outputs: beyond()}) }

func (avx2) end() {
	Instruction(&ir.Instruction{Opcode: "NOP", Inputs: beyond()})
	VZEROUPPER()
	RET()
}

func beyond() []Op {
	return []Op{Y16, Y17, Y18, Y19, Y20, Y21, Y22, Y23, Y24, Y25, Y26, Y27, Y28, Y29, Y30, Y31}
}

func (avx2) prepare(int) {
	powersAddress = GP64()
	LEAQ(NewDataAddr(Symbol{Name: "·powersByByte"}, 0), powersAddress)
	locals = AllocLocal(4 * 32)
}

func (a avx2) exp(all []VecVirtual, far bool) (values []VecVirtual) {
	for len(all) > 0 {
		n := min(2, len(all))
		values = append(values, a.expOf(all[:n], far)...)
		all = all[n:]
	}
	return values
}

// expOf interleaves the chains of its arguments, to hide their latency; what
// they need only at the end waits in memory. Of a negligible argument it makes 0
// first, so that no lane meets subnormal numbers, and of its power 0 at last.
func (a avx2) expOf(y []VecVirtual, far bool) []VecVirtual {
	n := len(y)
	index, near := make([]Mem, n), make([]Mem, n)
	for i := range n {
		index[i], near[i] = locals.Offset(32*i), locals.Offset(32*(2+i))
	}
	if far {
		for i, y := range y {
			m := YMM()
			VCMPPD(U8(notLess), constant(negligible), y, m)
			VANDPD(m, y, y)
			VMOVUPD(m, near[i])
		}
	}
	z, q := vectors(a, n), vectors(a, n)
	each(z, func(_ int, z VecVirtual) { VMOVAPD(constant(shift), z) })
	each(z, func(i int, z VecVirtual) { VFMADD231PD(constant(invLn2), y[i], z) })
	each(z, func(i int, z VecVirtual) { VMOVUPD(z, index[i]) })
	w := z
	each(w, func(i int, w VecVirtual) { VSUBPD(constant(shift), z[i], w) })
	each(y, func(i int, y VecVirtual) { VFMADD231PD(constant(negLn2High), w[i], y) })
	each(y, func(i int, y VecVirtual) { VFMADD231PD(constant(negLn2Low), w[i], y) })
	r := y
	each(q, func(_ int, q VecVirtual) { VMOVAPD(constant(c7), q) })
	for _, c := range []int{c6, c5, c4, c3, c2, one} {
		each(q, func(i int, q VecVirtual) { VFMADD213PD(constant(c), r[i], q) })
	}
	t := make([]VecVirtual, n)
	each(q, func(i int, q VecVirtual) {
		var tail VecVirtual
		t[i], tail = a.power(index[i])
		VFMADD213PD(tail, r[i], q)
		VFMADD213PD(t[i], q, t[i])
		if far {
			VANDPD(near[i], t[i], t[i])
		}
	})
	return t
}

// power is 2^(n+k/16) of the four numbers z at index, and its tail.
func (a avx2) power(index Mem) (t, tail VecVirtual) {
	even, odd := YMM(), YMM()
	for lane, dst := range []VecVirtual{even, odd, even, odd} {
		k := GP32()
		MOVBLZX(index.Offset(8*lane), k)
		ADDL(k, k)
		entry := Mem{Base: powersAddress, Index: k.As64(), Scale: 8}
		if lane < 2 {
			VMOVUPD(entry, dst.AsX())
			continue
		}
		VINSERTF128(U8(1), entry, dst, dst)
	}
	t, tail = YMM(), odd
	VUNPCKLPD(odd, even, t)
	VUNPCKHPD(odd, even, tail)
	shifted := even
	VMOVUPD(index, shifted)
	VPSLLQ(U8(48), shifted, shifted)
	VPADDQ(shifted, t, t)
	return t, tail
}

func (a avx2) anyBelow(y []VecVirtual, label string) {
	var found VecVirtual
	for i, y := range y {
		m := YMM()
		VCMPPD(U8(less), constant(negligible), y, m)
		if i == 0 {
			found = m
			continue
		}
		VORPD(m, found, found)
	}
	flags := GP32()
	VMOVMSKPD(found, flags)
	TESTL(flags, flags)
	JNE(LabelRef(label))
}

func (a avx2) magnitude(v VecVirtual) VecVirtual {
	m := YMM()
	VANDPD(constant(notSign), v, m)
	return m
}
