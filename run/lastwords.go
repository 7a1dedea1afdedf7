package run

import (
	"context"
	"errors"
	"time"
)

// lastWait is how long the last words of attempts may take to be stored when a run
// is left, or ended.
const lastWait = 2 * time.Second

// outliving is a context that ends so long after another.
func outliving(ctx context.Context, d time.Duration) context.Context {
	later, end := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() { time.AfterFunc(d, end) })
	return later
}

// parting keeps what is known of attempts that ended too late to be dealt with
// before the service stops.
func (d *driver) parting() {
	if !errors.Is(context.Cause(d.ctx), errStopping) {
		return // who cancels the run asks for them
	}
	for _, e := range d.take() {
		if e.State.Final() {
			d.lastWords(e)
		}
	}
}
