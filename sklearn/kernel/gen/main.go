// This program writes the assembly of the faster tiers, rbf_amd64.s and its Go
// declarations, with avo. Run it with go generate, in the kernel's folder; it
// is a module of its own, so that who builds the kernel needs no avo.
//
// The instructions follow the specification in the kernel's doc.go one by one;
// the names of registers here are the names there. Rows are in the lanes of a
// register, so that each row's sums keep the order of the support vectors.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func main() {
	for _, a := range []arch{&avx512{}, &avx2{}} {
		oneFeature(a)
		for _, registers := range a.blocks() {
			scale(a, registers)
			products(a, registers)
			distances(a, registers)
			sums(a, registers)
		}
		values(a)
	}
	Generate()
}

// arch is what the two instruction sets differ in.
type arch interface {
	name() string
	lanes() int
	// blocks are the sizes, in registers, of the blocks of rows, greatest first.
	blocks() []int
	vector() VecVirtual
	// begin and end are the first and the last instructions of a function.
	begin()
	end()
	// prepare loads what values keeps in registers.
	prepare()
	// shift is a register with the constant shift.
	shift() VecVirtual
	// values makes powers of z and rests of r, in place or not.
	values(z, r []VecVirtual) (powers, rests []VecVirtual)
	// atLeast and atMost make a constant of what in v is below it or above it; NaN stays.
	atLeast(c int, v VecVirtual)
	atMost(c int, v VecVirtual)
	// magnitude is |v|.
	magnitude(v VecVirtual) VecVirtual
	// beyond replaces lanes of x that are at least edge above high or below low by low,
	// and remembers which; forget makes 0 of these lanes of block register i.
	beyond(i int, x, low, high VecVirtual)
	forget(i int, v ...VecVirtual)
	// anyOutside jumps to label if any lane of x is farther than edge from v.
	anyOutside(x []VecVirtual, v VecVirtual, label string)
}

// shifted makes z of exponents u.
func shifted(a arch, u []VecVirtual) (z []VecVirtual) {
	z = vectors(a, len(u))
	each(z, func(i int, z VecVirtual) { VADDPD(a.shift(), u[i], z) })
	return z
}

// squareShifted makes z of e, whose negative squares are the exponents.
func squareShifted(a arch, e []VecVirtual) (z []VecVirtual) {
	z = vectors(a, len(e))
	each(z, func(_ int, z VecVirtual) { VMOVAPD(a.shift(), z) })
	each(z, func(i int, z VecVirtual) { VFNMADD231PD(e[i], e[i], z) })
	return z
}

// remainder makes r, in u: u less what z says.
func remainder(a arch, u, z []VecVirtual) (r []VecVirtual) {
	w := vectors(a, len(u))
	each(w, func(i int, w VecVirtual) { VSUBPD(a.shift(), z[i], w) })
	each(u, func(i int, u VecVirtual) { VSUBPD(w[i], u, u) })
	return u
}

// squareRemainder is remainder for -e².
func squareRemainder(a arch, e, z []VecVirtual) (r []VecVirtual) {
	w := vectors(a, len(e))
	each(w, func(i int, w VecVirtual) { VSUBPD(a.shift(), z[i], w) })
	each(e, func(i int, e VecVirtual) { VFNMSUB213PD(w[i], e, e) })
	return e
}

// constant is the address of the i-th constant of kernel.lanes, which holds
// each of them four times.
func constant(i int) Mem { return NewDataAddr(Symbol{Name: "·lanes"}, 32*i) }

// The order of kernel.lanes.
const (
	shift = iota
	p6
	p5
	p4
	p3
	p2
	p1
	one
	bottom
	edge
	negEdge
	farthest
	negFarthest
	notSign
)

func load(name string) GPVirtual { return Load(Param(name), GP64()).(GPVirtual) }

func broadcast(a arch, m Op) VecVirtual {
	v := a.vector()
	VBROADCASTSD(m, v)
	return v
}

func broadcastParam(a arch, name string) VecVirtual {
	p, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return broadcast(a, p.Addr)
}

func vectors(a arch, n int) []VecVirtual {
	v := make([]VecVirtual, n)
	for i := range v {
		v[i] = a.vector()
	}
	return v
}

// at is the i-th register's worth of memory from base.
func at(a arch, base Register, i int) Mem { return Mem{Base: base, Disp: 8 * a.lanes() * i} }

func each(v []VecVirtual, f func(i int, v VecVirtual)) {
	for i, r := range v {
		f(i, r)
	}
}

func zero(v ...VecVirtual) {
	for _, r := range v {
		VXORPD(r, r, r)
	}
}
