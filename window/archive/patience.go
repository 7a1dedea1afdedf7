package archive

import (
	"context"
	"time"
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
		if err == nil || isFinal(err) || ctx.Err() != nil {
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
