package window

// table finds ids by hash: open addressing, linear probing. Whoever looks compares
// names. It is never walked, so that where things lie has no effect.
type table struct {
	slots []slot
	used  int
}

type slot struct{ hash, id uint32 }

// next returns the first id of the hash at place i or behind it, and where to go on;
// 0 if there is none any more. A search starts with i = hash.
func (t *table) next(hash, i uint32) (uint32, uint32) {
	if len(t.slots) == 0 {
		return 0, 0
	}
	mask := uint32(len(t.slots) - 1)
	for ; ; i++ {
		s := &t.slots[i&mask]
		if s.id == 0 || s.hash == hash {
			return s.id, i + 1
		}
	}
}

func (t *table) add(hash, id uint32) {
	if t.used >= len(t.slots)/4*3 {
		old := t.slots
		t.slots = make([]slot, max(16, 2*len(old)))
		for _, s := range old {
			if s.id != 0 {
				t.put(s)
			}
		}
	}
	t.put(slot{hash, id})
	t.used++
}

func (t *table) put(s slot) {
	mask := uint32(len(t.slots) - 1)
	i := s.hash & mask
	for t.slots[i].id != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = s
}

// remove closes the gap, so that no search ends there too soon.
func (t *table) remove(hash, id uint32) {
	mask := uint32(len(t.slots) - 1)
	gap := hash & mask
	for t.slots[gap].id != id {
		gap = (gap + 1) & mask
	}
	t.used--
	for i := (gap + 1) & mask; t.slots[i].id != 0; i = (i + 1) & mask {
		home := t.slots[i].hash & mask
		if (i-home)&mask >= (i-gap)&mask {
			t.slots[gap] = t.slots[i]
			gap = i
		}
	}
	t.slots[gap] = slot{}
}
