package aggregator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/window"
)

// ErrNoWindow is that the settings have no window of that name.
var ErrNoWindow = errors.New("there is no such window")

func noWindow(name string) error { return fmt.Errorf("%w: %q", ErrNoWindow, name) }

// Windows lists the windows of a sensor that start in an interval, sorted, each once
// in its newest revision: those that are stored, those that are about to be, and
// those that are open.
func (s *Service) Windows(ctx context.Context, name string, sensor fleet.Sensor, i fleet.Interval) ([]Row, error) {
	workers, ok := s.workers[name]
	if !ok {
		return nil, noWindow(name)
	}
	w := workers[fleet.Partition(sensor.Device, s.cfg.Partitions)]
	wanted := func(r *Row) bool {
		at := time.Unix(0, r.Start)
		return r.Device == sensor.Device && r.Tag == sensor.Tag && !at.Before(i.From) && at.Before(i.To)
	}
	var rows, fresh []Row
	var files []fleet.Input
	err := w.do(ctx, func(ctx context.Context) (err error) {
		for _, r := range w.rows {
			if wanted(&r) {
				fresh = append(fresh, r)
			}
		}
		err = w.engine.Open(sensor.Device, sensor.Tag, func(out *window.Window) {
			if r := rowOf(out); wanted(&r) {
				r.Open = true
				fresh = append(fresh, r)
			}
		})
		if err != nil {
			return err
		}
		files, err = w.inputs(ctx, i)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		data, err := s.cfg.Store.Get(ctx, f.Key, nil)
		if errors.Is(err, store.ErrNotFound) {
			continue // it was merged long ago, or is past its retention
		}
		if err != nil {
			return nil, fmt.Errorf("reading windows: %w", err)
		}
		more, err := w.format.decode(data, wanted)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", f.Key, err)
		}
		rows = append(rows, more...)
	}
	return newest(append(rows, fresh...)), nil
}

// Quantiles names the percentiles of a window's rows, in their order.
func (s *Service) Quantiles(name string) []string {
	var names []string
	for _, q := range s.cfg.Windows[name].Percentiles {
		names = append(names, quantileName(q))
	}
	return slices.Clip(names)
}
