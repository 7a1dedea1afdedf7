package aggregator

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
)

// Sweep deletes what is of no use any more, and was stored before a time: files of
// windows that do not count, and windows and late readings that are older than
// retention (0: they are kept for ever). What the newest hours need, and what runs that
// are under way read, is kept. Windows that the settings do not define are left alone.
func (s *Service) Sweep(ctx context.Context, before time.Time, retention time.Duration) (removed int, err error) {
	if err := s.cfg.SameStore(); err != nil {
		return 0, err
	}
	inUse, err := s.cfg.InUse(ctx)
	if err != nil {
		return 0, fmt.Errorf("asking which windows are being read: %w", err)
	}
	w := &sweep{Service: s, before: before, inUse: inUse}
	for _, name := range s.Names() {
		w.windows(ctx, name, s.cutoff(name, retention))
		if retention > 0 {
			w.late(ctx, name, s.cfg.Now().Add(-retention))
		}
	}
	return w.removed, errors.Join(w.errs...)
}

// cutoff is the hour before which windows are past their retention. It is never among
// those of which readings may still come, or that checkpoints name as they should.
func (s *Service) cutoff(name string, retention time.Duration) time.Time {
	if retention <= 0 {
		return time.Time{}
	}
	w := s.cfg.Windows[name]
	return s.cfg.Now().UTC().Add(-max(retention, named, w.Lateness+w.Tolerance+w.Every+time.Hour)).Truncate(time.Hour)
}

// sweep is one round.
type sweep struct {
	*Service
	before  time.Time
	inUse   []fleet.Interval
	removed int
	errs    []error
}

// mostSweepErrors is how many errors of a round are told.
const mostSweepErrors = 10

func (s *sweep) note(err error) {
	if err != nil && len(s.errs) < mostSweepErrors {
		s.errs = append(s.errs, err)
	}
}

func (s *sweep) remove(ctx context.Context, key string) {
	err := s.cfg.Store.Delete(ctx, key)
	s.note(err)
	if err == nil {
		s.removed++
	}
}

// isUsed reports whether a run that is under way may read an hour's files.
func isUsed(hour time.Time, inUse []fleet.Interval) bool {
	return slices.ContainsFunc(inUse, func(i fleet.Interval) bool {
		return i.From.Before(hour.Add(time.Hour)) && hour.Before(i.To)
	})
}

// windows deletes files of a window that do not count, and those of hours before cutoff.
func (s *sweep) windows(ctx context.Context, name string, cutoff time.Time) {
	old := make(map[int]map[string]time.Time) // by partition: keys, and of which hour they are
	for info, err := range s.cfg.Store.List(ctx, windowFolder(name)) {
		if errors.Is(err, store.ErrNotFound) {
			return
		}
		if err != nil {
			s.note(fmt.Errorf("looking for files of windows: %w", err))
			return
		}
		p, hour, ok := parseFileKey(name, info.Key)
		if !ok || p >= len(s.workers[name]) || !info.ModTime.Before(s.before) || isUsed(hour, s.inUse) {
			continue
		}
		if old[p] == nil {
			old[p] = map[string]time.Time{}
		}
		old[p][info.Key] = hour
	}
	for _, p := range slices.Sorted(maps.Keys(old)) {
		gone, err := s.workers[name][p].release(ctx, old[p], cutoff)
		s.note(err)
		for _, key := range gone {
			s.remove(ctx, key)
		}
	}
}

// late deletes files of late readings that were stored before a time.
func (s *sweep) late(ctx context.Context, name string, before time.Time) {
	files, err := s.lateFiles(ctx, name, "")
	s.note(err)
	for i := range files {
		if files[i].ModTime.Before(before) && files[i].ModTime.Before(s.before) {
			s.remove(ctx, files[i].Key)
		}
	}
}

// releaseTimeout is how long a worker gets to say which files it does not need: one
// that waits for the store is asked again the next time.
const releaseTimeout = 20 * time.Second

// release says which of some files may be deleted: those that no checkpoint names
// though it would, and those of hours before cutoff, which it then names no more.
func (w *worker) release(ctx context.Context, files map[string]time.Time, cutoff time.Time) (gone []string, err error) {
	ctx, stop := context.WithTimeout(ctx, releaseTimeout)
	defer stop()
	var mine []string // of the worker, which may go on when ctx has ended
	err = w.do(ctx, func(context.Context) error {
		if w.last.Number == 0 {
			return nil // whose they are is not known
		}
		counts, superseded, past := map[string]bool{}, map[string]bool{}, map[string]bool{}
		for _, f := range w.last.Files {
			counts[f.Key] = true
			if _, ok := files[f.Key]; ok && f.Hour.Before(cutoff) {
				past[f.Key] = true
			}
		}
		for _, f := range w.last.Superseded { // they have their own time, unless it is past
			superseded[f.Key] = true
		}
		if len(past) > 0 {
			// A checkpoint that is begun must be finished, whoever waits for it.
			if err := w.unname(w.ctx, past); err != nil { //nolint:contextcheck // for that reason
				return err
			}
		}
		for key, hour := range files {
			switch {
			case counts[key] && !past[key]:
			case hour.Before(cutoff), !hour.Before(w.last.Since) && !superseded[key]:
				mine = append(mine, key)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("window %s, partition %d: %w", w.name, w.partition, err)
	}
	slices.Sort(mine)
	return mine, nil
}

// unname stores a checkpoint that does not name some files.
func (w *worker) unname(ctx context.Context, files map[string]bool) error {
	if err := w.flush(ctx); err != nil {
		return err
	}
	c := w.last
	c.Number, c.Written = c.Number+1, w.cfg.Now().UTC()
	c.Late = nil
	c.Files = slices.DeleteFunc(slices.Clone(w.last.Files), func(f File) bool { return files[f.Key] })
	snapshot, err := w.engine.AppendSnapshot(nil)
	if err != nil {
		return err
	}
	if err := w.retry(ctx, "storing a checkpoint", func(ctx context.Context) (err error) {
		c.State, err = put(ctx, w.cfg.Store, stateKey(w.name, w.partition, c.Number), snapshot)
		return err
	}); err != nil {
		return err
	}
	if err := w.retry(ctx, "storing a checkpoint", func(ctx context.Context) error { return c.write(ctx, w.cfg.Store) }); err != nil {
		return fmt.Errorf("checkpoint %d: %w", c.Number, err)
	}
	w.last = c
	w.hours.forget()
	w.merges = w.planMerges()
	w.show()
	return nil
}

// parseFileKey reads what fileKey writes.
func parseFileKey(name, key string) (partition int, hour time.Time, ok bool) {
	rest, ok1 := strings.CutPrefix(key, windowFolder(name))
	date, rest, ok2 := strings.Cut(rest, "/")
	at, file, ok3 := strings.Cut(rest, "/")
	hour, err := time.Parse("date=2006-01-02hour=15", date+at)
	parts := strings.Split(strings.TrimSuffix(file, ".parquet"), "-")
	if !ok1 || !ok2 || !ok3 || err != nil || len(parts) != 3 {
		return 0, hour, false
	}
	partition, err1 := strconv.Atoi(strings.TrimPrefix(parts[0], "p="))
	number, err2 := strconv.ParseUint(parts[1], 10, 64)
	return partition, hour, err1 == nil && err2 == nil &&
		key == fmt.Sprintf("%s%012d-%s.parquet", partitionPrefix(name, hour, partition), number, parts[2])
}
