package aggregator

import (
	"context"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// FilesOf lists the files of a partition that count for the hours of an interval, as they
// are stored by now. The store is asked without keeping the worker from its work.
func (s *Service) FilesOf(ctx context.Context, name string, partition int, i fleet.Interval) ([]fleet.Input, error) {
	workers, ok := s.workers[name]
	if !ok || partition < 0 || partition >= len(workers) {
		return nil, noWindow(name)
	}
	var last Checkpoint
	w := workers[partition]
	err := w.do(ctx, func(context.Context) error {
		last = w.last
		last.Files = slices.Clone(w.last.Files)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var inputs []fleet.Input
	for hour := i.From.UTC().Truncate(time.Hour); hour.Before(i.To); hour = hour.Add(time.Hour) {
		files, err := w.filesAt(ctx, &last, hour)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			inputs = append(inputs, fleet.Input{Key: f.Key, Size: f.Size})
		}
	}
	return inputs, nil
}
