package app

import (
	"context"
	"errors"

	"github.com/fleetscore/fleetscore/stream"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/window/aggregator"
)

// Late implements web.Windows.
func (in *intake) Late(ctx context.Context, window string, f web.LateFilter, limit int) (web.LateList, error) {
	late, more, err := in.windows.Late(ctx, window, aggregator.LateFilter(f), limit)
	list := web.LateList{Window: window, Late: make([]web.LateReading, 0, len(late)), More: more}
	for _, l := range late {
		list.Late = append(list.Late, web.LateReading{
			Device: l.Device, Tag: l.Tag, Time: l.Time, Value: web.Float(l.Value), Seq: l.Seq, Cause: l.Cause, Stored: l.Stored,
		})
	}
	return list, windowError(err)
}

// ReplayLate implements web.Windows.
func (in *intake) ReplayLate(ctx context.Context, window string, f web.LateFilter) (web.LateReplay, error) {
	done, err := in.windows.Replay(ctx, window, aggregator.LateFilter(f))
	return web.LateReplay{Readings: done.Readings, Waiting: done.Waiting}, windowError(err)
}

// windowError gives errors of windows the kinds that the API knows.
func windowError(err error) error {
	switch {
	case errors.Is(err, aggregator.ErrNoWindow):
		return kindOf{err, web.ErrNotFound}
	case errors.Is(err, stream.ErrFull):
		return kindOf{err, web.ErrUnavailable}
	}
	return err
}
