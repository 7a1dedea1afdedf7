package command

import (
	"context"
	"fmt"
	"math/bits"

	"github.com/fleetscore/fleetscore/score/runtime"
)

// budget is how many processes may still fail for a shard before the program itself
// is held to be at fault.
type budget struct{ left, all int }

// newBudget is enough for a few culprits among so many sensors.
func newBudget(sensors int) *budget {
	n := 8 * (1 + bits.Len(uint(sensors)))
	return &budget{n, n}
}

// shard scores requests in one process. If that fails it tries each half by itself, until the
// culprits stand alone.
func (r *Runtime) shard(ctx context.Context, requests []runtime.Request, answers []runtime.Answer, b *budget) error {
	if err := r.take(ctx); err != nil {
		return err
	}
	failed, err := r.run(ctx, requests, answers)
	<-r.slots
	if failed == nil || err != nil {
		return err
	}
	b.left--
	if len(requests) > 1 && b.left > 0 {
		half := len(requests) / 2
		if err := r.shard(ctx, requests[:half], answers[:half], b); err != nil {
			return err
		}
		return r.shard(ctx, requests[half:], answers[half:], b)
	}
	if len(requests) > 1 {
		failed.err = fmt.Errorf("%d processes have failed for this shard, the last: %w", b.all, failed.err)
	}
	for i := range answers {
		fail(&answers[i], failed.cause, failed.err)
	}
	return nil
}

// take waits for a slot.
func (r *Runtime) take(ctx context.Context) error {
	select {
	case r.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
