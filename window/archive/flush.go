package archive

import (
	"bytes"
	"context"
	"time"
)

// flush claims what is held, if that is not done, and stores it.
func (w *worker) flush() error {
	if w.pending && w.held.through != w.last.Through || !w.pending && w.flushAt.IsZero() {
		return nil // it is not all there, or there is nothing
	}
	body, readings, err := w.file()
	if err != nil {
		return err
	}
	if !w.pending {
		c := claim{
			Version: claimVersion, Stream: w.cfg.Stream, Partition: w.partition, Number: w.last.Number + 1, Written: w.cfg.Now().UTC(),
			After: w.stored, Through: w.held.through, First: w.now, Last: w.now, Behind: w.behind, Readings: readings,
		}
		if w.held.readable() {
			c.First = w.held.first
		}
		if readings > 0 {
			c.Key = fileKey(hourOf(w.held.last), w.partition, c.Number)
		}
		if err := w.retry(w.working, "claiming a file of the archive", func(ctx context.Context) error { return c.write(ctx, w.cfg.Store) }); err != nil {
			return err
		}
		w.last, w.pending = c, true
	}
	if w.last.Key != "" {
		if err := w.retry(w.working, "storing readings", func(ctx context.Context) error {
			return w.cfg.Store.Put(ctx, w.last.Key, bytes.NewReader(body))
		}); err != nil {
			return err
		}
		w.count(readings, len(body))
	}
	w.pending, w.stored, w.flushAt = false, w.last.Through, time.Time{}
	w.held.reset(w.stored)
	w.show()
	w.trim()
	if err := w.last.prune(w.working, w.cfg.Store); err != nil && w.working.Err() == nil {
		w.log.Warn("old claims of the archive cannot be deleted now", "error", err)
	}
	return nil
}

// file makes a file of what is held.
func (w *worker) file() (body []byte, readings int, err error) {
	if !w.held.readable() {
		return nil, 0, nil
	}
	select {
	case p := <-w.press:
		defer func() { w.press <- p }()
		return p.make(&w.held, w.log)
	case <-w.working.Done():
		return nil, 0, w.working.Err()
	}
}

// tell has the stream know what is stored, which it has forgotten since the last start.
func (w *worker) tell() {
	if !w.told {
		w.told = true
		w.trim()
	}
}

func (w *worker) trim() {
	if err := w.cfg.Log.Trim(w.working, w.partition, w.stored); err != nil && w.working.Err() == nil {
		w.log.Warn("the stream keeps what is archived a while longer", "error", err)
	}
}
