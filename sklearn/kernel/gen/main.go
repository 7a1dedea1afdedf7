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
	for _, a := range []arch{avx512{}, avx2{}} {
		oneFeature(a)
		for _, registers := range a.blocks() {
			distances(a, registers)
			sums(a, registers, false)
			sums(a, registers, true)
		}
		exps(a)
	}
	Generate()
}

// arch is what the two instruction sets differ in.
type arch interface {
	name() string
	lanes() int
	// blocks are the sizes, in registers, of the blocks of rows, greatest first.
	blocks() []int
	// tile is how many support vectors' distances are summed side by side.
	tile(registers int) int
	vector() VecVirtual
	// begin and end are the first and the last instructions of a function.
	begin()
	end()
	// prepare loads what exp keeps in registers, beside so many others of sums.
	prepare(sums int)
	// exp turns arguments y into K, and destroys y. far says that some may be
	// negligible.
	exp(y []VecVirtual, far bool) []VecVirtual
	// anyBelow jumps to label if a lane of y is negligible.
	anyBelow(y []VecVirtual, label string)
	// magnitude is |v|.
	magnitude(v VecVirtual) VecVirtual
}

// constant is the address of the i-th constant of kernel.lanes, which holds
// each of them four times.
func constant(i int) Mem { return NewDataAddr(Symbol{Name: "·lanes"}, 32*i) }

// The order of kernel.lanes.
const (
	invLn2 = iota
	shift
	negLn2High
	negLn2Low
	c7
	c6
	c5
	c4
	c3
	c2
	one
	negligible
	notSign
)

// table is the address of a row of kernel.powerTable.
func table(i int) Mem { return NewDataAddr(Symbol{Name: "·powerTable"}, 128*i) }

const (
	powers = iota
	tails
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
