package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// oneFeature writes the function for machines of one feature whose coefficients
// are not negative, so that sum and magnitude are one number.
func oneFeature(a arch) {
	TEXT("oneFeature"+a.name(), NOSPLIT, "func(x, score, bound *float64, rows int, sv, coef *float64, n int, negGamma, intercept, low, high float64)")
	Pragma("noescape")
	a.begin()
	Doc(fmt.Sprintf("oneFeature%s decides rows of one feature. rows is a positive multiple of %d, n is positive,", a.name(), a.blocks()[len(a.blocks())-1]*a.lanes()),
		"and all support vectors are from low to high.")
	x, score, bound, rows := load("x"), load("score"), load("bound"), load("rows")
	sv, coef, n := load("sv"), load("coef"), load("n")
	negGamma := broadcastParam(a, "negGamma")
	a.prepare(a.blocks()[0])
	sum := vectors(a, a.blocks()[0])
	for i, registers := range a.blocks() {
		next := "done"
		if i+1 < len(a.blocks()) {
			next = fmt.Sprintf("rows%d", a.blocks()[i+1]*a.lanes())
		}
		oneFeatureBlocks(a, registers, next, x, score, bound, rows, sv, coef, n, negGamma, sum[:registers])
	}
	Label("done")
	a.end()
}

func oneFeatureBlocks(a arch, registers int, next string, x, score, bound, rows, sv, coef, n GPVirtual, negGamma VecVirtual, sum []VecVirtual) {
	width := registers * a.lanes()
	label := func(s string) string { return fmt.Sprintf("%s%d", s, width) }
	i := GP64()
	// arguments are y of every row and the support vector s.
	arguments := func(s VecVirtual) []VecVirtual {
		y := vectors(a, registers)
		each(y, func(i int, y VecVirtual) { VSUBPD(at(a, x, i), s, y) })
		each(y, func(_ int, y VecVirtual) { VMULPD(y, y, y) })
		each(y, func(_ int, y VecVirtual) { VMULPD(negGamma, y, y) })
		return y
	}
	loop := func(name string, far bool) {
		Label(name)
		k := a.exp(arguments(broadcast(a, Mem{Base: sv, Index: i, Scale: 8})), far)
		c := broadcast(a, Mem{Base: coef, Index: i, Scale: 8})
		each(k, func(_ int, k VecVirtual) { VMULPD(c, k, k) })
		each(k, func(i int, k VecVirtual) { VADDPD(k, sum[i], sum[i]) })
		INCQ(i)
		CMPQ(i, n)
		JLT(LabelRef(name))
	}

	Label(label("rows"))
	CMPQ(rows, U32(width))
	JLT(LabelRef(next))
	zero(sum...)
	XORQ(i, i)
	Comment("Rounding keeps order: where the least and the greatest support vector are near, all are.")
	a.anyBelow(arguments(broadcastParam(a, "low")), label("far"))
	a.anyBelow(arguments(broadcastParam(a, "high")), label("far"))
	loop(label("near"), false)
	JMP(LabelRef(label("write")))
	loop(label("far"), true)
	Label(label("write"))
	intercept := broadcastParam(a, "intercept")
	magnitude := a.magnitude(intercept)
	each(sum, func(i int, sum VecVirtual) {
		b := a.vector()
		VADDPD(magnitude, sum, b)
		VADDPD(intercept, sum, sum)
		VMOVUPD(sum, at(a, score, i))
		VMOVUPD(b, at(a, bound, i))
	})
	for _, p := range []GPVirtual{x, score, bound} {
		ADDQ(U32(8*width), p)
	}
	SUBQ(U32(width), rows)
	JMP(LabelRef(label("rows")))
}
