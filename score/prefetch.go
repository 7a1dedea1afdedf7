package score

import (
	"context"
	"iter"

	"golang.org/x/sync/errgroup"

	"github.com/fleetscore/fleetscore/score/readings"
)

// prefetch passes on units whose models are being loaded meanwhile, at most n at
// a time: what is far away takes long to answer, and workers would wait for one
// model after the other. A worker that comes before the answer waits for it.
func prefetch(ctx context.Context, units iter.Seq[unit], set *readings.Set, lib *library, n int) iter.Seq[unit] {
	if n == 0 {
		return units
	}
	return func(yield func(unit) bool) {
		var loads errgroup.Group
		loads.SetLimit(n)
		defer func() { _ = loads.Wait() }() // errors are in the models
		for u := range units {
			for i := range u {
				p := &u[i]
				if p.model == nil {
					p.model = &model{}
				}
				if !p.first || len(p.blocks) == 0 {
					continue
				}
				loads.Go(func() error {
					lib.get(ctx, set.Series[p.series].Sensor, p.model, &desk{})
					return nil
				})
			}
			if !yield(u) {
				return
			}
		}
	}
}
