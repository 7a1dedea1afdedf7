package run

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/tile"
)

// ErrNoTile is that a commit's tile is not there, or damaged, and cannot be made
// again. What the commit names counts all the same.
var ErrNoTile = errors.New("what became of the sensors is not known")

// ReadTile reads the tile of a commit. One that is gone is made again, and stored:
// the results of the tasks hold all that it says.
func ReadTile(ctx context.Context, s store.Store, c *fleet.Commit) (*tile.Tile, error) {
	t, err := tile.Read(ctx, s, c.Tile)
	switch {
	case errors.Is(err, tile.ErrDamaged):
		return nil, &Damage{Problem{c.Tile, err.Error(), remake(ctx, s, c, "delete it; ")}, ErrNoTile}
	case !errors.Is(err, store.ErrNotFound):
		return t, err
	}
	entries, err := fatesOf(ctx, s, c.Tasks)
	if errors.Is(err, ErrNoTile) {
		return nil, &Damage{Problem{c.Tile, "it is gone, and cannot be made again: " + err.Error(), againText(c)}, err}
	}
	if err != nil {
		return nil, fmt.Errorf("making %s again: %w", c.Tile, err)
	}
	if err := tile.Write(ctx, s, c.Tile, entries); err != nil {
		return nil, fmt.Errorf("storing %s, which was gone: %w", c.Tile, err)
	}
	return tile.Read(ctx, s, c.Tile)
}

// remake says how a tile that is not there comes back, or, after first, one that is:
// from the results, if all are there.
func remake(ctx context.Context, s store.Reader, c *fleet.Commit, first string) string {
	if _, err := fatesOf(ctx, s, c.Tasks); err != nil {
		return againText(c) // under a name of its own
	}
	return fmt.Sprintf("%sfleetscore predictions sensors %s --interval %s makes it again from the results", first, c.Job, c.Interval)
}

// fatesOf collects the fates of the tasks' sensors from results, in order.
func fatesOf(ctx context.Context, s store.Reader, tasks []fleet.CommitTask) ([]tile.Entry, error) {
	all := make([][]tile.Entry, len(tasks))
	reads, ctx := errgroup.WithContext(ctx)
	reads.SetLimit(resultsAtOnce)
	for i := range tasks {
		reads.Go(func() (err error) {
			all[i], err = fatesOfTask(ctx, s, &tasks[i])
			return err
		})
	}
	if err := reads.Wait(); err != nil {
		return nil, err
	}
	entries := slices.Concat(all...)
	slices.SortFunc(entries, func(a, b tile.Entry) int { return a.Sensor.Compare(b.Sensor) })
	return entries, nil
}

func fatesOfTask(ctx context.Context, s store.Reader, t *fleet.CommitTask) ([]tile.Entry, error) {
	switch {
	case t.Lost != "" && t.Sensors == 0:
		return nil, nil
	case t.Lost != "" && t.Part.Only != nil:
		return []tile.Entry{{Sensor: *t.Part.Only, Fate: tile.Failed(t.Lost, false)}}, nil
	case t.Lost != "":
		return nil, fmt.Errorf("%w: task %s of run %s left no result that says which %d sensors it had", ErrNoTile, t.Task, t.Run, t.Sensors)
	}
	_, fates, err := ReadResult(ctx, s, t.Task)
	if errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("%w: the result %s is not there any more", ErrNoTile, fleet.ResultKey(t.Task))
	}
	if errors.As(err, new(*Damage)) {
		return nil, fmt.Errorf("%w: %w", ErrNoTile, err)
	}
	if err != nil {
		return nil, err
	}
	entries, err := tile.ReadEntries(fates)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrNoTile, fleet.ResultKey(t.Task), err)
	}
	return entries, nil
}
