package simulate

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// lanes are the connections of a sender. Messages of a device go through the same,
// in order. A lane serves its queue until that is closed and all are settled, or
// the context ends.
type lanes struct {
	queues []chan []Message
	most   int                     // messages in one piece
	unsent func(int)               // counts messages that no lane took
	fail   context.CancelCauseFunc // ends all lanes
	failed <-chan struct{}
	cause  func() error
	lanes  sync.WaitGroup
}

func newLanes(n, most int, unsent func(int), serve func(ctx context.Context, lane int, queue <-chan []Message) error) *lanes {
	l := &lanes{queues: make([]chan []Message, n), most: most, unsent: unsent}
	ctx, fail := context.WithCancelCause(context.Background())
	l.fail, l.failed, l.cause = fail, ctx.Done(), func() error { return context.Cause(ctx) }
	for i := range l.queues {
		l.queues[i] = make(chan []Message, 4)
		l.lanes.Go(func() {
			if err := serve(ctx, i, l.queues[i]); err != nil {
				l.fail(err)
			}
		})
	}
	return l
}

// Send takes the messages over, and copies them. It waits while too many are under
// way; an error is for good. Send and Close are for one goroutine.
func (l *lanes) Send(ctx context.Context, messages []Message) error {
	parts := make([][]Message, len(l.queues))
	for i := range messages {
		n := fleet.Partition(messages[i].Reading.Device, len(parts))
		parts[n] = append(parts[n], messages[i])
		if len(parts[n]) == l.most {
			if err := l.hand(ctx, n, parts[n]); err != nil {
				return err
			}
			parts[n] = nil
		}
	}
	for n, part := range parts {
		if len(part) > 0 {
			if err := l.hand(ctx, n, part); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *lanes) hand(ctx context.Context, n int, part []Message) error {
	select {
	case l.queues[n] <- part:
		return nil
	case <-l.failed:
		return l.cause()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close waits until all that was sent is settled, or ctx ends: what has no answer
// then is given up, and what was not sent is counted.
func (l *lanes) Close(ctx context.Context) error {
	for _, q := range l.queues {
		close(q)
	}
	stop := context.AfterFunc(ctx, func() { l.fail(context.Cause(ctx)) })
	defer stop()
	l.lanes.Wait()
	for _, q := range l.queues {
		for part := range q {
			l.unsent(len(part))
		}
	}
	err := l.cause()
	l.fail(nil)
	return err
}

// backoff is how long to wait before another try.
type backoff struct {
	least, most time.Duration
	next        time.Duration
}

// wait waits for at least as long as it was told, and longer each time.
func (b *backoff) wait(ctx context.Context, told time.Duration) error {
	b.next = min(max(2*b.next, b.least), b.most)
	pause := max(told, b.next/2+rand.N(b.next/2+1))
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (b *backoff) reset() { b.next = 0 }
