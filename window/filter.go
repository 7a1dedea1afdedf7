package window

import (
	"fmt"
	"math"
)

// FilterKind is what a Filter does.
type FilterKind string

// The filters.
const (
	Drop  FilterKind = "drop"  // leaves out values from Min to Max: -999 for "no measurement", say
	Range FilterKind = "range" // leaves out values below Min or above Max
	Clamp FilterKind = "clamp" // makes values below Min Min, and values above Max Max
)

// Filter looks at values before anything else does.
type Filter struct {
	Kind     FilterKind
	Tag      string // whose values; empty for all
	Min, Max float64
}

func (f *Filter) validate() error {
	if f.Kind != Drop && f.Kind != Range && f.Kind != Clamp {
		return fmt.Errorf("the kind is %q, it must be drop, range or clamp", f.Kind)
	}
	if math.IsNaN(f.Min) || math.IsNaN(f.Max) || f.Min > f.Max {
		return fmt.Errorf("the values from %v to %v are none", f.Min, f.Max)
	}
	return nil
}

// filter returns the value as the filters leave it, or why they leave it out.
func (e *Engine) filter(tag string, v float64) (float64, Cause) {
	for i := range e.cfg.Filters {
		f := &e.cfg.Filters[i]
		if f.Tag != "" && f.Tag != tag {
			continue
		}
		inside := f.Min <= v && v <= f.Max
		switch {
		case f.Kind == Drop && inside:
			return 0, Dropped
		case f.Kind == Range && !inside:
			return 0, OutOfRange
		case f.Kind == Clamp && !inside:
			v = max(f.Min, min(f.Max, v))
			if v-v != 0 { // a bound may be infinite, but then nothing is beyond it
				return 0, NotFinite
			}
			e.counts.Clamped++
		}
	}
	return v, Counted
}
