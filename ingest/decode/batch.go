package decode

import (
	"strconv"

	"github.com/fleetscore/fleetscore/fleet"
)

// Cause says why something that was sent is not a reading. Causes do not change.
type Cause string

// The causes.
const (
	BadJSON  Cause = "bad_json"  // it is not JSON, or not an object
	BadCSV   Cause = "bad_csv"   // the header or a row cannot be read
	BadName  Cause = "bad_name"  // the device or the tag is missing, too long or not text
	BadTime  Cause = "bad_time"  // the time cannot be read, or is out of range
	BadValue Cause = "bad_value" // the value is missing, no number or not finite
	BadSeq   Cause = "bad_seq"   // the seq is not a whole number from 0 to 2^64-1
	TooLarge Cause = "too_large" // a line is longer than it may be
)

// MaxFaults is how many faults a Batch keeps, the first ones.
const MaxFaults = 20

// Fault is one thing that was not taken.
type Fault struct {
	Line   int    `json:"line,omitempty"` // of NDJSON and CSV, from 1
	Item   int    `json:"item,omitempty"` // of a JSON array, from 1
	Cause  Cause  `json:"cause"`
	Detail string `json:"detail"`
}

// Error makes it an error.
func (f *Fault) Error() string {
	switch {
	case f.Line > 0:
		return "line " + strconv.Itoa(f.Line) + ": " + f.Detail
	case f.Item > 0:
		return "item " + strconv.Itoa(f.Item) + ": " + f.Detail
	}
	return f.Detail
}

// Count is how often a cause occurred.
type Count struct {
	Cause Cause
	N     int
}

// Batch is what was decoded.
type Batch struct {
	Readings []fleet.Reading
	Rejected int     // how many were not taken
	Causes   []Count // of those, by cause
	Faults   []Fault // the first of those
}

// Reset empties the batch, and keeps its memory.
func (b *Batch) Reset() {
	clear(b.Readings) // the names
	clear(b.Faults)
	b.Readings, b.Causes, b.Faults, b.Rejected = b.Readings[:0], b.Causes[:0], b.Faults[:0], 0
}

// reject counts one that is not taken.
func (b *Batch) reject(line, item int, f flaw) {
	b.Rejected++
	if len(b.Faults) < MaxFaults {
		b.Faults = append(b.Faults, Fault{line, item, f.cause, f.String()})
	}
	b.count(f.cause, 1)
}

// Reject counts n that are not taken for a reason of the caller's.
func (b *Batch) Reject(cause Cause, n int, detail string) {
	b.Rejected += n
	if len(b.Faults) == MaxFaults { // the last to come is not the least
		b.Faults = b.Faults[:MaxFaults-1]
	}
	b.Faults = append(b.Faults, Fault{Cause: cause, Detail: detail})
	b.count(cause, n)
}

func (b *Batch) count(cause Cause, n int) {
	for i := range b.Causes {
		if b.Causes[i].Cause == cause {
			b.Causes[i].N += n
			return
		}
	}
	b.Causes = append(b.Causes, Count{cause, n})
}

// flaw is what is wrong with one reading. It costs nothing until it is shown.
type flaw struct {
	cause Cause
	what  string
	text  []byte // what is meant, of which an excerpt is shown
}

func (f *flaw) any() bool { return f.cause != "" }

// first keeps the first of the flaws of a reading.
func (f *flaw) first(other flaw) {
	if !f.any() {
		*f = other
	}
}

// String is the text for people.
func (f *flaw) String() string {
	if f.text == nil {
		return f.what
	}
	return excerpt(f.text) + " " + f.what
}

// excerpt shows the beginning of a text, whatever it holds, on one line.
func excerpt(text []byte) string {
	const most = 60
	if len(text) > most {
		return strconv.QuoteToGraphic(string(text[:most])) + "…"
	}
	return strconv.QuoteToGraphic(string(text))
}
