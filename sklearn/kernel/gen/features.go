package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// distances writes the function for squared distances of two features or more.
func distances(a arch, registers int) {
	width := registers * a.lanes()
	name := fmt.Sprintf("distances%d%s", width, a.name())
	TEXT(name, NOSPLIT, "func(dst, x, sv *float64, d, n int)")
	Pragma("noescape")
	a.begin()
	Doc(fmt.Sprintf("%s sets dst[i*%d+r] to the squared distance between row r and support vector i of n.", name, width),
		fmt.Sprintf("x holds %d rows feature by feature, d ≥ 2 features; sv is row-major.", width))
	dst, x, sv, d, n := load("dst"), load("x"), load("sv"), load("d"), load("n")
	stride := GP64()
	LEAQ(Mem{Base: d, Index: d, Scale: 1}, stride)
	SHLQ(U8(2), stride) // d·8 bytes
	for _, tile := range []int{a.tile(registers), 1} {
		distancesTile(a, registers, tile, dst, x, sv, d, n, stride)
	}
	a.end()
}

func distancesTile(a arch, registers, tile int, dst, x, sv, d, n, stride GPVirtual) {
	label := func(s string) string { return fmt.Sprintf("%s%d", s, tile) }
	width := registers * a.lanes()
	Label(label("vectors"))
	CMPQ(n, U32(tile))
	JLT(LabelRef(label("end")))
	s := make([]GPVirtual, (tile+1)/2) // of every second support vector
	for i := range s {
		s[i] = GP64()
		if i == 0 {
			MOVQ(sv, s[i])
			continue
		}
		LEAQ(Mem{Base: s[i-1], Index: stride, Scale: 2}, s[i])
	}
	row := GP64()
	MOVQ(x, row)
	sums := make([][]VecVirtual, tile)
	feature := func(add func(e, q VecVirtual)) {
		rows := make([]VecVirtual, registers)
		for r := range rows {
			rows[r] = a.vector()
			VMOVUPD(at(a, row, r), rows[r])
		}
		for i := range tile {
			m := Mem{Base: s[i/2]}
			if i%2 == 1 {
				m.Index, m.Scale = stride, 1
			}
			f := broadcast(a, m)
			each(rows, func(r int, x VecVirtual) {
				e := a.vector()
				VSUBPD(x, f, e)
				add(e, sums[i][r])
			})
		}
		ADDQ(U32(8*width), row)
		for _, p := range s {
			ADDQ(U8(8), p)
		}
	}
	for i := range sums {
		sums[i] = vectors(a, registers)
	}
	feature(func(e, q VecVirtual) { VMULPD(e, e, q) }) // 0 + e·e is e·e
	feature(func(e, q VecVirtual) {
		VMULPD(e, e, e)
		VADDPD(e, q, q)
	})
	j := GP64()
	MOVQ(d, j)
	SUBQ(U8(2), j)
	JEQ(LabelRef(label("store")))
	Label(label("features"))
	feature(func(e, q VecVirtual) { VFMADD231PD(e, e, q) })
	DECQ(j)
	JNE(LabelRef(label("features")))
	Label(label("store"))
	for i, q := range sums {
		each(q, func(r int, q VecVirtual) { VMOVUPD(q, Mem{Base: dst, Disp: 8 * (i*width + r*a.lanes())}) })
	}
	ADDQ(U32(8*tile*width), dst)
	for range tile {
		ADDQ(stride, sv)
	}
	SUBQ(U32(tile), n)
	JMP(LabelRef(label("vectors")))
	Label(label("end"))
}

// sums writes the function that turns squared distances into kernel values and
// adds them up.
func sums(a arch, registers int, signed bool) {
	width := registers * a.lanes()
	name, parameters := fmt.Sprintf("sums%d%s", width, a.name()), "sum"
	if signed {
		name, parameters = "signedS"+name[1:], "sum, magnitude"
	}
	TEXT(name, NOSPLIT, "func("+parameters+", distances, coef *float64, n int, negGamma float64)")
	Pragma("noescape")
	a.begin()
	Doc(fmt.Sprintf("%s adds n > 0 support vectors' values to the sums of %d rows;", name, width),
		"distances are as distances"+name[len(name)-len(a.name())-len(fmt.Sprint(width)):]+" gives them.")
	sum := load("sum")
	distances, coef, n := load("distances"), load("coef"), load("n")
	negGamma := broadcastParam(a, "negGamma")
	total := vectors(a, registers)
	each(total, func(i int, v VecVirtual) { VMOVUPD(at(a, sum, i), v) })
	var magnitude GPVirtual
	var absolute []VecVirtual
	if signed {
		magnitude, absolute = load("magnitude"), vectors(a, registers)
		each(absolute, func(i int, v VecVirtual) { VMOVUPD(at(a, magnitude, i), v) })
		a.prepare(2 * registers)
	} else {
		a.prepare(registers)
	}
	Label("loop")
	y := vectors(a, registers)
	each(y, func(i int, y VecVirtual) { VMULPD(at(a, distances, i), negGamma, y) })
	k := a.exp(y, true)
	c := broadcast(a, Mem{Base: coef})
	each(k, func(_ int, k VecVirtual) { VMULPD(c, k, k) })
	each(k, func(i int, k VecVirtual) { VADDPD(k, total[i], total[i]) })
	each(absolute, func(i int, v VecVirtual) { VADDPD(a.magnitude(k[i]), v, v) })
	ADDQ(U32(8*width), distances)
	ADDQ(U8(8), coef)
	DECQ(n)
	JNE(LabelRef("loop"))
	each(total, func(i int, v VecVirtual) { VMOVUPD(v, at(a, sum, i)) })
	each(absolute, func(i int, v VecVirtual) { VMOVUPD(v, at(a, magnitude, i)) })
	a.end()
}

// exps writes the function for support vectors in the lanes.
func exps(a arch) {
	TEXT("exps"+a.name(), NOSPLIT, "func(v *float64, n int, negGamma float64)")
	Pragma("noescape")
	a.begin()
	Doc(fmt.Sprintf("exps%s turns squared distances into kernel values, in place. n is a positive multiple of %d.", a.name(), 8))
	registers := 8 / a.lanes()
	v, n := load("v"), load("n")
	negGamma := broadcastParam(a, "negGamma")
	a.prepare(registers)
	Label("loop")
	y := vectors(a, registers)
	each(y, func(i int, y VecVirtual) { VMULPD(at(a, v, i), negGamma, y) })
	each(a.exp(y, true), func(i int, k VecVirtual) { VMOVUPD(k, at(a, v, i)) })
	ADDQ(U8(64), v)
	SUBQ(U8(8), n)
	JNE(LabelRef("loop"))
	a.end()
}
