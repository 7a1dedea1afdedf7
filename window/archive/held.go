package archive

import "github.com/fleetscore/fleetscore/stream"

// held is entries that were read, as they are in the stream.
type held struct {
	entries     []heldEntry
	chunk       []byte          // what bodies are copied to
	size        int             // bytes of memory, about
	through     stream.Position // read so far
	first, last int64           // when the first and the last of entries were appended
}

type heldEntry struct {
	body []byte
	time int64
}

const (
	chunkSize = 16 << 10
	entrySize = 32 // without its body
)

// readable reports whether there may be readings.
func (h *held) readable() bool { return len(h.entries) > 0 }

func (h *held) add(e *stream.Entry) {
	if len(h.entries) == 0 {
		h.first = e.Time
	}
	if len(e.Body) > cap(h.chunk)-len(h.chunk) {
		h.chunk = make([]byte, 0, max(chunkSize, len(e.Body)))
	}
	start := len(h.chunk)
	h.chunk = append(h.chunk, e.Body...)
	h.entries = append(h.entries, heldEntry{h.chunk[start:len(h.chunk):len(h.chunk)], e.Time})
	h.size += len(e.Body) + entrySize
	h.last, h.through = e.Time, e.Position
}

// pass goes on without the entry.
func (h *held) pass(e *stream.Entry) { h.through = e.Position }

// reset holds nothing.
func (h *held) reset(through stream.Position) { *h = held{through: through} }
