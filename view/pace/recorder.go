// Package pace remembers for an hour how fast something went: it looks at counters every
// so often, and keeps what has come in between.
//
//	r := pace.New(look, time.Now, tell)
//	r.Start(ctx)
//	defer r.Stop()
//	r.Last().Accepted // a second
package pace

import (
	"context"
	"slices"
	"sync"
	"time"
)

// The steps of what is kept, and how many.
const (
	Beat = 2 * time.Second // between two looks
	Step = 10 * time.Second
	keep = 360
)

// Counters are what is looked at: sums, which never fall, and what is so at the moment.
type Counters struct {
	Accepted, Rejected, Bytes uint64 // sums
	Waiting                   int
	Lag                       float64 // seconds
}

// Pace is how fast it went in a step.
type Pace struct {
	Time     time.Time `json:"time" doc:"when the step ends"`
	Accepted float64   `json:"accepted" doc:"readings a second"`
	Rejected float64   `json:"rejected" doc:"readings or messages a second"`
	Bytes    float64   `json:"bytes" doc:"of the stream, a second"`
	Waiting  int       `json:"waiting" doc:"readings that wait to be stored"`
	Lag      float64   `json:"lag_seconds" doc:"of the windows that are furthest behind"`
}

// Pulse is how it goes at the moment.
type Pulse struct {
	Time      time.Time `json:"time"`
	PerSecond float64   `json:"readings_per_second"`
	Accepted  uint64    `json:"accepted" doc:"since the service was started"`
	Rejected  uint64    `json:"rejected"`
	Waiting   int       `json:"waiting"`
	Lag       float64   `json:"lag_seconds"`
}

// Recorder looks and remembers. It is for any number of goroutines.
type Recorder struct {
	look func(ctx context.Context) Counters
	now  func() time.Time
	tell func(Pulse)

	stop context.CancelFunc
	done sync.WaitGroup

	mu     sync.Mutex
	before sample // of the last beat
	step   sample // with which the step began
	pulse  Pulse
	points []Pace // a ring would save a copy an hour
}

// sample is counters at a time.
type sample struct {
	at time.Time
	Counters
}

// New makes a recorder, which calls look and then tell at each beat.
func New(look func(ctx context.Context) Counters, now func() time.Time, tell func(Pulse)) *Recorder {
	return &Recorder{look: look, now: now, tell: tell}
}

// Start begins to look.
func (r *Recorder) Start(ctx context.Context) {
	ctx, r.stop = context.WithCancel(context.WithoutCancel(ctx))
	r.beat(ctx)
	r.done.Go(func() {
		ticker := time.NewTicker(Beat)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				r.beat(ctx)
			}
		}
	})
}

// Stop ends it.
func (r *Recorder) Stop() {
	if r.stop != nil {
		r.stop()
		r.done.Wait()
	}
}

// beat looks once.
func (r *Recorder) beat(ctx context.Context) {
	now := sample{r.now().UTC(), r.look(ctx)}
	r.mu.Lock()
	if r.before.at.IsZero() {
		r.before, r.step = now, now
	}
	r.pulse = Pulse{Time: now.at, PerSecond: rate(now.Accepted, r.before.Accepted, now.at.Sub(r.before.at)), Accepted: now.Accepted, Rejected: now.Rejected, Waiting: now.Waiting, Lag: now.Lag}
	r.before = now
	if length := now.at.Sub(r.step.at); length >= Step {
		r.points = append(r.points, Pace{
			Time: now.at, Accepted: rate(now.Accepted, r.step.Accepted, length), Rejected: rate(now.Rejected, r.step.Rejected, length),
			Bytes: rate(now.Bytes, r.step.Bytes, length), Waiting: now.Waiting, Lag: now.Lag,
		})
		if len(r.points) > keep {
			r.points = slices.Delete(r.points, 0, len(r.points)-keep)
		}
		r.step = now
	}
	pulse := r.pulse
	r.mu.Unlock()
	r.tell(pulse)
}

func rate(now, before uint64, length time.Duration) float64 {
	if length <= 0 || now < before {
		return 0
	}
	return float64(now-before) / length.Seconds()
}

// Last is how it went at the last beat.
func (r *Recorder) Last() Pulse {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pulse
}

// Since lists the steps that end after a time, in order.
func (r *Recorder) Since(t time.Time) []Pace {
	r.mu.Lock()
	defer r.mu.Unlock()
	from, _ := slices.BinarySearchFunc(r.points, t, func(p Pace, t time.Time) int { return p.Time.Compare(t) })
	return slices.Clone(r.points[from:])
}
