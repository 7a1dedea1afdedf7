package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"golang.org/x/time/rate"

	"github.com/fleetscore/fleetscore/ledger"
)

// Bounds of a courier.
const (
	parallel         = 16     // messages that are under way to one receiver
	mostLoaded       = 20_000 // messages that it knows of; the rest waits in the ledger
	page             = 1000   // that it reads at a time
	retryAfterLedger = 2 * time.Second
	lastSends        = 3 * time.Second // that are under way when the service stops
)

// maxError is how much is kept of what went wrong, in characters.
const maxError = 500

// courier brings one receiver its messages.
type courier struct {
	*Service
	Receiver
	lanes  *lanes
	cursor int64 // Seq of the last message that it has read
	more   bool  // there may be more in the ledger
	busy   int
	held   bool
	reset  bool          // it is to read the ledger anew
	pause  time.Time     // the receiver wants nothing before
	limit  *rate.Limiter // nil: none

	wake    chan struct{}
	anew    chan struct{}
	results chan result
	tally   tally
}

// result is what came of a message.
type result struct {
	lane    *lane
	sent    bool // rather than held
	settled ledger.Settled
	err     error
}

func newCourier(s *Service, r Receiver) *courier {
	c := &courier{
		Service: s, Receiver: r, lanes: newLanes(), more: true, held: true,
		wake: make(chan struct{}, 1), anew: make(chan struct{}, 1), results: make(chan result, parallel),
	}
	if r.Rate > 0 {
		c.limit = rate.NewLimiter(rate.Every(time.Hour/time.Duration(r.Rate)), r.Rate)
	}
	return c
}

// run brings messages until ctx ends.
func (c *courier) run(ctx context.Context) {
	sends, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	for ctx.Err() == nil {
		wait := time.Hour
		if err := c.load(ctx); err != nil {
			wait = c.troubled(ctx, "reading the outbox", err)
		}
		if err := c.sumUp(ctx); err != nil {
			wait = c.troubled(ctx, "summing up what is held", err)
		}
		results := c.dispatch(sends, &wait)
		if len(results) == 0 {
			timer := time.NewTimer(wait)
			select {
			case <-ctx.Done():
			case <-timer.C:
			case <-c.wake:
				c.more = true
			case <-c.anew:
				c.reset = true
			case r := <-c.results:
				results = append(results, r)
			}
			timer.Stop()
		}
		c.settle(ctx, c.drain(results))
	}
	c.finish(ctx, stop)
}

// troubled tells of what does not work with the ledger, and how long to wait.
func (c *courier) troubled(ctx context.Context, what string, err error) time.Duration {
	if ctx.Err() == nil {
		c.cfg.Log.Error(what+" does not work", "receiver", c.Name, "error", err)
	}
	return retryAfterLedger
}

// finish gives what is under way a moment to end.
func (c *courier) finish(ctx context.Context, stop func()) {
	timer := time.AfterFunc(lastSends, stop)
	defer timer.Stop()
	for c.busy > 0 {
		c.settle(ctx, c.drain([]result{<-c.results}))
	}
	c.Destination.Close()
}

// load reads messages that wait in the ledger.
func (c *courier) load(ctx context.Context) error {
	if c.reset && c.busy == 0 {
		c.lanes, c.cursor, c.more, c.reset = newLanes(), 0, true, false
	}
	for c.more && c.lanes.count < mostLoaded && !c.reset {
		found, err := c.cfg.Ledger.Messages(ctx, ledger.MessageFilter{Receiver: c.Name, State: ledger.MessageWaiting, After: c.cursor, Limit: page})
		if err != nil {
			return err
		}
		for i := range found {
			c.lanes.add(&found[i])
			c.cursor = found[i].Seq
		}
		c.more = len(found) == page
	}
	return nil
}

// dispatch sends what is due, as far as it may, and tells what it need not send. If
// nothing happens, it wants to be called again after wait.
func (c *courier) dispatch(ctx context.Context, wait *time.Duration) (results []result) {
	for c.busy < parallel && !c.reset {
		at, due := c.lanes.due()
		now := c.cfg.Now()
		if at == nil {
			break
		}
		if due.Before(c.pause) {
			due = c.pause
		}
		if due.After(now) {
			*wait = min(*wait, due.Sub(now))
			break
		}
		c.lanes.take()
		c.busy++
		head := at.items[0]
		if c.limit != nil && head.attempts == 0 && head.kind != HeldBack && head.kind != Test && !c.limit.AllowN(now, 1) {
			results = append(results, result{lane: at, settled: ledger.Settled{Seq: head.seq, State: ledger.MessageHeld, Due: head.due}})
			continue
		}
		go func() { c.results <- c.send(ctx, at, head) }()
	}
	if c.held && c.limit != nil {
		*wait = min(*wait, time.Hour/time.Duration(c.Rate)+time.Millisecond)
	}
	return results
}

