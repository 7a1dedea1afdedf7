package aggregator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fleetscore/fleetscore/store"
)

// rest is how long after its end an hour is left alone, for what comes a little late.
const rest = 2 * time.Minute

// clock is the stream's time, or the real one if the stream stands still: when hours
// are merged makes no difference to what is in them.
func (w *worker) clock() time.Time {
	const still = 5 * time.Second
	if now := w.cfg.Now(); now.Sub(w.heard) > still {
		return now
	}
	return time.Unix(0, w.now)
}

func (w *worker) endOf(hour time.Time) time.Time {
	return hour.Add(time.Hour + w.cfg.Windows[w.name].Every + rest)
}

// isOver reports whether an hour is over, so that its files are merged. What still
// comes for it is merged at once.
func (w *worker) isOver(hour time.Time) bool { return w.clock().After(w.endOf(hour)) }

// over lists the hours that are over and not one file yet.
func (w *worker) over() []time.Time {
	var hours []time.Time
	for _, f := range w.last.Files {
		if !f.Merged && w.isOver(f.Hour) {
			hours = append(hours, f.Hour)
		}
	}
	return hours
}

// mergeAt is when an hour is to be merged next, if nothing comes.
func (w *worker) mergeAt() time.Time {
	next := w.cfg.Now().Add(24 * time.Hour)
	for _, f := range w.last.Files {
		if end := w.endOf(f.Hour).Add(time.Minute); !f.Merged && end.Before(next) {
			next = end
		}
	}
	return next
}

// whole reads the files of an hour that count.
func (w *worker) whole(ctx context.Context, hour time.Time) (rows []Row, parts []File, err error) {
	files, err := w.filesOf(ctx, hour)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range files {
		data, err := w.cfg.Store.Get(ctx, f.Key, nil)
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

// filesOf lists the files of an hour that count.
func (w *worker) filesOf(ctx context.Context, hour time.Time) ([]File, error) {
	var files []File
	for _, f := range w.last.Files {
		if f.Hour.Equal(hour) {
			files = append(files, f)
		}
	}
	if len(files) > 0 || !hour.Before(w.last.Since) {
		return files, nil
	}
	for info, err := range w.cfg.Store.List(ctx, partitionPrefix(w.name, hour, w.partition)) {
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("looking for windows of %s: %w", hour.Format(time.RFC3339), err)
		}
		files = append(files, File{Object: Object{Key: info.Key, Size: info.Size}, Hour: hour})
	}
	return files, nil
}
