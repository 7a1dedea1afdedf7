package readings

import (
	"fmt"
	"math"

	"github.com/fleetscore/fleetscore/fleet"
)

// A source is the file at hand: it adds rows to the collector's series, and
// names the row that cannot be added.
type source struct {
	c      *Collector
	name   string // of the file, for messages
	line   int64  // or row, from 1
	format string // of name, line and message

	// The values of the row at hand and how each was written, by column.
	values []float64
	kinds  []number
}

// How an example says where a row is.
const (
	byLine = "%s:%d: %s"
	byRow  = "%s: row %d: %s"
)

func newSource(c *Collector, name, format string) source {
	n := len(c.columns)
	return source{c: c, name: name, line: 1, format: format, values: make([]float64, n), kinds: make([]number, n)}
}

// fail counts the current row as one of s that cannot be kept.
func (s *source) fail(of *Series, cause fleet.Cause, message func() string) {
	if first := count(&of.Failures, cause); first != nil {
		first.Example = s.here(message())
	}
}

// lost counts the current row as one of no sensor.
func (s *source) lost(message string) {
	if first := count(&s.c.unattributed, fleet.BadRow); first != nil {
		first.Example = s.here(message)
	}
}

func (s *source) here(message string) string {
	return fmt.Sprintf(s.format, s.name, s.line, message)
}

// find returns the series of the row at hand, and which columns it needs: all,
// if that is nil. There is no series if no feature is of this tag, or the sensor
// is not wanted.
func (s *source) find(device, tag []byte) (of *Series, need []bool, err error) {
	if s.c.opt.Untagged {
		tag = nil
	}
	if s.c.needs != nil {
		var ok bool
		if need, ok = s.c.needs[string(tag)]; !ok {
			return nil, nil, fleet.CheckName("tag", string(tag))
		}
	}
	of, err = s.c.sensors.find(device, tag)
	if of != nil && of.left {
		of = nil
	}
	return of, need, err
}

// reading adds the row at hand, with its values, to a series. The time is at,
// and text where it must be kept. written is the text of a value, for messages.
func (s *source) reading(of *Series, need []bool, at stamp, text []byte, written func(column int) []byte) {
	if s.c.clips() && (at.ns < s.c.opt.From || at.ns >= s.c.opt.To) {
		return
	}
	for j, kind := range s.kinds {
		switch {
		case need != nil && !need[j]:
			s.values[j] = math.NaN()
		case kind != integer && kind != decimal:
			s.fail(of, s.c.cause(kind), func() string { return kind.message(s.c.columnName(j), written(j)) })
			if need == nil {
				return
			}
			// The device has a row at this time, which must not pass for one without the tag.
			s.values[j] = math.NaN()
		}
	}
	slab, i := of.add(&s.c.arena, at.ns, s.values, at.form)
	if at.form == keptForm {
		slab.keep(i, text)
	}
	s.c.rows++
	s.c.unit = max(s.c.unit, at.unit)
}

// noteKinds remembers which columns hold anything but integers.
func (s *source) noteKinds() {
	for j, kind := range s.kinds {
		if kind != integer {
			s.c.otherwise[j] = true
		}
	}
}

// cause is why a row with such a value cannot be kept.
func (c *Collector) cause(kind number) fleet.Cause {
	switch {
	case kind == notNumber:
		return fleet.BadRow
	case kind == missing && len(c.opt.Features.List) > 0:
		return fleet.MissingFeature
	}
	return fleet.NotFinite
}

// columnName is how messages call a column of values.
func (c *Collector) columnName(j int) string {
	if c.columns[j] == "" {
		return valueRole.String()
	}
	return c.columns[j]
}
