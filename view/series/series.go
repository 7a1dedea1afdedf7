// Package series makes time lines of many windows, in columns, of as many points as a chart
// has: several windows are merged to one point where there are more.
package series

import (
	"math"
	"time"
)

// Window is what is drawn of one.
type Window struct {
	Start, End     time.Time
	Count          int64
	Mean, Min, Max float64
	Rev            int32
	Open           bool
}

// Line is a sensor's windows over some time. Of a point, all columns have the same index.
type Line struct {
	Every   float64    `json:"every_seconds" doc:"from the start of a window to that of the next"`
	Step    float64    `json:"step_seconds" doc:"from a point to the next: windows that start within are merged"`
	Start   []int64    `json:"start" nullable:"false" doc:"seconds since 1970"`
	Count   []int64    `json:"count" nullable:"false" doc:"readings"`
	Mean    []*float64 `json:"mean" nullable:"false" doc:"null: none"`
	Min     []*float64 `json:"min" nullable:"false"`
	Max     []*float64 `json:"max" nullable:"false"`
	Rev     []int32    `json:"rev" nullable:"false" doc:"the highest"`
	Open    []int      `json:"open" nullable:"false" doc:"indexes of points of which more readings are awaited"`
	Gaps    []Gap      `json:"gaps" nullable:"false" doc:"where windows are missing between two that are there; 1,000 at most"`
	Windows int        `json:"windows" doc:"that are there"`
	Revised int        `json:"revised" doc:"that came out again"`
}

// Gap is time without windows.
type Gap struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

const mostGaps = 1000

// Of makes a line of windows, which are in the order of time, of at most so many points.
func Of(windows []Window, points int) Line {
	l := Line{Start: []int64{}, Count: []int64{}, Mean: []*float64{}, Min: []*float64{}, Max: []*float64{}, Rev: []int32{}, Open: []int{}, Gaps: []Gap{}, Windows: len(windows)}
	every := everyOf(windows)
	l.Every = every.Seconds()
	step := every
	if n := len(windows); n > 0 && every > 0 {
		if span := windows[n-1].Start.Sub(windows[0].Start)/every + 1; span > time.Duration(points) {
			step = time.Duration(int64(every) * ((int64(span) + int64(points) - 1) / int64(points)))
		}
	}
	l.Step = step.Seconds()
	var p point
	for i := range windows {
		w := &windows[i]
		if w.Rev > 0 {
			l.Revised++
		}
		if i > 0 && every > 0 && w.Start.Sub(windows[i-1].Start) > every && len(l.Gaps) < mostGaps {
			l.Gaps = append(l.Gaps, Gap{windows[i-1].Start.Add(every), w.Start})
		}
		at := w.Start
		if step > every {
			at = windows[0].Start.Add(w.Start.Sub(windows[0].Start).Truncate(step))
		}
		if i > 0 && !at.Equal(p.at) {
			l.end(&p)
			p = point{}
		}
		p.at = at
		p.add(w)
	}
	if len(windows) > 0 {
		l.end(&p)
	}
	return l
}

// everyOf is the least time from a window to the next.
func everyOf(windows []Window) time.Duration {
	if len(windows) == 1 {
		return windows[0].End.Sub(windows[0].Start)
	}
	every := time.Duration(0)
	for i := 1; i < len(windows); i++ {
		if d := windows[i].Start.Sub(windows[i-1].Start); d > 0 && (every == 0 || d < every) {
			every = d
		}
	}
	return every
}

// point is windows that are being merged.
type point struct {
	at            time.Time
	count         int64
	sum, min, max float64
	weight        float64
	some          bool
	rev           int32
	open          bool
}

func (p *point) add(w *Window) {
	p.count += w.Count
	p.rev = max(p.rev, w.Rev)
	p.open = p.open || w.Open
	if math.IsNaN(w.Mean) || math.IsInf(w.Mean, 0) {
		return
	}
	weight := float64(max(w.Count, 1))
	p.sum += w.Mean * weight
	p.weight += weight
	if !p.some || w.Min < p.min {
		p.min = w.Min
	}
	if !p.some || w.Max > p.max {
		p.max = w.Max
	}
	p.some = true
}

func (l *Line) end(p *point) {
	if p.open {
		l.Open = append(l.Open, len(l.Start))
	}
	l.Start, l.Count, l.Rev = append(l.Start, p.at.Unix()), append(l.Count, p.count), append(l.Rev, p.rev)
	var mean, low, high *float64
	if p.some {
		mean, low, high = number(p.sum/p.weight), number(p.min), number(p.max)
	}
	l.Mean, l.Min, l.Max = append(l.Mean, mean), append(l.Min, low), append(l.Max, high)
}

// number is a number that JSON has; nil if it has not.
func number(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
