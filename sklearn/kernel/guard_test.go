//go:build linux || darwin

package kernel

import (
	"syscall"
	"testing"
	"unsafe"
)

// guarded copies s to where a read or a write just before it (or just after it,
// if end) is one of memory that nobody may touch.
func guarded[T any](t *testing.T, s []T, end bool) []T {
	page := syscall.Getpagesize()
	var one T
	bytes := int(unsafe.Sizeof(one)) * len(s)
	size := (bytes+page-1)/page*page + 2*page
	b, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(b); err != nil {
			t.Error(err)
		}
	})
	for _, guard := range [][]byte{b[:page], b[size-page:]} {
		if err := syscall.Mprotect(guard, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	if len(s) == 0 {
		return nil
	}
	at := page
	if end {
		at = size - page - bytes
	}
	c := unsafe.Slice((*T)(unsafe.Pointer(&b[at])), len(s))
	copy(c, s)
	return c
}

// A fault ends the test: no tier reads or writes beyond what it is given.
func TestDecideStaysWithin(t *testing.T) {
	for _, rows := range []int{1, 2, 7, 8, 9, 31, 32, 33, 39, 41, 64, 65} {
		for _, features := range []int{1, 2, 3, 5} {
			for _, vectors := range []int{1, 3, 4, 5, 50} {
				m, x := shaped(t, uint64(rows), features, vectors, rows, vectors == 3)
				wantScore, wantBound := decide(on(portable, m), x)
				for _, end := range []bool{false, true} {
					fenced := *m
					fenced.sv, fenced.runs = guarded(t, m.sv, end), guarded(t, m.runs, end)
					fenced.scaling.base, fenced.scaling.center = guarded(t, m.scaling.base, end), guarded(t, m.scaling.center, end)
					x := guarded(t, x, end)
					score, bound := guarded(t, make([]float64, rows), end), guarded(t, make([]float64, rows), end)
					for _, tier := range tiers() {
						on(tier, &fenced).Decide(x, score, bound)
						if !sameBits(score, wantScore) || !sameBits(bound, wantBound) {
							t.Fatalf("%v: %d rows, %d features, %d vectors differ", tier, rows, features, vectors)
						}
					}
				}
			}
		}
	}
}
