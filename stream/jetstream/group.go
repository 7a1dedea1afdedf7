package jetstream

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/fleetscore/fleetscore/stream"
)

const (
	groupVersion = 1
	indexBits    = 20
)

func position(seq uint64, index int) stream.Position {
	return stream.Position(seq<<indexBits | uint64(index))
}

func split(p stream.Position) (seq uint64, index int) {
	return uint64(p) >> indexBits, int(p & (1<<indexBits - 1))
}

// group is a message of the server: entries that were appended at one time. It is
// shared, and never changes.
type group struct {
	seq    uint64
	time   int64
	raw    []byte
	before []last // of each partition
	items  []item
}

// last is the last entry of a partition, if its position is not 0.
type last struct {
	position stream.Position
	time     int64
}

// item is an entry: where its body is in raw.
type item struct{ partition, start, end uint32 }

// newGroup encodes messages as a group. It keeps before.
func newGroup(seq uint64, time int64, before []last, requests []*request) *group {
	size := 32 + 20*len(before)
	for _, r := range requests {
		size += int(r.size)
	}
	g := &group{seq: seq, time: time, before: before}
	raw := append(make([]byte, 0, size), groupVersion)
	raw = binary.AppendVarint(raw, time)
	raw = binary.AppendUvarint(raw, uint64(len(before)))
	for _, l := range before {
		if l.position == 0 {
			raw = append(raw, 0)
			continue
		}
		s, index := split(l.position)
		raw = binary.AppendUvarint(raw, seq-s)
		raw = binary.AppendUvarint(raw, uint64(index))
		raw = binary.AppendUvarint(raw, uint64(time-l.time))
	}
	count := 0
	for _, r := range requests {
		count += len(r.messages)
	}
	raw = binary.AppendUvarint(raw, uint64(count))
	for _, r := range requests {
		for _, m := range r.messages {
			raw = binary.AppendUvarint(raw, uint64(m.Partition))
			raw = binary.AppendUvarint(raw, uint64(len(m.Body)))
		}
	}
	g.items = make([]item, 0, count)
	for _, r := range requests {
		for _, m := range r.messages {
			start := uint32(len(raw))
			raw = append(raw, m.Body...)
			g.items = append(g.items, item{uint32(m.Partition), start, uint32(len(raw))})
		}
	}
	g.raw = raw
	return g
}

var errGroup = errors.New("it is damaged")

// parseGroup keeps raw.
func parseGroup(seq uint64, raw []byte) (*group, error) {
	if len(raw) == 0 || raw[0] != groupVersion {
		return nil, fmt.Errorf("its version is not %d", groupVersion)
	}
	g := &group{seq: seq, raw: raw}
	at := 1
	failed := false
	number := func() uint64 {
		v, n := binary.Uvarint(raw[at:])
		if n <= 0 {
			failed, n = true, len(raw)-at
		}
		at += n
		return v
	}
	t := number()
	g.time = int64(t>>1) ^ -int64(t&1)
	partitions := number()
	if partitions > uint64(len(raw)-at) {
		return nil, errGroup
	}
	g.before = make([]last, partitions)
	for i := range g.before {
		if back := number(); back > 0 {
			index, age := number(), number()
			if back > seq || index >= 1<<indexBits {
				return nil, errGroup
			}
			g.before[i] = last{position(seq-back, int(index)), g.time - int64(age)}
		}
	}
	count := number()
	if count > uint64(len(raw)-at)/2 || count > 1<<indexBits {
		return nil, errGroup
	}
	g.items = make([]item, count)
	total := uint64(0)
	for i := range g.items {
		p, size := number(), number()
		if p >= partitions || size > uint64(len(raw)) {
			return nil, errGroup
		}
		g.items[i] = item{uint32(p), uint32(total), uint32(total + size)}
		if total += size; total > uint64(len(raw)) {
			return nil, errGroup
		}
	}
	if failed || total != uint64(len(raw)-at) {
		return nil, errGroup
	}
	for i := range g.items {
		g.items[i].start += uint32(at)
		g.items[i].end += uint32(at)
	}
	return g, nil
}

// after is how each partition stands after the group.
func (g *group) after() []last {
	out := append([]last(nil), g.before...)
	for i, it := range g.items {
		out[it.partition] = last{position(g.seq, i), g.time}
	}
	return out
}
