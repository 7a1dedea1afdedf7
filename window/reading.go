package window

import "github.com/fleetscore/fleetscore/fleet"

// Reading is one value of a sensor. Its strings are copied if they are kept.
type Reading = fleet.Reading

// Cause is where a reading ended. Every reading ends in exactly one.
type Cause uint8

// The causes. Those from NotFinite on are ways to be filtered.
const (
	Counted    Cause = iota // it is in its window, or windows
	Late                    // its window takes no readings any more
	Early                   // it is too far ahead of the stream's time
	Duplicate               // it has been counted before
	Conflict                // it was seen with another value, and Keep says what counts
	NotFinite               // its value is NaN or infinite
	BadTime                 // its time is beyond ±2^62 ns, 1823 to 2116
	BadName                 // its device or tag cannot be a name
	OutOfRange              // a filter of kind range left it out
	Dropped                 // a filter of kind drop did
	TooMany                 // there are MaxSensors sensors already, or some 4 billion readings in its window
	causes
)

// String is a word that programs may match.
func (c Cause) String() string {
	return [...]string{"counted", "late", "early", "duplicate", "conflict", "not_finite", "bad_time", "bad_name", "out_of_range", "dropped", "too_many"}[c]
}

// Filtered reports whether the reading was left out for its own sake.
func (c Cause) Filtered() bool { return c >= NotFinite }

// Counts is what became of all readings, and what was done for them.
type Counts struct {
	Readings  [causes]uint64 // by Cause
	Clamped   uint64         // values that a filter changed
	Windows   uint64         // emitted for the first time
	Revisions uint64         // emitted again
	Lookups   uint64         // states that were asked for
}

// Less returns what c has more than b, which are earlier counts of the same engine.
func (c Counts) Less(b *Counts) Counts {
	for i, n := range b.Readings {
		c.Readings[i] -= n
	}
	c.Clamped -= b.Clamped
	c.Windows -= b.Windows
	c.Revisions -= b.Revisions
	c.Lookups -= b.Lookups
	return c
}

// Raise raises each count to what b has, where that is more: an engine that went back
// to a snapshot counts some again.
func (c *Counts) Raise(b Counts) {
	for i, n := range b.Readings {
		c.Readings[i] = max(c.Readings[i], n)
	}
	c.Clamped = max(c.Clamped, b.Clamped)
	c.Windows = max(c.Windows, b.Windows)
	c.Revisions = max(c.Revisions, b.Revisions)
	c.Lookups = max(c.Lookups, b.Lookups)
}

// Window is one sensor's aggregate.
type Window struct {
	Device, Tag string
	Start, End  int64 // nanoseconds since 1970
	Rev         int32
	Count       int64
	// Of several readings at one time, the first is the one with the least value and
	// the last the one with the greatest, so that their order does not matter.
	Sum, Mean, Min, Max, First, Last float64
	FirstTime, LastTime              int64
	Stddev                           float64 // of a sample (n-1); NaN for one reading
	Coverage                         float64 // count by the count that was expected; NaN if that is not known
	// Percentiles are in the order of the Config. They are off by at most 1/128 of
	// themselves, as long as the values are in no more than 1,024 bins (percentile.go).
	Percentiles []float64
	// State is what States must return for this window from now on.
	State []byte
}

// Sink takes what comes out of an Engine. What it is passed, and all that this
// points to, is valid until it returns.
type Sink interface {
	// Window takes a window, or a revision of it, which supersedes those before.
	Window(w *Window)
	// Reading takes a reading that ended elsewhere than in its window.
	Reading(r *Reading, why Cause)
}

// States has the states of windows that have been emitted.
type States interface {
	// State returns the State of the last revision of a window that was emitted, or
	// nil if none was. It does not change until the Engine's next call.
	State(device, tag string, start int64) ([]byte, error)
}
