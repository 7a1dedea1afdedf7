package aggregator

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// flush stores what has come out, and the checkpoint that makes it count.
func (w *worker) flush(ctx context.Context) error {
	over := w.over()
	if w.position == w.last.Position && len(over) == 0 {
		w.flushAt = time.Time{}
		return nil
	}
	c := w.last
	c.Number, c.Written, c.Position, c.Time = w.last.Number+1, w.cfg.Now().UTC(), w.position, w.now
	snapshot, err := w.engine.AppendSnapshot(nil)
	if err != nil {
		return err
	}
	var made, gone []File
	err = w.retry(ctx, "storing windows", func(ctx context.Context) (err error) {
		if made, gone, err = w.store(ctx, c.Number, over); err != nil {
			return err
		}
		c.State, err = put(ctx, w.cfg.Store, stateKey(w.name, w.partition, c.Number), snapshot)
		return err
	})
	if err != nil {
		return err
	}
	for _, f := range gone {
		c.Superseded = append(slices.Clip(c.Superseded), Superseded{f.Key, c.Written})
	}
	c.Files = append(slices.DeleteFunc(slices.Clone(w.last.Files), func(f File) bool { return slices.Contains(gone, f) }), made...)
	if err := w.age(ctx, &c); err != nil {
		return err
	}
	if err := w.retry(ctx, "storing a checkpoint", func(ctx context.Context) error { return c.write(ctx, w.cfg.Store) }); err != nil {
		return fmt.Errorf("checkpoint %d: %w", c.Number, err)
	}
	w.last = c
	clear(w.rows)
	w.held, w.late, w.flushAt = 0, nil, time.Time{}
	w.hours.forget(made)
	w.show()
	w.trim(ctx, w)
	return w.tidy(ctx)
}

// store writes the rows, a file an hour, and the hours that are over as one file.
func (w *worker) store(ctx context.Context, number uint64, over []time.Time) (made, gone []File, err error) {
	byHour := map[time.Time][]Row{}
	for _, r := range w.rows {
		hour := hourOf(r.Start)
		byHour[hour] = append(byHour[hour], r)
	}
	for _, hour := range over {
		byHour[hour] = append(byHour[hour], []Row{}...)
	}
	for _, hour := range slices.SortedFunc(maps.Keys(byHour), time.Time.Compare) {
		f, parts, err := w.storeHour(ctx, hour, byHour[hour], number)
		if err != nil {
			return nil, nil, err
		}
		made, gone = append(made, f), append(gone, parts...)
	}
	if len(w.late) == 0 {
		return made, gone, nil
	}
	_, err = put(ctx, w.cfg.Store, lateKey(w.name, w.partition, number), encodeLate(w.late))
	return made, gone, err
}

func (w *worker) storeHour(ctx context.Context, hour time.Time, rows []Row, number uint64) (made File, gone []File, err error) {
	merged := w.isOver(hour)
	if merged {
		w.merging <- struct{}{} // an hour takes memory, and often all partitions end one at once
		defer func() { <-w.merging }()
		var before []Row
		if before, gone, err = w.whole(ctx, hour); err != nil {
			return made, nil, err
		}
		rows = append(before, rows...)
	}
	rows = newest(rows)
	body, err := w.format.encode(rows)
	if err != nil {
		return made, nil, err
	}
	o, err := put(ctx, w.cfg.Store, fileKey(w.name, hour, w.partition, number), body)
	return File{Object: o, Hour: hour, Rows: len(rows), Merged: merged}, gone, err
}
