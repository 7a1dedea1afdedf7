package archive

import (
	"cmp"
	"log/slog"
	"slices"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/stream"
)

// press makes files, one after the other, in memory that it uses again.
type press struct {
	decoder  stream.Decoder
	readings []fleet.Reading
	received []int64 // of each, when it was appended
	sensors  map[fleet.Sensor]int32
	of       []int32 // of each reading, its sensor, by when it was met first
	order    []int32 // of rows, which reading
	encoder  encoder
}

func newPress() *press { return &press{sensors: map[fleet.Sensor]int32{}, encoder: newEncoder()} }

// mostKept is of how many readings the memory is kept for the next file.
const mostKept = 1 << 19

// make makes a file of entries. Without readings there is none.
func (p *press) make(h *held, log *slog.Logger) (body []byte, readings int, err error) {
	p.read(h, log)
	if len(p.readings) > 0 {
		p.sort()
		body, err = p.encoder.encode(p)
	}
	readings = len(p.readings)
	clear(p.sensors)
	if cap(p.readings) > mostKept {
		p.readings, p.received, p.of, p.order = nil, nil, nil, nil
	}
	return body, readings, err
}

// read decodes what is to be archived.
func (p *press) read(h *held, log *slog.Logger) {
	p.readings, p.received = p.readings[:0], p.received[:0]
	for _, e := range h.entries {
		n := len(p.readings)
		var err error
		if p.readings, err = p.decoder.Decode(e.body, p.readings); err != nil {
			// It was stored by us, and cannot be read: a clear loss is better than a halt.
			log.Error("an entry of the stream is damaged and left out of the archive", "error", err)
			continue
		}
		if len(p.readings) > n && p.readings[n].Replayed { // all of a batch are, or none
			p.readings = p.readings[:n]
		}
		for range p.readings[n:] {
			p.received = append(p.received, e.time)
		}
	}
}

// sort brings readings into the order of device, tag and time, those of one time as
// they came.
func (p *press) sort() {
	var sensors []fleet.Sensor
	var counts []int32
	p.of = p.of[:0]
	last := int32(-1)
	for i := range p.readings {
		s := p.readings[i].Sensor()
		if last < 0 || sensors[last] != s {
			id, ok := p.sensors[s]
			if !ok {
				id = int32(len(sensors))
				p.sensors[s] = id
				sensors, counts = append(sensors, s), append(counts, 0)
			}
			last = id
		}
		p.of = append(p.of, last)
		counts[last]++
	}
	ranked := make([]int32, len(sensors))
	for i := range ranked {
		ranked[i] = int32(i)
	}
	slices.SortFunc(ranked, func(a, b int32) int {
		return cmp.Or(cmp.Compare(sensors[a].Device, sensors[b].Device), cmp.Compare(sensors[a].Tag, sensors[b].Tag))
	})
	next := make([]int32, len(sensors)) // where its next reading goes
	at := int32(0)
	for _, id := range ranked {
		next[id] = at
		at += counts[id]
	}
	p.order = slices.Grow(p.order[:0], len(p.readings))[:len(p.readings)]
	for i, id := range p.of {
		p.order[next[id]] = int32(i)
		next[id]++
	}
	byTime := func(a, b int32) int { return cmp.Compare(p.readings[a].Time, p.readings[b].Time) }
	for id, end := range next {
		if rows := p.order[end-counts[id] : end]; !slices.IsSortedFunc(rows, byTime) {
			slices.SortStableFunc(rows, byTime)
		}
	}
}
