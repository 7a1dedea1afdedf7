package aggregator

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fleetscore/fleetscore/window"
)

// Row is a window as it is stored and shown.
type Row struct {
	Device, Tag string
	Start, End  int64 // nanoseconds since 1970
	Rev         int32
	Count       int64
	Sum, Mean   float64
	Min, Max    float64
	First, Last float64
	Stddev      float64   // NaN for one reading
	Coverage    float64   // NaN if it is not known
	Percentiles []float64 // in the order of the settings
	State       []byte
	Open        bool // more readings are awaited; it is not stored
}

// rowOf copies a window, which is its engine's.
func rowOf(w *window.Window) Row {
	return Row{
		Device: strings.Clone(w.Device), Tag: strings.Clone(w.Tag), Start: w.Start, End: w.End, Rev: w.Rev, Count: w.Count,
		Sum: w.Sum, Mean: w.Mean, Min: w.Min, Max: w.Max, First: w.First, Last: w.Last, Stddev: w.Stddev, Coverage: w.Coverage,
		Percentiles: slices.Clone(w.Percentiles), State: slices.Clone(w.State),
	}
}

// size is about what the row takes in memory.
func (r *Row) size() int {
	const fixed = 240
	return fixed + len(r.Device) + len(r.Tag) + len(r.State) + 8*len(r.Percentiles)
}

// id is which window a row is of.
type id struct {
	device, tag string
	start       int64
}

func (r *Row) id() id { return id{r.Device, r.Tag, r.Start} }

func compare(a, b *Row) int {
	return cmp.Or(strings.Compare(a.Device, b.Device), strings.Compare(a.Tag, b.Tag), cmp.Compare(a.Start, b.Start))
}

// newest sorts rows, and keeps of each window the one with the highest rev.
func newest(rows []Row) []Row {
	slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Or(compare(&a, &b), cmp.Compare(b.Rev, a.Rev)) })
	return slices.CompactFunc(rows, func(a, b Row) bool { return compare(&a, &b) == 0 })
}
