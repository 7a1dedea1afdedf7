package webtest

import (
	"context"
	"fmt"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/store/memstore"
	"github.com/fleetscore/fleetscore/store/tile"
	"github.com/fleetscore/fleetscore/view/matrix"
)

// Fleet has two hours of six sensors, and an hour of which there is nothing.
type Fleet struct{}

// GridOf implements web.Fleet.
func (f Fleet) GridOf(ctx context.Context, runs []ledger.Run) (*matrix.Grid, error) {
	return f.Grid(ctx, runs[0].Job, time.Time{}, time.Time{}, len(runs))
}

// Grid implements web.Fleet.
func (Fleet) Grid(ctx context.Context, job string, _, _ time.Time, columns int) (*matrix.Grid, error) {
	s := memstore.New()
	fates := []tile.Fate{tile.Anomalous, tile.Normal, tile.Failed(fleet.NoModel, false), tile.Failed(fleet.BadRow, true), tile.Silent, tile.Skipped}
	all := []matrix.Column{}
	for n := range min(columns, 3) {
		c := matrix.Column{Job: job, Interval: Hour(n), State: matrix.ColumnDone, Rev: 1, Run: RunDone, Late: n == 1}
		if n == 2 {
			c = matrix.Column{Job: job, Interval: Hour(n), State: matrix.ColumnActive, Run: RunActive}
		}
		var entries []tile.Entry
		for i, fate := range fates {
			entries = append(entries, tile.Entry{Sensor: fleet.Sensor{Device: fmt.Sprintf("pump-%d", i/2), Tag: fmt.Sprintf("t%d", i%2)}, Fate: fate})
		}
		if err := tile.Write(ctx, s, fleet.TileKey(job, c.Interval, 1), entries); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return matrix.New(ctx, all, &matrix.Planes{Read: func(ctx context.Context, c matrix.Column) (*tile.Tile, error) {
		return tile.Read(ctx, s, fleet.TileKey(c.Job, c.Interval, c.Rev))
	}})
}
