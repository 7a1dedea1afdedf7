package readings

import (
	"hash/maphash"
	"strings"

	"github.com/fleetscore/fleetscore/fleet"
)

// sensors finds a sensor's series by the bytes of its names, without making
// strings of them. It is a hash table with linear probing, at 8 bytes a slot; a
// map would cost five times that, which counts with a million sensors.
type sensors struct {
	series []*Series // in order of appearance
	slots  []slot    // a power of two, at most 3/4 full
	seed   maphash.Seed
	names  names
	opt    Options
	fresh  []Series // allocated, not yet in use
}

// A slot is empty while its number is 0; otherwise that is the index of a
// series plus 1.
type slot struct{ hash, number uint32 }

func newSensors(opt Options) *sensors {
	return &sensors{opt: opt, slots: make([]slot, 64), seed: maphash.MakeSeed()}
}

// find returns the sensor's series, a new one if need be. An error says what is
// wrong with a name.
func (t *sensors) find(device, tag []byte) (*Series, error) {
	h := t.hash(device, tag)
	mask := uint32(len(t.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		switch sl := t.slots[i]; {
		case sl.number == 0:
			return t.add(h, device, tag)
		case sl.hash == h:
			s := t.series[sl.number-1]
			if s.Sensor.Tag == string(tag) && s.Sensor.Device == string(device) {
				return s, nil
			}
		}
	}
}

// hash is seeded, so that names cannot be chosen to collide.
func (t *sensors) hash(device, tag []byte) uint32 {
	h := maphash.Bytes(t.seed, device)*0x9e3779b97f4a7c15 + maphash.Bytes(t.seed, tag)
	return uint32(h>>32) ^ uint32(h)
}

func (t *sensors) add(h uint32, device, tag []byte) (*Series, error) {
	if err := fleet.CheckName("device", string(device)); err != nil {
		return nil, err
	}
	if !t.opt.Untagged {
		if err := fleet.CheckName("tag", string(tag)); err != nil {
			return nil, err
		}
	}
	if len(t.fresh) == 0 {
		t.fresh = make([]Series, min(max(len(t.series)/2, 8), 4096))
	}
	s := &t.fresh[0]
	t.fresh = t.fresh[1:]
	s.Sensor = fleet.Sensor{Device: t.names.keep(device), Tag: t.names.keep(tag)}
	s.left = t.leaves(s.Sensor)
	t.series = append(t.series, s)
	if len(t.series)*4 > len(t.slots)*3 {
		t.grow()
	}
	t.put(slot{hash: h, number: uint32(len(t.series))})
	return s, nil
}

// leaves reports that the readings of a sensor are not wanted.
func (t *sensors) leaves(s fleet.Sensor) bool {
	if t.opt.Features.Device {
		s.Tag = ""
	}
	return t.opt.Keep != nil && !t.opt.Keep(s)
}

func (t *sensors) grow() {
	old := t.slots
	t.slots = make([]slot, 2*len(old))
	for _, sl := range old {
		if sl.number != 0 {
			t.put(sl)
		}
	}
}

func (t *sensors) put(sl slot) {
	mask := uint32(len(t.slots) - 1)
	i := sl.hash & mask
	for t.slots[i].number != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = sl
}

// names keeps many short strings in few allocations.
type names struct{ chunk strings.Builder }

func (n *names) keep(name []byte) string {
	if n.chunk.Cap()-n.chunk.Len() < len(name) {
		n.chunk.Reset()
		n.chunk.Grow(16 << 10)
	}
	start := n.chunk.Len()
	n.chunk.Write(name)
	return n.chunk.String()[start:]
}
