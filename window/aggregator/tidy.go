package aggregator

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// named is for how long hours stay in checkpoints, so that leftovers in them are
// gone when every file of theirs counts.
const named = 48 * time.Hour

// age takes hours out of a checkpoint that are old, once their leftovers are gone.
func (w *worker) age(ctx context.Context, c *Checkpoint) error {
	if c.Time == 0 {
		return nil
	}
	since := time.Unix(0, c.Time).UTC().Truncate(time.Hour).Add(-named)
	if !since.After(c.Since) {
		return nil
	}
	old := map[time.Time]bool{}
	keep := map[string]bool{}
	for _, f := range c.Files {
		if f.Hour.Before(since) {
			old[f.Hour], keep[f.Key] = true, true
		}
	}
	for hour := range old {
		for info, err := range w.cfg.Store.List(ctx, partitionPrefix(w.name, hour, w.partition)) {
			if err == nil && !keep[info.Key] {
				err = w.cfg.Store.Delete(ctx, info.Key)
			}
			if err != nil {
				w.log.Warn("leftovers of an old hour stay a while longer", "hour", hour, "error", err)
				return nil // they are named until they are gone
			}
		}
	}
	c.Since = since
	c.Files = slices.DeleteFunc(c.Files, func(f File) bool { return f.Hour.Before(since) })
	return nil
}

// tidy deletes what is superseded for so long that nobody reads it any more.
func (w *worker) tidy(ctx context.Context) error {
	var errs []error
	before := w.cfg.Now().Add(-w.cfg.Grace)
	var inUse []fleet.Interval
	if slices.ContainsFunc(w.last.Superseded, func(s Superseded) bool { return !s.At.After(before) }) {
		var err error
		if inUse, err = w.cfg.InUse(ctx); err != nil {
			errs, before = append(errs, err), time.Time{}
		}
	}
	w.last.Superseded = slices.DeleteFunc(slices.Clone(w.last.Superseded), func(s Superseded) bool {
		if _, hour, ok := parseFileKey(w.name, s.Key); s.At.After(before) || ok && isUsed(hour, inUse) {
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
