package ingest

import (
	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/stream"
)

// keptReadings is how many readings a group keeps memory for, from one commit to the
// next.
const keptReadings = 1 << 16

// group makes messages of submissions. Its memory is used again.
type group struct {
	partitions int
	encoder    stream.Encoder

	of       []uint32 // the partition of each reading, in the order submitted
	ends     []int    // of each partition in sorted
	sorted   []fleet.Reading
	bodies   []byte // all of them, one after the other
	cuts     []cut
	outgoing []stream.Message
}

// cut is where a message's body ends, and which partition it is for.
type cut struct{ partition, end int }

// messages makes the messages of the submissions' readings, and says how many bytes
// they have. They are valid until the next call.
func (g *group) messages(taken []submission) (messages []stream.Message, size int) {
	g.sort(taken)
	g.bodies, g.cuts = g.bodies[:0], g.cuts[:0]
	begin := 0
	for p, end := range g.ends {
		for begin < end {
			n := fitting(g.sorted[begin:end])
			g.bodies = g.encoder.Append(g.bodies, g.sorted[begin:begin+n])
			g.cuts = append(g.cuts, cut{p, len(g.bodies)})
			begin += n
		}
	}
	g.outgoing = g.outgoing[:0]
	begin = 0
	for _, c := range g.cuts {
		g.outgoing = append(g.outgoing, stream.Message{Partition: c.partition, Body: g.bodies[begin:c.end:c.end]})
		begin = c.end
	}
	clear(g.sorted) // the names
	if cap(g.sorted) > keptReadings {
		g.sorted, g.of = nil, nil
	}
	return g.outgoing, len(g.bodies)
}

// sort sorts the readings by partition, and keeps their order within each.
func (g *group) sort(taken []submission) {
	g.of, g.ends = g.of[:0], append(g.ends[:0], make([]int, g.partitions)...)
	device, partition := "", fleet.Partition("", g.partitions)
	for i := range taken {
		for j := range taken[i].readings {
			if r := &taken[i].readings[j]; r.Device != device {
				device, partition = r.Device, fleet.Partition(r.Device, g.partitions)
			}
			g.of = append(g.of, uint32(partition))
			g.ends[partition]++
		}
	}
	if cap(g.sorted) < len(g.of) {
		g.sorted = make([]fleet.Reading, len(g.of))
	}
	g.sorted = g.sorted[:len(g.of)]
	begin := 0
	for p, n := range g.ends {
		g.ends[p] = begin
		begin += n
	}
	n := 0
	for i := range taken {
		for j := range taken[i].readings {
			p := g.of[n]
			g.sorted[g.ends[p]] = taken[i].readings[j]
			g.ends[p]++
			n++
		}
	}
}

// fitting is how many of the readings surely fit into one message.
func fitting(readings []fleet.Reading) int {
	const (
		head  = 64 // of a batch
		each  = 48 // of a reading: two indexes, a time, a seq, a value
		names = 8  // two lengths
	)
	size := head
	for i := range readings {
		r := &readings[i]
		size += each
		if i == 0 || r.Device != readings[i-1].Device || r.Tag != readings[i-1].Tag {
			size += names + len(r.Device) + len(r.Tag)
		}
		if size > stream.MaxBody {
			return max(i, 1)
		}
	}
	return len(readings)
}
