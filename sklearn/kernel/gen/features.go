package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// tile is how many support vectors' exponents are summed side by side.
const tile = 4

func function(a arch, name string, registers int, parameters string, doc ...string) {
	TEXT(fmt.Sprintf("%s%d%s", name, registers*a.lanes(), a.name()), NOSPLIT, "func("+parameters+")")
	Pragma("noescape")
	a.begin()
	doc[0] = fmt.Sprintf("%s%d%s %s", name, registers*a.lanes(), a.name(), doc[0])
	Doc(doc...)
}

// scale writes the function that scales rows.
func scale(a arch, registers int) {
	width := registers * a.lanes()
	function(a, "scale", registers, "rows, base, center *float64, d int, factor float64",
		fmt.Sprintf("scales %d rows, which rows holds feature by feature, d > 0 features, and sets base", width),
		"to their negative squares.")
	row, base, center, d := load("rows"), load("base"), load("center"), load("d")
	factor := broadcastParam(a, "factor")
	sums := vectors(a, registers)
	zero(sums...)
	Label("loop")
	x := vectors(a, registers)
	each(x, func(i int, x VecVirtual) { VMOVUPD(at(a, row, i), x) })
	c := broadcast(a, Mem{Base: center})
	each(x, func(_ int, x VecVirtual) { VSUBPD(c, x, x) })
	each(x, func(_ int, x VecVirtual) { VMULPD(factor, x, x) })
	each(x, func(_ int, x VecVirtual) { a.atLeast(negFarthest, x) })
	each(x, func(_ int, x VecVirtual) { a.atMost(farthest, x) })
	each(x, func(i int, x VecVirtual) { VMOVUPD(x, at(a, row, i)) })
	each(sums, func(i int, sum VecVirtual) { VFNMADD231PD(x[i], x[i], sum) })
	ADDQ(U32(8*width), row)
	ADDQ(U8(8), center)
	DECQ(d)
	JNE(LabelRef("loop"))
	each(sums, func(i int, sum VecVirtual) { VMOVUPD(sum, at(a, base, i)) })
	a.end()
}

// products writes the function for exponents of scaled machines.
func products(a arch, registers int) {
	width := registers * a.lanes()
	function(a, "products", registers, "dst, x, sv, base *float64, d, n, stride int",
		fmt.Sprintf("sets dst[i*%d+r] to base[i], or leaves it as it is if base is nil, and adds the products", width),
		fmt.Sprintf("of row r and support vector i of n. x holds %d rows feature by feature, d > 0 features; sv has", width),
		"stride values from one support vector to the next.")
	t := newTiles(a, registers, load("stride"))
	base := load("base")
	add := func(_ VecVirtual, x, s, q VecVirtual) { VFMADD231PD(x, s, q) }
	for _, tile := range []int{tile, 1} {
		t.open(tile)
		TESTQ(base, base)
		JEQ(LabelRef(t.label("more")))
		for i, q := range t.sums {
			each(q, func(_ int, q VecVirtual) { VBROADCASTSD(Mem{Base: base, Disp: 8 * i}, q) })
		}
		ADDQ(U8(8*tile), base)
		JMP(LabelRef(t.label("features")))
		Label(t.label("more"))
		for i, q := range t.sums {
			each(q, func(r int, q VecVirtual) { VMOVUPD(t.of(i, r), q) })
		}
		Label(t.label("features"))
		t.feature(add)
		DECQ(t.left)
		JNE(LabelRef(t.label("features")))
		t.close()
	}
	a.end()
}

// distances writes the function for exponents of machines that are not scaled.
func distances(a arch, registers int) {
	width := registers * a.lanes()
	function(a, "distances", registers, "dst, x, sv *float64, d, n int, negGamma float64",
		fmt.Sprintf("sets dst[i*%d+r] to the squared distance between row r and support vector i of n,", width),
		fmt.Sprintf("times negGamma. x holds %d rows feature by feature, d > 0 features; sv is row-major.", width))
	t := newTiles(a, registers, load("d"))
	add := func(e, x, s, q VecVirtual) {
		VSUBPD(x, s, e)
		VFMADD231PD(e, e, q)
	}
	for _, tile := range []int{tile, 1} {
		t.open(tile)
		for _, q := range t.sums {
			zero(q...)
		}
		Label(t.label("features"))
		t.feature(add)
		DECQ(t.left)
		JNE(LabelRef(t.label("features")))
		negGamma := broadcastParam(a, "negGamma")
		for _, q := range t.sums {
			each(q, func(_ int, q VecVirtual) { VMULPD(negGamma, q, q) })
		}
		t.close()
	}
	a.end()
}

// tiles is the loops over tiles of rows and some support vectors.
type tiles struct {
	arch
	registers, vectors int
	dst, x, sv, d, n   GPVirtual
	stride             GPVirtual // bytes from a support vector to the next
	// of the tile at hand
	row, left GPVirtual
	s         []GPVirtual // addresses, of every second support vector
	sums      [][]VecVirtual
}

func newTiles(a arch, registers int, stride GPVirtual) *tiles {
	t := &tiles{arch: a, registers: registers, dst: load("dst"), x: load("x"), sv: load("sv"), d: load("d"), n: load("n"), stride: stride}
	SHLQ(U8(3), stride)
	return t
}

func (t *tiles) label(s string) string { return fmt.Sprintf("%s%d", s, t.vectors) }

