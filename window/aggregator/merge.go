package aggregator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/store"
)

// When hours are merged.
const (
	// rest is how long after its end an hour is left alone, for what comes a little late.
	rest = 2 * time.Minute
	// lull is how long what comes for an hour that was merged waits for more, and mostParts
	// how many files of it do: each time the whole hour is written again.
	lull      = 10 * time.Minute
	mostParts = 8
	// mostFiles is how many files an hour has at the most, over or not: checkpoints name them.
	mostFiles = 64
)

// still is how long nothing is read when the stream stands still.
const still = 5 * time.Second

// clock is the stream's time, or the real one if the stream stands still: when hours
// are merged makes no difference to what is in them.
func (w *worker) clock() time.Time {
	if now := w.cfg.Now(); now.Sub(w.heard) > still {
		return now
	}
	return time.Unix(0, w.now)
}

// merge is that the files of an hour are to be one, at a time of the clock.
type merge struct{ hour, at time.Time }

// planMerges finds, in the last checkpoint, the hours that are not one file.
func (w *worker) planMerges() []merge {
	type parts struct {
		n      int
		first  time.Time
		merged bool
	}
	hours := map[time.Time]*parts{}
	for _, f := range w.last.Files {
		h := hours[f.Hour]
		if h == nil {
			h = &parts{}
			hours[f.Hour] = h
		}
		switch {
		case f.Merged:
			h.merged = true
		case h.n == 0:
			h.n, h.first = 1, f.Written
		default:
			h.n++
		}
	}
	var all []merge
	for hour, h := range hours {
		at := hour.Add(time.Hour + w.cfg.Windows[w.name].Every + rest)
		if again := h.first.Add(lull); h.merged && h.n < mostParts && again.After(at) {
			at = again
		}
		if h.n >= mostFiles {
			at = time.Time{}
		}
		if h.n > 0 {
			all = append(all, merge{hour, at})
		}
	}
	slices.SortFunc(all, func(a, b merge) int { return a.at.Compare(b.at) })
	return all
}

// over lists the hours that are over and to be merged now.
func (w *worker) over() (hours []time.Time) {
	if len(w.merges) == 0 {
		return nil
	}
	clock := w.clock()
	for _, m := range w.merges {
		if !clock.After(m.at) {
			break
		}
		hours = append(hours, m.hour)
	}
	return hours
}

// mergeAt is when an hour is to be merged next, if nothing comes.
func (w *worker) mergeAt() (at time.Time, ok bool) {
	if len(w.merges) == 0 {
		return at, false
	}
	at = w.merges[0].at
	if stands := w.heard.Add(still); at.Before(stands) {
		at = stands
	}
	return at.Add(time.Millisecond), true
}

// whole reads the files of an hour that count.
func (w *worker) whole(ctx context.Context, hour time.Time) (rows []Row, parts []File, err error) {
	files, err := w.filesOf(ctx, hour)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range files {
		data, err := w.cfg.Store.Get(ctx, f.Key, nil)
		if errors.Is(err, store.ErrNotFound) && !w.names(hour) {
			continue // it is past its retention
		}
		if err != nil {
			return nil, nil, fmt.Errorf("merging the hour %s: %w", hour.Format(time.RFC3339), err)
		}
		more, err := w.format.decode(data, nil)
		if err != nil {
			return nil, nil, fmt.Errorf("merging %s: %w", f.Key, err)
		}
		rows = append(rows, more...)
	}
	return rows, files, nil
}

// names reports whether the last checkpoint names files of an hour.
func (w *worker) names(hour time.Time) bool {
	return slices.ContainsFunc(w.last.Files, func(f File) bool { return f.Hour.Equal(hour) })
}

// filesOf lists the files of an hour that count.
func (w *worker) filesOf(ctx context.Context, hour time.Time) ([]File, error) {
	return w.filesAt(ctx, &w.last, hour)
}

// filesAt lists the files of an hour that count by a checkpoint.
func (w *worker) filesAt(ctx context.Context, last *Checkpoint, hour time.Time) ([]File, error) {
	var files []File
	for _, f := range last.Files {
		if f.Hour.Equal(hour) {
			files = append(files, f)
		}
	}
	if len(files) > 0 || !hour.Before(last.Since) {
		return files, nil
	}
	for info, err := range w.cfg.Store.List(ctx, partitionPrefix(w.name, hour, w.partition)) {
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("looking for windows of %s: %w", hour.Format(time.RFC3339), err)
		}
		if n, ok := numberOf(info.Key, partitionPrefix(w.name, hour, w.partition)); !ok || n > last.Number {
			continue // whoever wrote it died before it counted
		}
		files = append(files, File{Object: Object{Key: info.Key, Size: info.Size}, Hour: hour, Merged: true, Written: info.ModTime})
	}
	return files, nil
}
