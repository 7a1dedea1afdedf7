package simulate

import (
	"context"
	"sync/atomic"
	"time"
)

// Sender hands messages to a service until they are acknowledged.
type Sender interface {
	// Send takes messages over, in order, and waits while too many are under way. It
	// does not keep the slice. An error is for good.
	Send(ctx context.Context, messages []Message) error
	// Close waits until all is settled, or ctx ends.
	Close(ctx context.Context) error
}

// Play sends what a fleet sends, when it does. What is past is sent as fast as it is
// taken.
type Play struct {
	Fleet  *Fleet
	Sender Sender
	// Until is when it ends; zero: when the context does.
	Until time.Time
	// Planted, if set, is told what has begun to go wrong.
	Planted func([]Truth) error

	at      atomic.Int64
	planted atomic.Int64
}

// The messages that are made at once are about playedAtOnce, and of a second at most.
const (
	playedAtOnce = 5000
	playEvery    = 20 * time.Millisecond
)

// At is how far it has come, in the time of the fleet.
func (p *Play) At() time.Time { return time.Unix(0, p.at.Load()).UTC() }

// Anomalies is how many have begun.
func (p *Play) Anomalies() int64 { return p.planted.Load() }

// Run plays. The sender is left open.
func (p *Play) Run(ctx context.Context) error {
	c := p.Fleet.Config()
	step := time.Duration(playedAtOnce / (float64(c.Devices*c.Tags) * c.Rate) * float64(time.Second))
	step = min(max(step, time.Millisecond), time.Second)
	at := c.Start
	p.at.Store(at.UnixNano())
	var messages []Message
	tick := time.NewTicker(playEvery)
	defer tick.Stop()
	for {
		now := time.Now()
		if !p.Until.IsZero() && now.After(p.Until) {
			now = p.Until
		}
		for at.Before(now) {
			if at = at.Add(step); at.After(now) {
				at = now
			}
			messages = p.Fleet.Step(at, messages[:0])
			if err := p.tell(); err != nil {
				return err
			}
			if err := p.Sender.Send(ctx, messages); err != nil {
				return err
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			p.at.Store(at.UnixNano())
		}
		if !p.Until.IsZero() && !at.Before(p.Until) {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// tell hands on what has been planted.
func (p *Play) tell() error {
	all := p.Fleet.Planted()
	for i := range all {
		if all[i].Anomaly() {
			p.planted.Add(1)
		}
	}
	if p.Planted == nil || len(all) == 0 {
		return nil
	}
	return p.Planted(all)
}