// of is where the exponents of support vector i of the tile go.
func (t *tiles) of(i, register int) Mem {
	return Mem{Base: t.dst, Disp: 8 * t.lanes() * (i*t.registers + register)}
}

// open begins a tile of n support vectors, or goes where close ends.
func (t *tiles) open(n int) {
	t.vectors = n
	Label(t.label("vectors"))
	CMPQ(t.n, U32(n))
	JLT(LabelRef(t.label("end")))
	t.s = make([]GPVirtual, (n+1)/2)
	for i := range t.s {
		t.s[i] = GP64()
		if i == 0 {
			MOVQ(t.sv, t.s[i])
			continue
		}
		LEAQ(Mem{Base: t.s[i-1], Index: t.stride, Scale: 2}, t.s[i])
	}
	t.row, t.left = GP64(), GP64()
	MOVQ(t.x, t.row)
	MOVQ(t.d, t.left)
	t.sums = make([][]VecVirtual, n)
	for i := range t.sums {
		t.sums[i] = vectors(t, t.registers)
	}
}

// feature adds what a feature makes, and goes to the next.
func (t *tiles) feature(add func(spare, x, s, q VecVirtual)) {
	rows := vectors(t, t.registers)
	each(rows, func(r int, x VecVirtual) { VMOVUPD(at(t, t.row, r), x) })
	for i, q := range t.sums {
		m := Mem{Base: t.s[i/2]}
		if i%2 == 1 {
			m.Index, m.Scale = t.stride, 1
		}
		s := broadcast(t, m)
		each(rows, func(r int, x VecVirtual) { add(t.vector(), x, s, q[r]) })
	}
	ADDQ(U32(8*t.registers*t.lanes()), t.row)
	for _, p := range t.s {
		ADDQ(U8(8), p)
	}
}

// close ends a tile.
func (t *tiles) close() {
	for i, q := range t.sums {
		each(q, func(r int, q VecVirtual) { VMOVUPD(q, t.of(i, r)) })
	}
	ADDQ(U32(8*t.vectors*t.registers*t.lanes()), t.dst)
	for range t.vectors {
		ADDQ(t.stride, t.sv)
	}
	SUBQ(U32(t.vectors), t.n)
	JMP(LabelRef(t.label("vectors")))
	Label(t.label("end"))
}

// sums writes the function that turns exponents into kernel values and adds them
// up.
func sums(a arch, registers int) {
	width := registers * a.lanes()
	function(a, "sums", registers, "sum, magnitude, exponents, base *float64, runs *int, n, far int",
		fmt.Sprintf("adds the support vectors of n > 0 runs to the sums of %d rows. Exponents are as products%d%s", width, width, a.name()),
		"gives them, less base, by row. far is 0 if none is below the bottom.")
	sum, magnitude, exponents, base, run, n := load("sum"), load("magnitude"), load("exponents"), load("base"), load("runs"), load("n")
	a.prepare()
	bases := vectors(a, registers)
	each(bases, func(i int, v VecVirtual) { VMOVUPD(at(a, base, i), v) })
	loop := func(name string, far bool) {
		Label(name)
		values := vectors(a, registers)
		zero(values...)
		left := GP64()
		MOVQ(Mem{Base: run}, left)
		Label(name + "Vectors")
		u := vectors(a, registers)
		each(u, func(i int, u VecVirtual) { VADDPD(at(a, exponents, i), bases[i], u) })
		if far {
			each(u, func(_ int, u VecVirtual) { a.atLeast(bottom, u) })
		}
		z := shifted(a, u)
		powers, rests := a.values(z, remainder(a, u, z))
		each(values, func(i int, v VecVirtual) { VFMADD231PD(powers[i], rests[i], v) })
		ADDQ(U32(8*width), exponents)
		DECQ(left)
		JNE(LabelRef(name + "Vectors"))
		addRun(a, values, run, sum, magnitude)
		DECQ(n)
		JNE(LabelRef(name))
	}
	far := load("far")
	TESTQ(far, far)
	JNE(LabelRef("far"))
	loop("near", false)
	JMP(LabelRef("end"))
	loop("far", true)
	Label("end")
	a.end()
}

// values writes the function for support vectors in the lanes.
func values(a arch) {
	TEXT("values"+a.name(), NOSPLIT, "func(exponents, rests *float64, n int)")
	Pragma("noescape")
	a.begin()
	Doc(fmt.Sprintf("values%s turns exponents into powers, in place, and rests. n is a positive multiple of %d.", a.name(), 8))
	registers := 8 / a.lanes()
	exponents, rest, n := load("exponents"), load("rests"), load("n")
	a.prepare()
	Label("loop")
	u := vectors(a, registers)
	each(u, func(i int, u VecVirtual) { VMOVUPD(at(a, exponents, i), u) })
	each(u, func(_ int, u VecVirtual) { a.atLeast(bottom, u) })
	z := shifted(a, u)
	powers, rests := a.values(z, remainder(a, u, z))
	each(powers, func(i int, v VecVirtual) { VMOVUPD(v, at(a, exponents, i)) })
	each(rests, func(i int, v VecVirtual) { VMOVUPD(v, at(a, rest, i)) })
	ADDQ(U8(64), exponents)
	ADDQ(U8(64), rest)
	SUBQ(U8(8), n)
	JNE(LabelRef("loop"))
	a.end()
}
