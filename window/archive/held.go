package archive

import "github.com/fleetscore/fleetscore/stream"

// held is entries that were read, as they are in the stream.
type held struct {
	bodies      []byte
	entries     []heldEntry
	through     stream.Position // read so far
	first, last int64           // when the first and the last of entries were appended
}

type heldEntry struct {
	end  int // of its body in bodies
	time int64
}

// readable reports whether there may be readings.
func (h *held) readable() bool { return len(h.entries) > 0 }

func (h *held) add(e *stream.Entry) {
	if len(h.entries) == 0 {
		h.first = e.Time
	}
	h.bodies = append(h.bodies, e.Body...)
	h.entries = append(h.entries, heldEntry{len(h.bodies), e.Time})
	h.last, h.through = e.Time, e.Position
}

// pass goes on without the entry.
func (h *held) pass(e *stream.Entry) { h.through = e.Position }

// reset holds nothing.
func (h *held) reset(through stream.Position) {
	h.bodies, h.entries, h.through, h.first, h.last = h.bodies[:0], h.entries[:0], through, 0, 0
}
