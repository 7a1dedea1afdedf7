package matrix

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store/tile"
)

// Filter chooses rows. What is empty does not matter.
type Filter struct {
	Device   string
	Search   string      // part of device/tag, in any case
	States   []string    // in the last column whose sensors are known: one of these
	Cause    fleet.Cause // and of this cause
	ByDevice bool        // a row is a device, which shows the worst of its sensors that are chosen
}

// Selection is the rows of a grid that a filter has chosen. It is immutable.
type Selection struct {
	grid     *Grid
	byDevice bool
	sensors  []int32 // that were chosen, in order; nil: all
	ends     []int32 // by device: where each row ends, among the sensors
}

// Row is a row.
type Row struct {
	Device  string `json:"device"`
	Tag     string `json:"tag,omitempty" doc:"none: of a job that scores devices, or a row that is a device"`
	Sensors int    `json:"sensors,omitempty" doc:"of a row that is a device: that are in it"`
}

// selectionsKept is how many selections a grid remembers: someone scrolls through one.
const selectionsKept = 8

// Select chooses rows.
func (g *Grid) Select(ctx context.Context, f Filter) (*Selection, error) {
	key := fmt.Sprintf("%q %q %q %q %v", f.Device, f.Search, f.States, f.Cause, f.ByDevice)
	g.mu.Lock()
	known := g.selections[key]
	g.mu.Unlock()
	if known != nil {
		return known, nil
	}
	made, err := g.choose(ctx, f)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.selections[key] == nil {
		if len(g.order) == selectionsKept {
			delete(g.selections, g.order[0])
			g.order = slices.Delete(g.order, 0, 1)
		}
		g.selections[key], g.order = made, append(g.order, key)
	}
	return made, nil
}

func (g *Grid) choose(ctx context.Context, f Filter) (*Selection, error) {
	s := &Selection{grid: g, byDevice: f.ByDevice}
	if f.Device != "" || f.Search != "" || len(f.States) > 0 || f.Cause != "" {
		var last *tile.Tile
		if f.Cause != "" && g.causes != nil {
			var err error
			if last, err = g.causes(ctx); err != nil {
				return nil, err
			}
		}
		s.sensors = []int32{}
		search := strings.ToLower(f.Search)
		for i := range g.sensors {
			if g.wants(i, &f, search, last) {
				s.sensors = append(s.sensors, int32(i))
			}
		}
	}
	if f.ByDevice {
		for i := range s.chosen() {
			if i > 0 && s.sensor(i).Device == s.sensor(i-1).Device {
				s.ends[len(s.ends)-1]++
				continue
			}
			s.ends = append(s.ends, int32(i+1))
		}
	}
	return s, nil
}

func (g *Grid) wants(i int, f *Filter, search string, last *tile.Tile) bool {
	sensor := g.sensors[i]
	if f.Device != "" && sensor.Device != f.Device || !Contains(sensor, search) {
		return false
	}
	if len(f.States) == 0 && f.Cause == "" {
		return true
	}
	if g.last < 0 || len(f.States) > 0 && !slices.Contains(f.States, g.At(i, g.last).String()) {
		return false
	}
	if f.Cause == "" {
		return true
	}
	e, ok := last.Find(sensor)
	if !ok {
		return false
	}
	cause, failed := e.Fate.Cause()
	return failed && cause == f.Cause
}

// Contains reports whether the name of a sensor, device/tag, has a part, which is in lower
// case.
func Contains(s fleet.Sensor, part string) bool {
	if part == "" {
		return true
	}
	if strings.Contains(part, "/") {
		return strings.Contains(strings.ToLower(s.String()), part)
	}
	return strings.Contains(strings.ToLower(s.Device), part) || strings.Contains(strings.ToLower(s.Tag), part)
}

// chosen is how many sensors were chosen.
func (s *Selection) chosen() int {
	if s.sensors == nil {
		return len(s.grid.sensors)
	}
	return len(s.sensors)
}

func (s *Selection) index(i int) int {
	if s.sensors == nil {
		return i
	}
	return int(s.sensors[i])
}

func (s *Selection) sensor(i int) fleet.Sensor { return s.grid.sensors[s.index(i)] }

// Len is the number of rows.
func (s *Selection) Len() int {
	if s.byDevice {
		return len(s.ends)
	}
	return s.chosen()
}

// span is which of the sensors that were chosen are in a row.
func (s *Selection) span(row int) (from, to int) {
	if !s.byDevice {
		return row, row + 1
	}
	if row > 0 {
		from = int(s.ends[row-1])
	}
	return from, int(s.ends[row])
}

// Rows are n rows from one on, fewer at the end.
func (s *Selection) Rows(from, n int) []Row {
	from = min(from, s.Len())
	rows := make([]Row, 0, min(n, s.Len()-from))
	for row := from; row < min(from+n, s.Len()); row++ {
		first, end := s.span(row)
		sensor := s.sensor(first)
		if s.byDevice {
			rows = append(rows, Row{Device: sensor.Device, Sensors: end - first})
		} else {
			rows = append(rows, Row{Device: sensor.Device, Tag: sensor.Tag})
		}
	}
	return rows
}

// Span is a part of a matrix.
type Span struct{ Row, Rows, Column, Columns int }

// Cut is the part of a span that there is.
func (s *Selection) Cut(p Span) Span {
	p.Row, p.Column = min(p.Row, s.Len()), min(p.Column, len(s.grid.Columns))
	p.Rows, p.Columns = min(p.Rows, s.Len()-p.Row), min(p.Columns, len(s.grid.Columns)-p.Column)
	return p
}

// Tile is a part of the matrix as it is sent; see the package.
func (s *Selection) Tile(p Span) []byte {
	p = s.Cut(p)
	width := (p.Columns + 1) / 2
	out := make([]byte, 0, 24+p.Rows*width)
	out = append(out, "FSM1"...)
	for _, n := range []int{p.Rows, p.Columns, p.Row, p.Column, s.Len()} {
		out = binary.LittleEndian.AppendUint32(out, uint32(n))
	}
	cells := out[len(out) : len(out)+p.Rows*width]
	for column := range p.Columns {
		shift := 4 * (column & 1)
		for row := range p.Rows {
			from, to := s.span(p.Row + row)
			state := s.grid.At(s.index(from), p.Column+column)
			for i := from + 1; i < to; i++ {
				state = worse(state, s.grid.At(s.index(i), p.Column+column))
			}
			cells[row*width+column/2] |= byte(state) << shift
		}
	}
	return out[:len(out)+len(cells)]
}
