package app

import (
	"context"
	"time"

	"github.com/fleetscore/fleetscore/view/pace"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/window"
)

// counters are what has come in so far.
func (in *intake) counters(ctx context.Context) pace.Counters {
	s := in.service.Stats()
	c := pace.Counters{Accepted: s.Accepted, Bytes: s.Bytes, Waiting: s.Waiting}
	for _, r := range s.Rejected {
		c.Rejected += r.Count
	}
	ctx, stop := context.WithTimeout(ctx, meterTimeout)
	defer stop()
	states, err := in.log.State(ctx)
	if err != nil {
		return c // the metrics tell of it
	}
	for _, w := range in.windows.Status() {
		if w.Partition < len(states) {
			_, lag := lagOf(w.Read, w.Time, states[w.Partition])
			c.Lag = max(c.Lag, lag.Seconds())
		}
	}
	return c
}

// meterView is how readings come in, for the API.
type meterView struct{ *App }

var _ web.Meter = meterView{}

// Pulse implements web.Meter.
func (m meterView) Pulse() pace.Pulse { return m.pace.Last() }

// Paces implements web.Meter.
func (m meterView) Paces(since time.Time) []pace.Pace { return m.pace.Since(since) }

// Partitions implements web.Meter.
func (m meterView) Partitions(ctx context.Context) ([]web.Partition, error) {
	states, err := m.intake.log.State(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]web.Partition, len(states))
	for i, s := range states {
		all[i] = web.Partition{Partition: i, Windows: []web.PartitionWindow{}}
		if s.Time != 0 {
			all[i].Last = time.Unix(0, s.Time).UTC()
		}
	}
	now := time.Now()
	for _, s := range m.intake.windows.Status() {
		if s.Partition >= len(all) {
			continue
		}
		w := web.PartitionWindow{
			Window: s.Window, State: conditionOf(s.Trouble, s.Failed), Time: s.Time.UTC(), Open: s.Open, Held: s.Held,
			Readings: map[string]uint64{}, Trouble: s.Trouble, Failed: s.Failed,
		}
		behind, lag := lagOf(s.Read, s.Time, states[s.Partition])
		w.Behind, w.Lag = behind, lag.Seconds()
		if (behind || s.Open > 0) && !s.Time.IsZero() {
			w.Delay = max(0, now.Sub(s.Time).Seconds())
		}
		for cause, n := range s.Counts.Readings {
			if n > 0 {
				w.Readings[window.Cause(cause).String()] = n
			}
		}
		all[s.Partition].Windows = append(all[s.Partition].Windows, w)
	}
	return all, nil
}
