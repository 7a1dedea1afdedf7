package aggregator

import (
	"context"
	"errors"
	"slices"
	"time"
)

// named is for how long hours stay in checkpoints, so that leftovers in them are
// gone when every file of theirs counts.
const named = 48 * time.Hour

// mostAged bounds how many hours are cleaned at one time that no file is known of.
const mostAged = 72

// age takes hours out of a checkpoint that are old, once nothing is in them that does
// not count.
func (w *worker) age(ctx context.Context, c *Checkpoint) {
	if c.Time == 0 {
		return
	}
	since := time.Unix(0, c.Time).UTC().Truncate(time.Hour).Add(-named)
	if !since.After(c.Since) {
		return
	}
	stays := map[time.Time]bool{} // hours that somebody may be reading, or that are not one file yet
	keep := map[string]bool{}
	old := map[time.Time]bool{}
	for _, s := range c.Superseded {
		stays[s.Hour], keep[s.Key] = true, true
	}
	for _, f := range append(slices.Clone(c.Files), w.last.Files...) { // c may not come to count
		keep[f.Key] = true
		stays[f.Hour] = stays[f.Hour] || !f.Merged
		old[f.Hour] = f.Hour.Before(since)
	}
	for hour := since.Add(-mostAged * time.Hour); hour.Before(since); hour = hour.Add(time.Hour) {
		old[hour] = old[hour] || !c.Since.IsZero() && !hour.Before(c.Since)
	}
	for hour, is := range old {
		if !is || stays[hour] {
			continue
		}
		if err := w.clean(ctx, hour, keep); err != nil {
			w.log.Warn("leftovers of an old hour stay a while longer", "hour", hour, "error", err)
			return // they are named until they are gone
		}
	}
	c.Since = since
	c.Files = slices.DeleteFunc(slices.Clone(c.Files), func(f File) bool { return f.Hour.Before(since) && !stays[f.Hour] })
}

// clean deletes the files of an hour that were made for checkpoints up to the last, and
// that none names: those of a later one are another worker's, who has taken over.
func (w *worker) clean(ctx context.Context, hour time.Time, keep map[string]bool) error {
	prefix := partitionPrefix(w.name, hour, w.partition)
	for info, err := range w.cfg.Store.List(ctx, prefix) {
		if err == nil && !keep[info.Key] {
			if n, ok := numberOf(info.Key, prefix); ok && n <= w.last.Number {
				err = w.cfg.Store.Delete(ctx, info.Key)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sweepLate deletes the files of late readings that a crash has left: those of a
// checkpoint's number that it does not name.
func (w *worker) sweepLate(ctx context.Context, c *Checkpoint) bool {
	for info, err := range w.cfg.Store.List(ctx, lateOf(w.name, w.partition, c.Number)) {
		if err == nil && (c.Late == nil || info.Key != c.Late.Key) {
			err = w.cfg.Store.Delete(ctx, info.Key)
		}
		if err != nil {
			w.log.Warn("late readings may be stored twice for a while", "error", err)
			return false
		}
	}
	return true
}

// tidy deletes what is superseded for so long that nobody reads it any more.
func (w *worker) tidy(ctx context.Context) error {
	var errs []error
	before := w.cfg.Now().Add(-w.cfg.Grace)
	var pinned map[string]bool
	w.last.Superseded = slices.DeleteFunc(slices.Clone(w.last.Superseded), func(s Superseded) bool {
		if s.At.After(before) {
			return false
		}
		if pinned == nil {
			pinned = w.cfg.Pinned()
		}
		if pinned[s.Key] {
			return false
		}
		err := w.cfg.Store.Delete(ctx, s.Key)
		errs = append(errs, err)
		return err == nil
	})
	if w.last.Number%keepCheckpoints == 0 {
		errs = append(errs, w.last.prune(ctx, w.cfg.Store))
	}
	if err := errors.Join(errs...); err != nil && ctx.Err() == nil {
		w.log.Warn("what is superseded cannot be deleted now", "error", err)
	}
	return ctx.Err()
}
