package readings

import (
	"cmp"
	"slices"
)

// supersede keeps of a sensor's rows of one time the one that was read last, and
// puts them in the order of time. It returns how many rows are gone.
func (s *Series) supersede(a *arena) (gone int64) {
	type place struct {
		block *Block
		row   int
		ns    int64
	}
	blocks := s.Blocks()
	rising, last := true, int64(0)
	n := 0
	for _, b := range blocks {
		for _, ns := range b.Times {
			rising = rising && (n == 0 || ns > last)
			last = ns
			n++
		}
	}
	if rising {
		return 0
	}
	rows := make([]place, 0, n)
	for _, b := range blocks {
		for i, ns := range b.Times {
			rows = append(rows, place{b, i, ns})
		}
	}
	slices.SortStableFunc(rows, func(a, b place) int { return cmp.Compare(a.ns, b.ns) })
	s.full, s.tail = nil, span{}
	text := make([]byte, 0, maxTime)
	for i, r := range rows {
		if i+1 < len(rows) && rows[i+1].ns == r.ns {
			gone++
			continue
		}
		form := r.block.forms[r.row]
		slab, at := s.add(a, r.ns, r.block.Row(r.row), form)
		if form == keptForm {
			slab.keep(at, r.block.AppendTime(text[:0], r.row))
		}
	}
	return gone
}
