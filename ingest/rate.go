package ingest

import (
	"sync"
	"time"
)

// maxRated is how many devices' rates are remembered, or twice as many. A device that
// is forgotten may burst again.
const maxRated = 1 << 17

// limiter bounds how many readings a second each device sends: a bucket of burst
// tokens, into which rate tokens a second flow. Of each device it keeps one number,
// when its bucket will be full again.
type limiter struct {
	each  time.Duration // until the next token
	burst time.Duration // what an empty bucket needs to be full

	mu sync.Mutex
	// When fresh is full it becomes old, and what old had is forgotten.
	fresh, old map[string]int64
}

// newLimiter makes a limiter; nil, which limits nothing, if rate is 0.
func newLimiter(rate float64, burst int) *limiter {
	if rate == 0 {
		return nil
	}
	each := max(1, time.Duration(float64(time.Second)/rate))
	return &limiter{each: each, burst: each * time.Duration(burst), fresh: map[string]int64{}}
}

// allow takes a token of the device's, if there is one.
func (l *limiter) allow(device string, now time.Time) bool {
	if l == nil {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	full := l.full(device, now) + int64(l.each)
	if full-now.UnixNano() > int64(l.burst) {
		return false
	}
	l.put(device, full)
	return true
}

// owe takes n tokens, whether they are there or not, and says how long it is until
// none is owed.
func (l *limiter) owe(device string, n int, now time.Time) time.Duration {
	if l == nil || n == 0 {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	full := l.full(device, now) + int64(n)*int64(l.each)
	l.put(device, full)
	return max(0, time.Duration(full-now.UnixNano())-l.burst)
}

// full is when the device's bucket is full.
func (l *limiter) full(device string, now time.Time) int64 {
	full, ok := l.fresh[device]
	if !ok {
		full = l.old[device]
	}
	return max(full, now.UnixNano())
}

func (l *limiter) put(device string, full int64) {
	if len(l.fresh) >= maxRated {
		l.fresh, l.old = map[string]int64{}, l.fresh
	}
	l.fresh[device] = full
}
