package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ingest"
	"github.com/fleetscore/fleetscore/ingest/mqtt"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/stream"
	"github.com/fleetscore/fleetscore/stream/jetstream"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/window"
	"github.com/fleetscore/fleetscore/window/aggregator"
	"github.com/fleetscore/fleetscore/window/archive"
)

// intake takes readings in, and makes windows of them.
type intake struct {
	log     *jetstream.Log
	service *ingest.Service
	handler *ingest.Handler
	mqtt    *mqtt.Listener // nil: MQTT is off
	windows *aggregator.Service
	archive *archive.Service // nil: readings are not archived
	started bool
}

// closeFor is how long a start that failed waits for what it had begun.
const closeFor = 2 * time.Second

// openIntake opens the stream, and what is before and behind it.
func (a *App) openIntake(ctx context.Context, state string) error {
	settings := a.settings()
	log, err := a.openStream(ctx, state)
	if err != nil {
		return fmt.Errorf("opening the stream: %w", err)
	}
	in := &a.intake
	in.log = log
	if in.service, err = ingest.New(ingest.Config{
		Stream: log, Partitions: settings.Partitions, Rate: float64(settings.Ingest.Rate), Log: a.log.With("system", "ingest"),
	}); err != nil {
		return err
	}
	in.handler = ingest.NewHandler(in.service)
	if settings.Ingest.MQTT != "off" {
		cfg := mqtt.Config{
			Listen: settings.Ingest.MQTT, Topic: settings.Ingest.Topic, Service: in.service, Proxy: settings.TLS.Proxy,
			Authorize: a.authorizeMQTT, Log: a.log.With("system", "mqtt"),
		}
		if a.tls != nil {
			cfg.TLS = a.tls.Config()
		}
		in.mqtt, err = mqtt.New(cfg)
		if err != nil {
			return err
		}
	}
	windows, err := windowConfigs(settings.Windows)
	if err != nil {
		return err
	}
	shared, name := ledger.IsURL(a.ledgerPlace()), ""
	if shared {
		if name, err = nameStream(state); err != nil {
			return err
		}
	}
	consumers := stream.NewConsumers(log)
	if settings.Stream.Archive {
		if in.archive, err = a.openArchive(consumers.Add(), name); err != nil {
			return err
		}
	}
	in.windows, err = aggregator.New(aggregator.Config{
		Log: consumers.Add(), Stream: name, Alone: shared, Store: a.store, Partitions: settings.Partitions, Windows: windows, Flush: settings.Stream.Flush.Std(),
		Pinned: func() map[string]bool { return a.runs.Pinned() }, InUse: a.inUse,
		SameStore: a.mayWrite, Grace: settings.Retention.Grace.Std(), Logger: a.log.With("system", "window"),
	})
	return err
}

// streamPatience is how long a process that takes over waits for the one before, on the same
// machine and with the same folder, to end.
const streamPatience = 15 * time.Second

