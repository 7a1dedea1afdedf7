package app

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/notify"
	"github.com/fleetscore/fleetscore/run"
	"github.com/fleetscore/fleetscore/score/predictions"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/tile"
)

// fates is what became of the sensors of runs, for those who are told.
type fates struct{ *App }

var _ notify.Fates = fates{}

// commitOf is the commit of a run; nil if it has none.
func (f fates) commitOf(ctx context.Context, r ledger.Run) (*fleet.Commit, error) {
	if r.Rev == 0 {
		return nil, nil
	}
	c, err := run.ReadCommit(ctx, f.store, fleet.CommitKey(r.Job, r.Interval, r.Rev))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the commit: %w", err)
	}
	if c.Run != r.ID {
		return nil, nil
	}
	return c, nil
}

// Fates implements notify.Fates.
func (f fates) Fates(ctx context.Context, r ledger.Run) iter.Seq2[notify.Fate, error] {
	return func(yield func(notify.Fate, error) bool) {
		c, err := f.commitOf(ctx, r)
		if err != nil {
			yield(notify.Fate{}, err)
		}
		if c == nil {
			return
		}
		t, err := run.ReadTile(ctx, f.store, c)
		if err != nil {
			yield(notify.Fate{}, err)
			return
		}
		for e := range t.All() {
			cause, _ := e.Fate.Cause()
			if !yield(notify.Fate{Sensor: e.Sensor, Cause: cause, Scored: e.Fate.HasPredictions(), Anomalous: e.Fate == tile.Anomalous}, nil) {
				return
			}
		}
	}
}

// mostRead is how many bytes of predictions are read to say which sensors are the
// most anomalous. A run with more is told of without that.
const mostRead = 64 << 20

// Anomalies implements notify.Fates.
func (f fates) Anomalies(ctx context.Context, r ledger.Run, of map[fleet.Sensor]notify.Anomaly) error {
	c, err := f.commitOf(ctx, r)
	if err != nil || c == nil {
		return err
	}
	var files []fleet.Output
	size := int64(0)
	for i := range c.Tasks {
		if c.Tasks[i].Anomalies == 0 {
			continue
		}
		for _, out := range c.Tasks[i].Files {
			files = append(files, out)
			size += out.Size
		}
	}
	if size > mostRead {
		return fmt.Errorf("its predictions have %d bytes, and at most %d are read for that", size, mostRead)
	}
	for _, out := range files {
		content, err := run.ReadOutput(ctx, f.store, c, out)
		if err == nil {
			err = predictions.Read(out.Key, content, func(row predictions.Row) error {
				addAnomaly(of, &row)
				return nil
			})
		}
		if err != nil {
			return fmt.Errorf("reading predictions: %w", err)
		}
	}
	return nil
}

func addAnomaly(of map[fleet.Sensor]notify.Anomaly, row *predictions.Row) {
	if !row.Anomaly {
		return
	}
	a, wanted := of[row.Sensor]
	if !wanted {
		return
	}
	if a.Rows++; a.Rows == 1 {
		a.Lowest = row.Score
	} else if !math.IsNaN(row.Score) {
		a.Lowest = min(a.Lowest, row.Score)
	}
	if at := time.Unix(0, row.Time).UTC(); at.After(a.Last) {
		a.Last = at
	}
	of[row.Sensor] = a
}
