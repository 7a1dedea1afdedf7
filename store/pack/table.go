package pack

import (
	"hash/maphash"
	"iter"
	"math/bits"
)

// at is an entry of a pack.
type at struct{ pack, entry int }

// table finds the entry that counts for a key: open addressing in one piece of
// memory without pointers, which is made in a fraction of the time of a map.
type table struct {
	seed  maphash.Seed // so that nobody can choose keys that collide
	slots []uint64     // pack and entry + 1; 0: free
	used  int
}

func newTable(packs []loaded) table {
	n := 0
	for i := range packs {
		n += packs[i].len()
	}
	t := table{seed: maphash.MakeSeed(), slots: make([]uint64, 1<<bits.Len(uint(2*n)))}
	for p := range packs {
		for e := range packs[p].len() {
			t.add(packs, at{p, e})
		}
	}
	return t
}

func pointer(slot uint64) at { return at{int(slot >> 32), int(uint32(slot)) - 1} }

// slot is where key is, or where it would be.
func (t *table) slot(packs []loaded, key string) int {
	mask := len(t.slots) - 1
	i := int(maphash.String(t.seed, key)) & mask
	for ; t.slots[i] != 0; i = (i + 1) & mask {
		if found := pointer(t.slots[i]); packs[found.pack].key(found.entry) == key {
			break
		}
	}
	return i
}

// add adds an entry, unless one of an earlier pack counts. That a partition says a
// model is no more says nothing of other partitions.
func (t *table) add(packs []loaded, a at) {
	p := &packs[a.pack]
	i := t.slot(packs, p.key(a.entry))
	if t.slots[i] != 0 {
		earlier := pointer(t.slots[i])
		if q := &packs[earlier.pack]; q.group == p.group || q.kind(earlier.entry) != removed {
			return
		}
	} else {
		t.used++
	}
	t.slots[i] = uint64(a.pack)<<32 | uint64(a.entry+1)
}

func (t *table) find(packs []loaded, key string) (at, bool) {
	slot := t.slots[t.slot(packs, key)]
	return pointer(slot), slot != 0
}

// all yields the entries that count, in no order.
func (t *table) all() iter.Seq[at] {
	return func(yield func(at) bool) {
		for _, slot := range t.slots {
			if slot != 0 && !yield(pointer(slot)) {
				return
			}
		}
	}
}
