package webtest

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/web"
)

// Intake takes everything, and has one window of every sensor.
type Intake struct{}

// Readings implements web.Intake.
func (*Intake) Readings() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"accepted":1}`)
	})
}

// Stream implements web.Intake.
func (*Intake) Stream(context.Context) (web.StreamStatus, error) {
	return web.StreamStatus{
		Accepted: 3, Rejected: []web.Rejection{{Source: "http", Cause: "bad_time", Count: 1, Samples: []string{"line 1"}}},
		Windows: []web.WindowStatus{{Window: "1m", Readings: map[string]uint64{"counted": 3}, Time: Noon(), Partitions: []web.PartitionStatus{}}},
	}, nil
}

// Windows implements web.Intake.
func (*Intake) Windows(_ context.Context, window string, s fleet.Sensor, i fleet.Interval) (web.WindowList, error) {
	if window != "1m" {
		return web.WindowList{}, web.ErrNotFound
	}
	return web.WindowList{Window: window, Sensor: s, From: i.From, To: i.To, Windows: []web.SensorWindow{{Start: Noon(), End: Noon().Add(time.Minute), Count: 3}}}, nil
}
