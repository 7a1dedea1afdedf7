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

// Readings implements web.Inlet.
func (*Intake) Readings(func(string) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"accepted":1}`)
	})
}

// Stream implements web.Inlet.
func (*Intake) Stream(context.Context) (web.StreamStatus, error) {
	return web.StreamStatus{
		Accepted: 3, Rejected: []web.Rejection{{Source: "http", Cause: "bad_time", Count: 1, Samples: []string{"line 1"}}},
		Windows: []web.WindowStatus{{Window: "1m", Readings: map[string]uint64{"counted": 3}, Time: Noon(), Partitions: []web.PartitionStatus{}}},
		Archive: &web.ArchiveStatus{Readings: 3, Files: 1, Bytes: 900, Oldest: Noon(), Partitions: []web.PartitionStatus{{Partition: 7, Trouble: "the store is away"}}},
	}, nil
}

// Late implements web.Windows.
func (*Intake) Late(_ context.Context, window string, f web.LateFilter, limit int) (web.LateList, error) {
	list := web.LateList{Window: window, Late: []web.LateReading{}}
	if window != "1m" {
		return list, web.ErrNotFound
	}
	seq := uint64(7)
	for _, l := range []web.LateReading{
		{Device: "pump-1", Tag: "t1", Time: Noon(), Value: 2, Seq: &seq, Cause: "early", Stored: Noon()},
		{Device: "pump-0", Tag: "t0", Time: Noon(), Value: 1, Cause: "late", Stored: Noon()},
	} {
		if (f.Device == "" || f.Device == l.Device) && (f.Cause == "" || f.Cause == l.Cause) && f.From.Before(Noon().Add(1)) {
			list.Late = append(list.Late, l)
		}
	}
	list.More = len(list.Late) > limit
	list.Late = list.Late[:min(limit, len(list.Late))]
	return list, nil
}

// ReplayLate implements web.Windows.
func (i *Intake) ReplayLate(ctx context.Context, window string, f web.LateFilter) (web.LateReplay, error) {
	list, err := i.Late(ctx, window, f, 10)
	return web.LateReplay{Readings: len(list.Late)}, err
}

// Windows implements web.Windows.
func (*Intake) Windows(_ context.Context, window string, s fleet.Sensor, i fleet.Interval) (web.WindowList, error) {
	if window != "1m" {
		return web.WindowList{}, web.ErrNotFound
	}
	return web.WindowList{Window: window, Sensor: s, From: i.From, To: i.To, Windows: []web.SensorWindow{{Start: Noon(), End: Noon().Add(time.Minute), Count: 3}}}, nil
}
