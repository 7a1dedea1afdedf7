package stream

import (
	"context"
	"sync"
)

// Consumers read one log, each at its own pace: what one of them trims goes once all
// the others have trimmed it too.
type Consumers struct {
	log Log
	mu  sync.Mutex
	all []*Consumer
}

// NewConsumers returns the consumers of a log, of which there are none yet.
func NewConsumers(log Log) *Consumers { return &Consumers{log: log} }

// Add returns another consumer, for which everything is kept until it trims. All are
// added before the first of them trims.
func (c *Consumers) Add() *Consumer {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := &Consumer{Log: c.log, of: c, through: map[int]Position{}}
	c.all = append(c.all, one)
	return one
}

// Consumer is the log as one of its consumers has it.
type Consumer struct {
	Log
	of      *Consumers
	through map[int]Position // by partition
}

var _ Log = (*Consumer)(nil)

// Trim implements Log. A consumer that begins anew, as the log does not go on from where
// it was, trims to 0 first: nothing is deleted then until it trims again.
func (c *Consumer) Trim(ctx context.Context, partition int, through Position) error {
	if through = c.of.trim(c, partition, through); through == 0 {
		return nil
	}
	return c.Log.Trim(ctx, partition, through)
}

// trim notes what a consumer has trimmed, and returns what all have.
func (c *Consumers) trim(one *Consumer, partition int, through Position) Position {
	c.mu.Lock()
	defer c.mu.Unlock()
	one.through[partition] = through
	for _, other := range c.all {
		through = min(through, other.through[partition])
	}
	return through
}
