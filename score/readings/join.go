package readings

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/fleetscore/fleetscore/fleet"
)

// join puts the series of each device's tags side by side: a row for each time
// at which all features have a value. series is sorted by sensor.
func (c *Collector) join(series []*Series) (joined []*Series, rows int64) {
	a := &arena{table: c.arena.table, width: len(c.opt.Features.List)}
	for len(series) > 0 {
		n := 1
		for n < len(series) && series[n].Sensor.Device == series[0].Sensor.Device {
			n++
		}
		s := c.joinDevice(a, series[:n])
		joined = append(joined, s)
		rows += int64(s.Rows())
		series = series[n:]
	}
	return joined, rows
}

// joinDevice joins the series of one device.
func (c *Collector) joinDevice(a *arena, series []*Series) *Series {
	device := &Series{Sensor: fleet.Sensor{Device: series[0].Sensor.Device}}
	tags := make([]*tagRows, len(series))
	for i, s := range series {
		for _, f := range s.Failures {
			device.fail(f)
		}
		tags[i] = newTagRows(s, device)
	}
	features := c.features(tags)
	values := make([]float64, len(features))
	text := make([]byte, 0, maxTime)
	for {
		at, ns := earliest(tags)
		if at == nil {
			return device
		}
		switch lack := fill(values, features, ns); {
		case lack >= 0:
			text = at.block.AppendTime(text[:0], at.row())
			device.fail(fleet.Failure{Cause: fleet.MissingFeature, Rows: 1,
				Example: fmt.Sprintf("no %s at %s", c.opt.Features.List[lack].Tag, text)})
		case !slices.ContainsFunc(values, isNaN): // a value that is not finite was counted when it was read
			form := at.block.forms[at.row()]
			slab, i := device.add(a, ns, values, form)
			if form == keptForm {
				slab.keep(i, at.block.AppendTime(text[:0], at.row()))
			}
		}
		for _, t := range tags {
			t.pass(ns)
		}
	}
}

func isNaN(v float64) bool { return v != v }

func same(a, b float64) bool { return a == b || isNaN(a) && isNaN(b) }

// joinedFeature is where a feature's values are; rows is nil if the device lacks the tag.
type joinedFeature struct {
	rows   *tagRows
	column int
}

func (c *Collector) features(tags []*tagRows) []joinedFeature {
	features := make([]joinedFeature, len(c.opt.Features.List))
	for i, f := range c.opt.Features.List {
		features[i].column = slices.Index(c.columns, f.Column)
		for _, t := range tags {
			if t.tag == f.Tag {
				features[i].rows = t
			}
		}
	}
	return features
}

// fill sets the values of the row at ns. It returns the first feature that has none, or -1.
func fill(values []float64, features []joinedFeature, ns int64) int {
	for i, f := range features {
		if f.rows == nil || !f.rows.at(ns) {
			return i
		}
		values[i] = f.rows.block.Row(f.rows.row())[f.column]
	}
	return -1
}

// earliest is the tag with the earliest row that is left, and its time; nil if none is left.
func earliest(tags []*tagRows) (first *tagRows, ns int64) {
	for _, t := range tags {
		if len(t.order) == 0 {
			continue
		}
		if at := t.block.Times[t.row()]; first == nil || at < ns {
			first, ns = t, at
		}
	}
	return first, ns
}

// tagRows is the rows of one tag that are left, by time, one for each time.
type tagRows struct {
	tag   string
	block *Block
	order []int32 // rows of block
}

// newTagRows sorts the rows of s by time. Of several at one time the last in the
// input counts; if they differ, that is a failure of the device.
func newTagRows(s *Series, device *Series) *tagRows {
	t := &tagRows{tag: s.Sensor.Tag, block: s.whole()}
	t.order = make([]int32, t.block.Len())
	for i := range t.order {
		t.order[i] = int32(i)
	}
	times := t.block.Times
	if !slices.IsSorted(times) {
		slices.SortStableFunc(t.order, func(a, b int32) int { return cmp.Compare(times[a], times[b]) })
	}
	kept := t.order[:0]
	for i, row := range t.order {
		if i+1 == len(t.order) || times[t.order[i+1]] != times[row] {
			kept = append(kept, row)
			continue
		}
		if !slices.EqualFunc(t.block.Row(int(row)), t.block.Row(int(t.order[i+1])), same) {
			device.fail(fleet.Failure{Cause: fleet.BadRow, Rows: 1, Example: fmt.Sprintf(
				"%s has different readings at %s; the last in the input counts", t.tag, t.block.AppendTime(nil, int(row)))})
		}
	}
	t.order = kept
	return t
}

// row is the earliest row that is left.
func (t *tagRows) row() int { return int(t.order[0]) }

// at reports whether the earliest row that is left is one at ns.
func (t *tagRows) at(ns int64) bool { return len(t.order) > 0 && t.block.Times[t.row()] == ns }

// pass drops the row at ns.
func (t *tagRows) pass(ns int64) {
	if t.at(ns) {
		t.order = t.order[1:]
	}
}

// whole is all of the series in one block.
func (s *Series) whole() *Block {
	spans := s.full
	if s.tail.rows > 0 {
		spans = append(slices.Clip(spans), s.tail)
	}
	if len(spans) == 0 {
		return &Block{}
	}
	return newBlock(spans)
}

// fail adds a failure to those of its cause.
func (s *Series) fail(f fleet.Failure) {
	for i := range s.Failures {
		if s.Failures[i].Cause == f.Cause {
			s.Failures[i].Rows += f.Rows
			return
		}
	}
	s.Failures = append(s.Failures, f)
}