func (a *App) openStream(ctx context.Context, state string) (*jetstream.Log, error) {
	settings := a.settings()
	for limit := time.Now().Add(streamPatience); ; {
		log, err := jetstream.Open(ctx, jetstream.Config{
			Dir: filepath.Join(state, "stream"), Partitions: settings.Partitions, MaxBytes: int64(settings.Stream.MaxBytes), Logger: a.log.With("system", "stream"),
		})
		if !errors.Is(err, jetstream.ErrLocked) || !ledger.IsURL(a.ledgerPlace()) || time.Now().After(limit) {
			return log, err
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// inUse are the intervals of runs that are under way.
func (a *App) inUse(ctx context.Context) ([]fleet.Interval, error) {
	runs, err := a.ledger.ActiveRuns(ctx)
	intervals := make([]fleet.Interval, 0, len(runs))
	for i := range runs {
		intervals = append(intervals, runs[i].Interval)
	}
	return intervals, err
}

// meter is for Prometheus.
func (in *intake) meter() *meter {
	m := newMeter()
	m.taken, m.windows, m.stream = in.service.Stats, in.windows.Status, in.log.State
	if in.mqtt != nil {
		m.mqtt = in.mqtt.Stats
	}
	if in.archive != nil {
		m.archive.status = in.archive.Status
	}
	return m
}

// start begins to take readings in.
func (in *intake) start(ctx context.Context) error {
	in.started = true
	if err := in.windows.Start(ctx); err != nil {
		return fmt.Errorf("starting windows: %w", err)
	}
	if in.archive != nil {
		in.archive.Start(ctx)
	}
	if err := in.service.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("starting ingest: %w", err)
	}
	if in.mqtt == nil {
		return nil
	}
	if err := in.mqtt.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("%w; give another address with ingest.mqtt or FLEETSCORE_INGEST_MQTT (off: none)", err)
	}
	return nil
}

// stop stores what has come in.
func (in *intake) stop(ctx context.Context) {
	if !in.started {
		return
	}
	in.started = false
	if in.mqtt != nil {
		in.mqtt.Stop()
	}
	in.service.Stop()
	in.windows.Stop(ctx)
	if in.archive != nil {
		in.archive.Stop(ctx)
	}
}

// close lets go of the stream.
func (in *intake) close() error {
	ctx, stop := context.WithTimeout(context.Background(), closeFor)
	defer stop()
	in.stop(ctx)
	if in.log == nil {
		return nil
	}
	return in.log.Close()
}

// Readings implements web.Inlet.
func (in *intake) Readings(may func(device string) bool) http.Handler {
	if may == nil {
		return in.handler
	}
	return in.handler.For(may)
}

// Stream implements web.Inlet.
func (in *intake) Stream(ctx context.Context) (web.StreamStatus, error) {
	taken := in.service.Stats()
	out := web.StreamStatus{
		Accepted: taken.Accepted, Failed: taken.Failed, Waiting: taken.Waiting, Commits: taken.Commits, Bytes: taken.Bytes,
		Rejected: []web.Rejection{}, Windows: []web.WindowStatus{},
	}
	if in.mqtt != nil {
		out.MQTT = in.mqtt.Addr().String()
	}
	for _, r := range taken.Rejected {
		v := web.Rejection{Source: r.Source, Cause: string(r.Cause), Count: r.Count, Samples: []string{}}
		for _, s := range r.Samples {
			v.Samples = append(v.Samples, s.Time.UTC().Format(time.RFC3339)+" "+s.Detail)
		}
		out.Rejected = append(out.Rejected, v)
	}
	states, err := in.log.State(ctx)
	if err != nil {
		return out, err
	}
	out.Archive = in.archiveStatus(states)
	byName := map[string]*web.WindowStatus{}
	for _, s := range in.windows.Status() {
		w := byName[s.Window]
		if w == nil {
			w = &web.WindowStatus{Window: s.Window, Readings: map[string]uint64{}, Partitions: []web.PartitionStatus{}}
			byName[s.Window] = w
		}
		addStatus(w, &s, states[s.Partition])
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		out.Windows = append(out.Windows, *byName[name])
	}
	return out, nil
}

// addStatus adds a partition to its window.
func addStatus(w *web.WindowStatus, s *aggregator.Status, last stream.State) {
	for cause, n := range s.Counts.Readings {
		if n > 0 {
			w.Readings[window.Cause(cause).String()] += n
		}
	}
	w.Emitted += s.Counts.Windows
	w.Revisions += s.Counts.Revisions
	if behind, lag := lagOf(s.Read, s.Time, last); behind {
		w.Behind++
		w.Lag = max(w.Lag, lag.Seconds())
	}
	w.Held += s.Held
	if s.Time.After(w.Time) {
		w.Time = s.Time
	}
	if s.Trouble != "" || s.Failed != "" {
		w.Partitions = append(w.Partitions, web.PartitionStatus{Partition: s.Partition, Trouble: s.Trouble, Failed: s.Failed})
	}
}

// Windows implements web.Windows.
func (in *intake) Windows(ctx context.Context, name string, s fleet.Sensor, i fleet.Interval) (web.WindowList, error) {
	rows, err := in.windows.Windows(ctx, name, s, i)
	if err != nil {
		return web.WindowList{}, windowError(err)
	}
	list := web.WindowList{Window: name, Sensor: s, From: i.From, To: i.To, Windows: make([]web.SensorWindow, 0, len(rows))}
	names := in.windows.Quantiles(name)
	for i := range rows {
		list.Windows = append(list.Windows, viewWindow(&rows[i], names))
	}
	return list, nil
}

func viewWindow(r *aggregator.Row, quantiles []string) web.SensorWindow {
	v := web.SensorWindow{
		Start: time.Unix(0, r.Start).UTC(), End: time.Unix(0, r.End).UTC(), Rev: r.Rev, Open: r.Open, Count: r.Count,
		Sum: web.Float(r.Sum), Mean: web.Float(r.Mean), Min: web.Float(r.Min), Max: web.Float(r.Max), First: web.Float(r.First), Last: web.Float(r.Last),
		Stddev: web.Float(r.Stddev), Coverage: web.Float(r.Coverage),
	}
	for i, name := range quantiles {
		if v.Percentiles == nil {
			v.Percentiles = map[string]web.Float{}
		}
		v.Percentiles[name] = web.Float(r.Percentiles[i])
	}
	return v
}
