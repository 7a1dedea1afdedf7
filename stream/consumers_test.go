package stream_test

import (
	"context"
	"slices"
	"testing"

	"github.com/fleetscore/fleetscore/stream"
)

// trims notes what it is trimmed to.
type trims struct {
	stream.Log
	all []stream.Position
}

func (l *trims) Trim(_ context.Context, partition int, through stream.Position) error {
	l.all = append(l.all, stream.Position(1000*partition)+through)
	return nil
}

// Nothing goes that one of them has not trimmed, also when one begins anew.
func TestConsumers(t *testing.T) {
	log := &trims{}
	consumers := stream.NewConsumers(log)
	a, b := consumers.Add(), consumers.Add()
	for _, step := range []struct {
		who       *stream.Consumer
		partition int
		through   stream.Position
	}{{a, 1, 5}, {b, 1, 3}, {a, 1, 7}, {b, 1, 9}, {b, 1, 0}, {a, 1, 8}, {b, 1, 2}, {a, 2, 4}, {b, 2, 4}} {
		if err := step.who.Trim(t.Context(), step.partition, step.through); err != nil {
			t.Error(err)
		}
	}
	if want := []stream.Position{1003, 1003, 1007, 1002, 2004}; !slices.Equal(log.all, want) {
		t.Errorf("trimmed %d, not %d", log.all, want)
	}
}
