package webtest

import (
	"context"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/view/series"
	"github.com/fleetscore/fleetscore/web"
)

// Charts have one window of every sensor.
type Charts struct{}

// First implements web.Charts.
func (Charts) First(_ context.Context, _ string) (fleet.Interval, error) {
	return fleet.NewInterval(Noon(), Noon().Add(time.Hour)), nil
}

// Chart implements web.Charts.
func (Charts) Chart(_ context.Context, window string, _ fleet.Sensor, _ fleet.Interval) ([]series.Window, error) {
	if window != "1m" {
		return nil, web.ErrNotFound
	}
	return []series.Window{{Start: Noon(), End: Noon().Add(time.Minute), Count: 3}}, nil
}
