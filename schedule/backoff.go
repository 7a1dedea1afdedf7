package schedule

import "time"

const (
	firstRetry = time.Second
	// lastRetry is as late as a fire may come after what was in its way is gone.
	lastRetry = 5 * time.Second
)

// backoff says when to try again what has failed. The zero backoff has not.
type backoff struct {
	wait  time.Duration
	until time.Time
}

// failed notes a failure, and returns how long to wait.
func (b *backoff) failed(now time.Time) time.Duration {
	b.wait = min(max(2*b.wait, firstRetry), lastRetry)
	b.until = now.Add(b.wait)
	return b.wait
}

// left is how much of the wait there still is; none if the clock was set back
// meanwhile.
func (b *backoff) left(now time.Time) time.Duration {
	if left := b.until.Sub(now); left <= b.wait {
		return left
	}
	return 0
}
