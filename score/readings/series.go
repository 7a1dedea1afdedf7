package readings

import "github.com/fleetscore/fleetscore/fleet"

// Unit is a unit of time.
type Unit uint8

// The units, from coarse to fine.
const (
	Millisecond Unit = iota
	Microsecond
	Nanosecond
)

// String gives the unit's symbol: ms, us or ns.
func (u Unit) String() string {
	switch u {
	case Millisecond:
		return "ms"
	case Microsecond:
		return "us"
	default:
		return "ns"
	}
}

// unitOf is the coarsest unit that holds ns without loss.
func unitOf(ns int64) Unit {
	switch {
	case ns%1_000_000 == 0:
		return Millisecond
	case ns%1_000 == 0:
		return Microsecond
	default:
		return Nanosecond
	}
}

// Set is what the files held. It does not change any more and may be read by
// several goroutines at once.
type Set struct {
	Series []*Series // one for each sensor that any row names, sorted by sensor
	Rows   int64     // readings kept
	// Device reports that a row is of a device at one time, not of a sensor.
	Device bool
	// Features names the values of a row: "value", or as the options ask for.
	Features []string
	// Integers reports of each feature that there are rows and that its value in
	// every one, in every file, was written as an integer of at most 2^53, which a
	// float64 holds: pandas would read int64 and write 5 where it writes 5.0 for floats.
	Integers []bool
	Unit     Unit // the finest that the time of any kept reading needs
	// Unattributed counts the rows whose device or tag could not be read.
	Unattributed []fleet.Failure
}

// Bytes is about what the readings take in memory.
func (s *Set) Bytes() int64 {
	const times, sensor = 9, 200
	return s.Rows*int64(times+8*len(s.Features)) + int64(len(s.Series))*sensor
}

// Series is the readings of one sensor.
type Series struct {
	Sensor fleet.Sensor
	// Failures counts the sensor's rows that could not be kept, by cause
	// (fleet.NotFinite, fleet.BadRow), with the first of each as its example.
	Failures []fleet.Failure

	left bool // it is not wanted
	full []span
	tail span
}

// empty reports that there is nothing to say of it.
func (s *Series) empty() bool { return len(s.Failures) == 0 && s.Rows() == 0 }

// Rows is the number of readings kept.
func (s *Series) Rows() int {
	n := int(s.tail.rows)
	for _, sp := range s.full {
		n += int(sp.rows)
	}
	return n
}

// add stores a reading and reports where: the slab and the row in it.
func (s *Series) add(a *arena, ns int64, values []float64, form uint8) (*slab, int) {
	if s.tail.rows == s.tail.size {
		s.grow(a)
	}
	slab, i := s.tail.slab, s.tail.end()
	slab.times[i], slab.forms[i] = ns, form
	copy(slab.values[i*slab.width:(i+1)*slab.width], values)
	s.tail.rows++
	return slab, i
}

func (s *Series) grow(a *arena) {
	next := a.span(min(max(s.Rows()/2, minSpan), maxSpan))
	if s.tail.rows > 0 {
		s.full = append(s.full, s.tail)
	}
	s.tail = next
}