// send tries once to bring a message.
func (c *courier) send(ctx context.Context, at *lane, head item) result {
	r := result{lane: at, sent: true, settled: ledger.Settled{Seq: head.seq, Attempts: head.attempts + 1}}
	r.err = c.attempt(ctx, head.seq)
	now := c.cfg.Now()
	var refusal *Refusal
	switch {
	case r.err == nil || errors.Is(r.err, ledger.ErrNotFound): // it is not there any more
		r.err, r.settled.Delivered = nil, true
		return r
	case ctx.Err() != nil: // the service stops, and that is not the receiver's fault
		r.sent = false
		r.settled.Attempts, r.settled.State, r.settled.Due = head.attempts, ledger.MessageWaiting, now
		return r
	case errors.As(r.err, &refusal) && refusal.Final, !now.Before(head.expires):
		r.settled.State = ledger.MessageDead
	default:
		r.settled.State = ledger.MessageWaiting
	}
	after := c.backoff(r.settled.Attempts)
	if refusal != nil {
		after = max(after, refusal.After)
	}
	r.settled.Error = plain(r.err.Error(), maxError)
	r.settled.Due = now.Add(after)
	if r.settled.Due.After(head.expires) && now.Before(head.expires) {
		r.settled.Due = head.expires // one last time
	}
	return r
}

func (c *courier) attempt(ctx context.Context, seq int64) error {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	m, err := c.cfg.Ledger.Message(ctx, seq)
	if err != nil {
		return err
	}
	var e Event
	if err := json.Unmarshal([]byte(m.Body), &e); err != nil {
		return &Refusal{Text: "the event is damaged: " + err.Error(), Final: true}
	}
	return c.Destination.Send(ctx, &e, []byte(m.Body))
}

// backoff is how long to wait after n attempts: ever longer, and for each message
// another while, so that they do not come back all at once.
func (c *courier) backoff(n int) time.Duration {
	most := c.cfg.Backoff
	for ; n > 1 && most < c.cfg.BackoffMost; n-- {
		most *= 2
	}
	most = min(most, c.cfg.BackoffMost)
	return most/2 + rand.N(most/2+1)
}

// drain adds the results that are there already.
func (c *courier) drain(results []result) []result {
	for {
		select {
		case r := <-c.results:
			results = append(results, r)
		default:
			return results
		}
	}
}

// settle writes what came of messages, however long that takes: until then nothing
// of their lanes is sent.
func (c *courier) settle(ctx context.Context, results []result) {
	if len(results) == 0 {
		return
	}
	all := make([]ledger.Settled, len(results))
	for i, r := range results {
		all[i] = r.settled
	}
	for {
		write, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
		err := c.cfg.Ledger.Settle(write, all)
		cancel()
		if err == nil {
			break
		}
		wait := c.troubled(ctx, "writing the outbox", err)
		select {
		case <-time.After(wait):
			continue
		case <-ctx.Done(): // they are sent once more after the next start
		}
		break
	}
	for _, r := range results {
		c.settled(r)
	}
}

const settleTimeout = 10 * time.Second

// settled takes in what came of one message.
func (c *courier) settled(r result) {
	c.busy--
	head := &r.lane.items[0]
	s := &r.settled
	if r.sent {
		c.tally.attempt(c.cfg.Now(), s, r.err)
	}
	var refusal *Refusal
	if errors.As(r.err, &refusal) && refusal.After > 0 {
		c.pause = c.cfg.Now().Add(refusal.After)
	}
	log := c.cfg.Log.With("receiver", c.Name, "event", head.id, "attempts", s.Attempts)
	switch {
	case s.Delivered:
		log.Debug("event delivered")
	case s.State == ledger.MessageDead:
		log.Error("an event is given up; fleetscore notify retry has it sent again", "error", s.Error)
	case s.State == ledger.MessageHeld:
		c.held = true
		log.Debug("an event is over the rate of its receiver, and held")
	case r.err != nil:
		log.Warn("an event is not delivered yet", "error", s.Error, "next", s.Due.UTC().Format(time.RFC3339))
	}
	if !s.Delivered && s.State == ledger.MessageWaiting {
		head.due, head.attempts = s.Due, s.Attempts
		c.lanes.give(r.lane, false)
		return
	}
	c.lanes.give(r.lane, true)
}

// sumUp puts a summary in the place of what is held, when the rate allows it.
func (c *courier) sumUp(ctx context.Context) error {
	if !c.held || c.reset {
		return nil
	}
	filter := ledger.MessageFilter{Receiver: c.Name, State: ledger.MessageHeld, Limit: page}
	first, err := c.cfg.Ledger.Messages(ctx, filter)
	if err != nil {
		return err
	}
	if len(first) == 0 {
		c.held = false
		return nil
	}
	now := c.cfg.Now()
	if c.limit != nil && !c.limit.AllowN(now, 1) {
		return nil
	}
	data := HeldData{Receiver: c.Name, ByKind: map[string]int{}, From: first[0].Created}
	last := first
	for found := first; len(found) > 0; {
		for i := range found {
			m := &found[i]
			data.Events++
			data.ByKind[m.Type]++
			data.To = m.Created
			if len(data.Examples) < c.cfg.Examples {
				data.Examples = append(data.Examples, m.Type+" "+m.Subject)
			}
		}
		last = found
		filter.After = found[len(found)-1].Seq
		if found, err = c.cfg.Ledger.Messages(ctx, filter); err != nil {
			return err
		}
	}
	upTo := last[len(last)-1].Seq
	e, err := newEvent(HeldBack, fmt.Sprintf("held-%d-%d", first[0].Seq, upTo), c.Name, now, data)
	if err != nil {
		return err
	}
	m, err := c.message(&e, c.Name)
	if err == nil {
		err = c.cfg.Ledger.Summarize(ctx, m, upTo)
	}
	if err != nil {
		return err
	}
	c.held, c.more = false, true
	return c.load(ctx)
}
