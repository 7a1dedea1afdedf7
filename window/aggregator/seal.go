package aggregator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/stream"
)

// Files gives the files of the windows that start in an interval, by partition, in
// the order in which later ones supersede earlier ones. It waits until no window of
// the interval is open and all are stored, as long as ctx lasts; then it gives what
// there is, and says how many partitions were not ready.
func (s *Service) Files(ctx context.Context, name string, i fleet.Interval) (files map[int][]fleet.Input, behind int, err error) {
	workers, ok := s.workers[name]
	if !ok {
		return nil, 0, noWindow(name)
	}
	last, err := s.cfg.Log.State(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("asking the stream how far it is: %w", err)
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	var errs []error
	files = map[int][]fleet.Input{}
	for p, w := range workers {
		all.Go(func() {
			through := last[p].Last
			if last[p].Trimmed >= through {
				through = 0 // nothing is left to be read: a new window may never have read any
			}
			ready, found, err := w.seal(ctx, i, through)
			mu.Lock()
			defer mu.Unlock()
			if !ready {
				behind++
			}
			errs = append(errs, err)
			files[p] = found
		})
	}
	all.Wait()
	return files, behind, errors.Join(errs...)
}

// sealEvery is how often a worker is asked whether it is ready.
const sealEvery = 200 * time.Millisecond

// lastWords is for how long a worker may still say what there is when the time is up.
const lastWords = time.Minute

// seal waits until the worker has read what was in the stream, up to last, and has
// stored all windows of the interval.
func (w *worker) seal(ctx context.Context, i fleet.Interval, last stream.Position) (ready bool, files []fleet.Input, err error) {
	// What there is then is given all the same, unless the worker waits for the store.
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	defer context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) { // else nobody wants it any more
			pause(working, lastWords)
		}
		stop()
	})()
	for {
		asked := make(chan bool, 1)
		err = w.do(working, func(context.Context) error {
			oldest, open := w.engine.Oldest()
			asked <- w.position >= last && (!open || oldest-int64(w.cfg.Windows[w.name].Every) >= i.To.UnixNano())
			return nil
		})
		if err != nil {
			return false, nil, w.stuck(ctx, err)
		}
		if ready = <-asked; ready || ctx.Err() != nil {
			break
		}
		pause(ctx, sealEvery)
	}
	found := make(chan []fleet.Input, 1)
	err = w.do(working, func(ctx context.Context) error {
		if w.holds(i) {
			if err := w.flush(w.ctx); err != nil { //nolint:contextcheck // whoever asked may have gone
				return err
			}
		}
		files, err := w.inputs(ctx, i)
		found <- files
		return err
	})
	if err != nil {
		return false, nil, w.stuck(ctx, err)
	}
	return ready, <-found, nil
}

// stuck says why a worker has not answered.
func (w *worker) stuck(ctx context.Context, err error) error {
	if ctx.Err() == nil || !errors.Is(err, context.Canceled) {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return fmt.Errorf("partition %d of the windows does not answer: %s: %w", w.partition, cmp.Or(w.seen.Trouble, "it is busy"), err)
}

// holds reports whether rows of an interval are not stored.
func (w *worker) holds(i fleet.Interval) bool {
	for which := range w.rows {
		if at := time.Unix(0, which.start); !at.Before(i.From) && at.Before(i.To) {
			return true
		}
	}
	return false
}

// inputs are the files that count of an interval.
func (w *worker) inputs(ctx context.Context, i fleet.Interval) (inputs []fleet.Input, err error) {
	for hour := i.From.UTC().Truncate(time.Hour); hour.Before(i.To); hour = hour.Add(time.Hour) {
		files, err := w.filesOf(ctx, hour)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		for _, f := range files {
			inputs = append(inputs, fleet.Input{Key: f.Key, Size: f.Size})
		}
	}
	return inputs, nil
}
