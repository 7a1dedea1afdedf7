package matrix

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store/tile"
)

// The states of a column.
const (
	ColumnDone       = "done"
	ColumnIncomplete = "incomplete" // more sensors failed than the job allows
	ColumnActive     = "active"     // a run is under way, and none was committed
	ColumnMissing    = "missing"    // it is past, and none was committed
	ColumnUnknown    = "unknown"    // it was committed, and its tile cannot be read
)

// Column is an interval of a job.
type Column struct {
	Interval fleet.Interval `json:"interval"`
	State    string         `json:"state" enum:"done,incomplete,active,missing,unknown"`
	Job      string         `json:"-"`
	Rev      int            `json:"rev,omitempty"`
	Run      string         `json:"run,omitempty" doc:"whose commit counts, or that is under way"`
	Late     bool           `json:"late,omitempty" doc:"the run did not wait for all readings"`
	Note     string         `json:"note,omitempty" doc:"what is remarkable of the run"`
	Counts   map[string]int `json:"counts,omitempty" doc:"how many sensors there are of each state, whatever was searched for"`
}

// HasTile reports whether what became of the sensors is known.
func (c *Column) HasTile() bool { return c.State == ColumnDone || c.State == ColumnIncomplete }

// key names what a column shows.
func (c *Column) key() string {
	return fmt.Sprintf("%s %s %d %s %s %v", c.Job, c.Interval.Key(), c.Rev, c.Run, c.State, c.Late)
}

// Grid is a fleet over some intervals. It is immutable but for what it remembers, and may
// be used by many goroutines at once.
type Grid struct {
	Version string // changes with what it shows
	Columns []Column
	last    int // column of which causes are asked; -1: none
	planes  []*plane
	sensors []fleet.Sensor
	places  []*places // of each column; nil: row i is sensor i of the plane, or there is none
	causes  func(ctx context.Context) (*tile.Tile, error)

	mu         sync.Mutex
	selections map[string]*Selection
	order      []string
}

// places say where the sensors of a grid are in a roster; -1: not there.
type places struct{ at []int32 }

// readsAtOnce is how many tiles are read at a time.
const readsAtOnce = 8

// Version is what the version of a grid of columns would be.
func Version(columns []Column) string {
	hash := sha256.New()
	for i := range columns {
		fmt.Fprintln(hash, columns[i].key())
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
}

// New makes a grid. A tile that cannot be read leaves a column of which nothing is known.
func New(ctx context.Context, columns []Column, planes *Planes) (*Grid, error) {
	g := &Grid{Version: Version(columns), Columns: slices.Clone(columns), last: -1, planes: make([]*plane, len(columns)), selections: map[string]*Selection{}}
	reads, within := errgroup.WithContext(ctx)
	reads.SetLimit(readsAtOnce)
	for i := range g.Columns {
		c := &g.Columns[i]
		if !c.HasTile() {
			continue
		}
		reads.Go(func() error {
			p, err := planes.get(within, *c)
			if err != nil {
				if within.Err() != nil {
					return within.Err()
				}
				c.State, c.Note = ColumnUnknown, "what became of its sensors cannot be read: "+err.Error()
				return nil
			}
			g.planes[i] = p
			c.Counts = map[string]int{}
			for s, n := range p.counts {
				if n > 0 {
					c.Counts[State(s).String()] = n
				}
			}
			return nil
		})
	}
	if err := reads.Wait(); err != nil {
		return nil, err
	}
	g.join()
	if g.last >= 0 {
		column := g.Columns[g.last]
		g.causes = func(ctx context.Context) (*tile.Tile, error) { return planes.Read(ctx, column) }
	}
	return g, nil
}

// join finds the sensors of all columns, and where they are in each.
func (g *Grid) join() {
	rosters := map[string][]fleet.Sensor{}
	for i, p := range g.planes {
		if p != nil {
			rosters[p.roster] = p.sensors
			g.last = i
		}
	}
	for _, sensors := range rosters {
		g.sensors = union(g.sensors, sensors)
	}
	known := map[string]*places{}
	g.places = make([]*places, len(g.planes))
	for i, p := range g.planes {
		if p == nil || len(rosters) == 1 {
			continue
		}
		if known[p.roster] == nil {
			known[p.roster] = locate(g.sensors, p.sensors)
		}
		g.places[i] = known[p.roster]
	}
}

// union merges two sorted lists.
func union(a, b []fleet.Sensor) []fleet.Sensor {
	if len(a) == 0 {
		return b
	}
	all := make([]fleet.Sensor, 0, max(len(a), len(b)))
	for len(a) > 0 && len(b) > 0 {
		order := a[0].Compare(b[0])
		if order <= 0 {
			all, a = append(all, a[0]), a[1:]
		} else {
			all = append(all, b[0])
		}
		if order >= 0 {
			b = b[1:]
		}
	}
	return append(append(all, a...), b...)
}

// locate finds all in some; both are sorted.
func locate(all, some []fleet.Sensor) *places {
	p := &places{make([]int32, len(all))}
	at := 0
	for i := range all {
		p.at[i] = -1
		if at < len(some) && some[at] == all[i] {
			p.at[i] = int32(at)
			at++
		}
	}
	return p
}

// Len is the number of sensors.
func (g *Grid) Len() int { return len(g.sensors) }

// At is what became of a sensor in a column.
func (g *Grid) At(sensor, column int) State {
	p := g.planes[column]
	if p == nil {
		switch g.Columns[column].State {
		case ColumnActive:
			return Active
		case ColumnUnknown:
			return Unknown
		}
		return Missing
	}
	if places := g.places[column]; places != nil {
		if sensor = int(places.at[sensor]); sensor < 0 {
			return Missing
		}
	}
	return p.at(sensor)
}

// Find is the number of a sensor; false if the grid has none of that name.
func (g *Grid) Find(s fleet.Sensor) (int, bool) {
	return slices.BinarySearchFunc(g.sensors, s, fleet.Sensor.Compare)
}
