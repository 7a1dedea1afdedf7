package app

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/run"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/tile"
	"github.com/fleetscore/fleetscore/view/matrix"
	"github.com/fleetscore/fleetscore/web"
)

// fleetView is what became of sensors over time, for the API.
type fleetView struct {
	*App
	planes *matrix.Planes
	grids  *grids
}

var _ web.Fleet = fleetView{}

// grids are those that were asked for last.
type grids struct {
	mu   sync.Mutex
	kept []*matrix.Grid
}

// gridsKept is how many: of several viewers, or jobs.
const gridsKept = 8

func newFleetView(a *App) fleetView {
	return fleetView{a, &matrix.Planes{Read: a.readTile}, &grids{}}
}

// readTile reads what became of the sensors of a column.
func (a *App) readTile(ctx context.Context, c matrix.Column) (*tile.Tile, error) {
	return a.tileOf(ctx, &fleet.Commit{Job: c.Job, Interval: c.Interval, Rev: c.Rev, Tile: fleet.TileKey(c.Job, c.Interval, c.Rev)})
}

// tileOf reads the tile of a commit, of which not more than its name need be known. One
// that is gone is made again.
func (a *App) tileOf(ctx context.Context, c *fleet.Commit) (*tile.Tile, error) {
	t, err := a.tiles.Read(ctx, a.store, c.Tile)
	if err == nil {
		return t, nil
	}
	if !errors.Is(err, store.ErrNotFound) && !errors.Is(err, tile.ErrDamaged) {
		return nil, err
	}
	whole, err := run.ReadCommit(ctx, a.store, fleet.CommitKey(c.Job, c.Interval, c.Rev))
	if err != nil {
		return nil, err
	}
	return run.ReadTile(ctx, a.store, whole)
}

// Grid implements web.Fleet.
func (f fleetView) Grid(ctx context.Context, job string, from, to time.Time, most int) (*matrix.Grid, error) {
	columns, err := f.columns(ctx, job, from, to, most)
	if err != nil {
		return nil, err
	}
	version := matrix.Version(columns)
	f.grids.mu.Lock()
	for _, g := range f.grids.kept {
		if g.Version == version {
			f.grids.mu.Unlock()
			return g, nil
		}
	}
	f.grids.mu.Unlock()
	g, err := matrix.New(ctx, columns, f.planes)
	if err != nil {
		return nil, err
	}
	f.grids.mu.Lock()
	defer f.grids.mu.Unlock()
	if len(f.grids.kept) == gridsKept {
		f.grids.kept = slices.Delete(f.grids.kept, 0, 1)
	}
	f.grids.kept = append(f.grids.kept, g)
	return g, nil
}

// GridOf implements web.Fleet.
func (f fleetView) GridOf(ctx context.Context, runs []ledger.Run) (*matrix.Grid, error) {
	columns := make([]matrix.Column, len(runs))
	for i := range runs {
		columns[i] = columnOf(&runs[i])
	}
	return matrix.New(ctx, columns, f.planes)
}

func columnOf(r *ledger.Run) matrix.Column {
	c := matrix.Column{Job: r.Job, Interval: r.Interval, State: matrix.ColumnDone, Rev: r.Rev, Run: r.ID, Late: run.Hurried(r.Note), Note: r.Note}
	if !r.Complete {
		c.State = matrix.ColumnIncomplete
	}
	return c
}

// columns are the intervals that a job has, or should have.
func (f fleetView) columns(ctx context.Context, job string, from, to time.Time, most int) ([]matrix.Column, error) {
	outcomes, err := f.ledger.Outcomes(ctx, job, from, to, most)
	if err != nil {
		return nil, err
	}
	all := map[string]matrix.Column{}
	for i := range outcomes {
		all[outcomes[i].Interval.Key()] = columnOf(&outcomes[i])
	}
	active, err := f.ledger.ActiveRuns(ctx)
	if err != nil {
		return nil, err
	}
	within := func(i fleet.Interval) bool { return !i.From.Before(from) && (to.IsZero() || i.From.Before(to)) }
	for i := range active {
		r := &active[i]
		if _, done := all[r.Interval.Key()]; r.Job == job && within(r.Interval) && !done {
			all[r.Interval.Key()] = matrix.Column{Job: job, Interval: r.Interval, State: matrix.ColumnActive, Run: r.ID}
		}
	}
	if len(outcomes) > 0 || !from.IsZero() {
		f.addMissing(all, job, from, to, outcomes)
	}
	columns := make([]matrix.Column, 0, len(all))
	for _, c := range all {
		columns = append(columns, c)
	}
	slices.SortFunc(columns, func(a, b matrix.Column) int {
		if order := a.Interval.From.Compare(b.Interval.From); order != 0 {
			return order
		}
		return a.Interval.To.Compare(b.Interval.To)
	})
	return columns[max(0, len(columns)-most):], nil
}

// addMissing adds the intervals that the schedule has, and nothing was committed for.
func (f fleetView) addMissing(all map[string]matrix.Column, job string, from, to time.Time, outcomes []ledger.Run) {
	plan, err := f.jobs.plan(job)
	if err != nil || plan == nil {
		return
	}
	now := time.Now()
	if to.IsZero() || to.After(now) {
		to = now
	}
	if len(outcomes) > 0 && from.Before(outcomes[0].Interval.From) {
		from = outcomes[0].Interval.From // before it there may have been no job
	}
	fires, err := plan.Intervals(from, to)
	if err != nil {
		return // too many to show
	}
	for _, fire := range fires {
		if _, has := all[fire.Interval.Key()]; !has && fire.At.Before(now) {
			all[fire.Interval.Key()] = matrix.Column{Job: job, Interval: fire.Interval, State: matrix.ColumnMissing}
		}
	}
}
