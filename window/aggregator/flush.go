package aggregator

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/store"
)

// flush stores what has come out, and the checkpoint that makes it count.
func (w *worker) flush(ctx context.Context) error {
	if w.doubt != nil {
		return w.doubt
	}
	over := w.over()
	if !w.taken && len(over) == 0 {
		w.flushAt = time.Time{}
		return nil
	}
	c := w.last
	c.Number, c.Written, c.Position, c.Time, c.Late = w.last.Number+1, w.cfg.Now().UTC(), w.position, w.now, nil
	snapshot, err := w.engine.AppendSnapshot(nil)
	if err != nil {
		return err
	}
	var d draft
	err = w.retry(ctx, "storing windows", func(ctx context.Context) (err error) {
		if d, err = w.store(ctx, &c, over); err != nil {
			return err
		}
		c.State, err = put(ctx, w.cfg.Store, stateKey(w.name, w.partition, c.Number), snapshot)
		return err
	})
	if err != nil {
		return err
	}
	d.into(&c)
	w.age(ctx, &c)
	if err := w.retry(ctx, "storing a checkpoint", func(ctx context.Context) error { return c.write(ctx, w.cfg.Store) }); err != nil {
		// If it was stored all the same, the next of its number would look like another's.
		w.doubt = fmt.Errorf("checkpoint %d: %w", c.Number, err)
		return w.doubt
	}
	before := w.last
	w.last = c
	if !w.swept {
		w.swept = w.sweepLate(ctx, &before) && w.sweepLate(ctx, &c)
	}
	w.hours.learn(w.rows)
	clear(w.rows)
	w.held, w.late, w.flushAt, w.taken = 0, nil, time.Time{}, false
	w.merges = w.planMerges()
	w.show()
	w.trim(ctx)
	return w.tidy(ctx)
}

// trim lets the stream delete what is stored, once others do not need it either.
func (w *worker) trim(ctx context.Context) {
	if err := w.consumer.Trim(ctx, w.partition, w.last.Position); err != nil && ctx.Err() == nil {
		w.log.Warn("the stream keeps what is stored a while longer", "error", err)
	}
}

// draft is what a checkpoint changes about files.
type draft struct {
	found []File // of hours that the one before did not name any more
	made  []File
	gone  []File // which made has the windows of
}

// into has a checkpoint name the files.
func (d *draft) into(c *Checkpoint) {
	c.Superseded = slices.Clone(c.Superseded)
	for _, f := range d.gone {
		c.Superseded = append(c.Superseded, Superseded{f.Key, f.Hour, c.Written})
	}
	c.Files = slices.DeleteFunc(slices.Concat(c.Files, d.found), func(f File) bool {
		return slices.ContainsFunc(d.gone, func(g File) bool { return g.Key == f.Key })
	})
	c.Files = append(c.Files, d.made...)
}

// store writes the rows, a file an hour, and the hours that are over as one file.
func (w *worker) store(ctx context.Context, c *Checkpoint, over []time.Time) (d draft, err error) {
	byHour := map[time.Time][]Row{}
	for _, r := range w.rows {
		hour := hourOf(r.Start)
		byHour[hour] = append(byHour[hour], r)
	}
	for _, hour := range over {
		byHour[hour] = append(byHour[hour], []Row{}...)
	}
	for _, hour := range slices.SortedFunc(maps.Keys(byHour), time.Time.Compare) {
		if hour.Before(w.last.Since) && !w.names(hour) {
			// From now on it has to be said which of its files count.
			found, err := w.filesOf(ctx, hour)
			if err != nil {
				return d, err
			}
			d.found = append(d.found, found...)
		}
		if err := w.storeHour(ctx, c, hour, byHour[hour], slices.Contains(over, hour), &d); err != nil {
			return d, err
		}
	}
	if len(w.late) == 0 {
		return d, nil
	}
	// All files of late readings are read, so none should be left by who has lost.
	_, err = w.cfg.Store.Stat(ctx, checkpointKey(w.name, w.partition, c.Number))
	switch {
	case err == nil:
		return d, errLost
	case !errors.Is(err, store.ErrNotFound):
		return d, err
	}
	if c.Late == nil {
		c.Late = &Object{Key: lateKey(w.name, w.partition, c.Number)} // another try has the same
	}
	*c.Late, err = put(ctx, w.cfg.Store, c.Late.Key, encodeLate(w.late))
	return d, err
}

func (w *worker) storeHour(ctx context.Context, c *Checkpoint, hour time.Time, rows []Row, merge bool, d *draft) error {
	if merge {
		if err := w.lockMemory(ctx); err != nil {
			return err
		}
		defer w.unlockMemory()
		before, parts, err := w.whole(ctx, hour)
		if err != nil {
			return err
		}
		d.gone = append(d.gone, parts...)
		rows = append(before, rows...)
	}
	rows = newest(rows)
	body, err := w.format.encode(rows)
	if err != nil {
		return err
	}
	o, err := put(ctx, w.cfg.Store, fileKey(w.name, hour, w.partition, c.Number), body)
	d.made = append(d.made, File{Object: o, Hour: hour, Rows: len(rows), Merged: merge, Written: c.Written})
	return err
}
