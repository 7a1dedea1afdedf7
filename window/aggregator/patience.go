package aggregator

import (
	"context"
	"errors"
	"time"

	"github.com/fleetscore/fleetscore/stream"
)

// mostWait is the longest between two tries.
const mostWait = 15 * time.Second

// retry does something until it is done, ctx ends, or it never can be: the store may
// be away or full for a while.
func (w *worker) retry(ctx context.Context, what string, do func(context.Context) error) error {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, mostWait) {
		err := w.cfg.SameStore()
		if err == nil {
			err = do(ctx)
		}
		if err == nil || isNoUse(err) || ctx.Err() != nil {
			w.trouble(nil)
			return err
		}
		w.log.Warn(what+" does not succeed yet", "error", err, "retry", wait.String())
		w.trouble(err)
		pause(ctx, wait)
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// patient says of an error of the stream whether to go on.
func (w *worker) patient(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil || errors.Is(err, stream.ErrClosed) {
		return err
	}
	w.log.Warn(what+" does not succeed yet", "error", err)
	pause(ctx, time.Second)
	return ctx.Err()
}
