package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// oneFeature writes the function for scaled machines of one feature.
func oneFeature(a arch) {
	TEXT("oneFeature"+a.name(), NOSPLIT, "func(x, score, bound *float64, rows int, sv *float64, runs *int, n int, center, factor, intercept, low, high float64)")
	Pragma("noescape")
	a.begin()
	Doc(fmt.Sprintf("oneFeature%s decides rows of one feature. rows is a positive multiple of %d, n, of runs, is positive.", a.name(), 8))
	x, score, bound, rows := load("x"), load("score"), load("bound"), load("rows")
	a.prepare()
	blocks := a.blocks()
	for i, registers := range blocks {
		next := "done"
		if i+1 < len(blocks) {
			next = fmt.Sprintf("rows%d", blocks[i+1]*a.lanes())
		}
		oneFeatureBlocks(a, registers, next, x, score, bound, rows)
	}
	Label("done")
	a.end()
}

// oneFeatureBlocks decides blocks of rows as long as there are enough.
func oneFeatureBlocks(a arch, registers int, next string, x, score, bound, rows GPVirtual) {
	width := registers * a.lanes()
	label := func(s string) string { return fmt.Sprintf("%s%d", s, width) }

	Label(label("rows"))
	CMPQ(rows, U32(width))
	JLT(LabelRef(next))
	scaled := vectors(a, registers)
	each(scaled, func(i int, v VecVirtual) { VMOVUPD(at(a, x, i), v) })
	center, factor := broadcastParam(a, "center"), broadcastParam(a, "factor")
	each(scaled, func(_ int, v VecVirtual) { VSUBPD(center, v, v) })
	each(scaled, func(_ int, v VecVirtual) { VMULPD(factor, v, v) })
	low, high := broadcastParam(a, "low"), broadcastParam(a, "high")
	Comment("Rows whose kernel values are all 0 are decided as others are, and forgotten at the end.")
	each(scaled, func(i int, v VecVirtual) { a.beyond(i, v, low, high) })
	// The sums are where the results will be.
	zeros := a.vector()
	zero(zeros)
	for i := range registers {
		VMOVUPD(zeros, at(a, score, i))
		VMOVUPD(zeros, at(a, bound, i))
	}
	sv, run, n := load("sv"), load("runs"), load("n")
	Comment("Rounding keeps order: where the least and the greatest support vector are near, all are.")
	a.anyOutside(scaled, low, label("far"))
	a.anyOutside(scaled, high, label("far"))
	oneFeatureRuns(a, label("near"), false, scaled, score, bound, sv, run, n)
	JMP(LabelRef(label("write")))
	oneFeatureRuns(a, label("far"), true, scaled, score, bound, sv, run, n)
	Label(label("write"))
	intercept := broadcastParam(a, "intercept")
	magnitude := a.magnitude(intercept)
	for i := range registers {
		sum, absolute := a.vector(), a.vector()
		VMOVUPD(at(a, score, i), sum)
		VMOVUPD(at(a, bound, i), absolute)
		a.forget(i, sum, absolute)
		VADDPD(intercept, sum, sum)
		VADDPD(magnitude, absolute, absolute)
		VMOVUPD(sum, at(a, score, i))
		VMOVUPD(absolute, at(a, bound, i))
	}
	for _, p := range []GPVirtual{x, score, bound} {
		ADDQ(U32(8*width), p)
	}
	SUBQ(U32(width), rows)
	JMP(LabelRef(label("rows")))
}

// oneFeatureRuns adds up all runs. far says that arguments may be beyond the edge.
func oneFeatureRuns(a arch, name string, far bool, x []VecVirtual, score, bound, sv, run, n GPVirtual) {
	Label(name)
	sums := vectors(a, len(x))
	zero(sums...)
	left := GP64()
	MOVQ(Mem{Base: run}, left)
	Label(name + "Vectors")
	s, e := broadcast(a, Mem{Base: sv}), vectors(a, len(x))
	each(e, func(i int, e VecVirtual) { VSUBPD(x[i], s, e) })
	if far {
		each(e, func(_ int, e VecVirtual) { a.atLeast(negEdge, e) })
		each(e, func(_ int, e VecVirtual) { a.atMost(edge, e) })
	}
	z := squareShifted(a, e)
	powers, rests := a.values(z, squareRemainder(a, e, z))
	each(sums, func(i int, sum VecVirtual) { VFMADD231PD(powers[i], rests[i], sum) })
	ADDQ(U8(8), sv)
	DECQ(left)
	JNE(LabelRef(name + "Vectors"))
	addRun(a, sums, run, score, bound)
	DECQ(n)
	JNE(LabelRef(name))
}

// addRun adds the sums of a run to those of the rows, and goes to the next one.
func addRun(a arch, sums []VecVirtual, run, sum, magnitude GPVirtual) {
	coef := broadcast(a, Mem{Base: run, Disp: 8})
	absolute := a.magnitude(coef)
	each(sums, func(i int, values VecVirtual) {
		t := a.vector()
		VMOVUPD(at(a, sum, i), t)
		VFMADD231PD(coef, values, t)
		VMOVUPD(t, at(a, sum, i))
		m := a.vector()
		VMOVUPD(at(a, magnitude, i), m)
		VFMADD231PD(absolute, values, m)
		VMOVUPD(m, at(a, magnitude, i))
	})
	ADDQ(U8(16), run)
}
