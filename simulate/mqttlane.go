package simulate

import (
	"context"
	"errors"
	"sync"
	"time"
)

// flight is a message that was published, and how to learn what came of it.
type flight struct {
	message Message
	tries   uint32
	wait    func() error
}

// serve publishes what one connection is given, on as many sessions as it takes.
func (m *MQTT) serve(ctx context.Context, lane int, queue <-chan []Message) error {
	again := backoff{least: m.config.Wait, most: 50 * m.config.Wait}
	p := publisher{MQTT: m}
	defer p.giveUp()
	for {
		if len(p.left)+len(p.rest) == 0 { // a connection is made when there is something to send
			select {
			case part, more := <-queue:
				if !more {
					return nil
				}
				p.rest = part
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		session, err := m.connect(ctx, lane)
		if err == nil {
			var done bool
			if done, err = p.publish(ctx, session, queue); done {
				return nil
			}
			if p.settled {
				again.reset()
			}
		}
		m.tally.troubled(err)
		if errors.Is(err, ErrRefused) {
			return err
		}
		if err := again.wait(ctx, 0); err != nil {
			return err
		}
	}
}

// publisher is what a connection has to do, whatever its session.
type publisher struct {
	*MQTT
	left    []flight  // published, and not settled when the session was lost
	rest    []Message // not yet published
	settled bool      // something was, in this session
}

// publish publishes what is left and what comes until the queue is closed and all
// is settled, or the session is lost.
func (p *publisher) publish(ctx context.Context, s session, queue <-chan []Message) (done bool, err error) {
	flights := make(chan flight, p.config.InFlight)
	lost, lose := context.WithCancelCause(ctx)
	defer lose(nil)
	stop := context.AfterFunc(lost, s.close)
	left := p.left
	p.left, p.settled = nil, false
	var wg sync.WaitGroup
	wg.Go(func() { p.land(flights, lose) })
	var unsent []flight
	for i := range left {
		if err := p.send(lost, s, left[i].message, left[i].tries, flights); err != nil {
			unsent = left[i:]
			lose(err)
			break
		}
	}
	for lost.Err() == nil && !done {
		done = p.next(lost, s, queue, flights, lose)
	}
	close(flights)
	wg.Wait()
	p.left = append(p.left, unsent...)
	if len(p.left) > 0 || len(p.rest) > 0 {
		done = false
	}
	err = context.Cause(lost)
	stop()
	s.close()
	return done, err
}

// next publishes the rest of what was taken from the queue, or takes more.
func (p *publisher) next(ctx context.Context, s session, queue <-chan []Message, flights chan<- flight, lose func(error)) (done bool) {
	if len(p.rest) == 0 {
		select {
		case part, more := <-queue:
			if !more {
				return true
			}
			p.rest = part
		case <-ctx.Done():
			return false
		}
	}
	for len(p.rest) > 0 {
		if err := p.send(ctx, s, p.rest[0], 0, flights); err != nil {
			lose(err)
			return false
		}
		p.rest = p.rest[1:]
	}
	return false
}

// send publishes a message that was published some times before. With an error it
// was not.
func (p *publisher) send(ctx context.Context, s session, m Message, tries uint32, flights chan<- flight) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	wait, err := s.publish(topic(&m.Reading), appendPayload(make([]byte, 0, 64), &m.Reading))
	if err != nil {
		return err
	}
	p.tally.sending(1, tries+1)
	flights <- flight{m, tries + 1, wait} // land takes it: its answer comes, or the session is lost
	return nil
}

// land waits for the answers, in the order of publishing. What has none is left.
func (p *publisher) land(flights <-chan flight, lose func(error)) {
	for f := range flights {
		err := f.wait()
		var rejected rejection
		switch {
		case err == nil:
			p.settled = true
			p.tally.settle(&f.message, Acknowledged, f.tries, time.Now())
		case errors.As(err, &rejected):
			p.settled = true
			p.tally.rejected(&f.message, f.tries, time.Now(), err.Error())
		default:
			lose(err)
			p.left = append(p.left, f)
		}
	}
}

// giveUp settles what has no answer, and will get none.
func (p *publisher) giveUp() {
	p.tally.notSent(len(p.rest))
	now := time.Now()
	for i := range p.left {
		p.tally.settle(&p.left[i].message, Unanswered, p.left[i].tries, now)
	}
}
