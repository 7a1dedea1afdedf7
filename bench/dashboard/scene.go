package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/store/filestore"
	"github.com/fleetscore/fleetscore/store/tile"
	"github.com/fleetscore/fleetscore/view/days"
)

const (
	partitions = 64
	tags       = 10 // of a device
	window     = "1m"
	settled    = 3 // days after which every file of windows counts
)

// scene is what is generated.
type scene struct {
	folder string
	names  []fleet.Sensor
	days   int
	end    time.Time
	asked  fleet.Sensor // whose page is opened
}

func newScene(folder string, sensors, days int, end time.Time) *scene {
	s := &scene{folder: folder, days: days, end: end}
	for i := range sensors {
		s.names = append(s.names, fleet.Sensor{Device: fmt.Sprintf("compressor-%05d", i/tags), Tag: fmt.Sprintf("tag-%d", i%tags)})
	}
	s.asked = s.names[sensors/2]
	return s
}

func (s *scene) data() string { return filepath.Join(s.folder, "data") }

func (s *scene) generate(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Join(s.data(), ".fleetscore"), 0o700); err != nil {
		return err
	}
	l, err := ledger.Open(ctx, filepath.Join(s.data(), ".fleetscore", "ledger.db"))
	if err != nil {
		return err
	}
	defer l.Close()
	if err := l.SaveJobs(ctx, []ledger.Job{{Name: "hourly", Spec: json.RawMessage(`{}`)}}, s.end); err != nil {
		return err
	}
	objects, err := filestore.Open(s.data(), filestore.Options{})
	if err != nil {
		return err
	}
	for n := range s.days * 24 {
		if err := s.hour(ctx, l, objects, n); err != nil {
			return err
		}
	}
	model, err := os.ReadFile(filepath.Join("examples", "pumps", "models", "pump-1", "temperature.pkl"))
	if err != nil {
		return err
	}
	if err := objects.Put(ctx, fmt.Sprintf("models/%s/%s.pkl", s.asked.Device, s.asked.Tag), bytes.NewReader(model)); err != nil {
		return err
	}
	for n := range s.days + settled {
		if err := s.day(ctx, objects, s.end.Truncate(24*time.Hour).AddDate(0, 0, -1-n)); err != nil {
			return err
		}
	}
	return nil
}

// hour is a run, and what became of the sensors.
func (s *scene) hour(ctx context.Context, l *ledger.Ledger, objects *filestore.Store, n int) error {
	from := s.end.Add(time.Duration(n-s.days*24) * time.Hour)
	interval := fleet.NewInterval(from, from.Add(time.Hour))
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	entries := make([]tile.Entry, len(s.names))
	r := ledger.Run{ID: interval.To.Format("20060102t150405000") + "-bench", Job: "hourly", Interval: interval, Origin: ledger.Manual, State: ledger.Queued, Created: interval.To}
	failed := 0
	for i := range entries {
		e := tile.Entry{Sensor: s.names[i], Fate: tile.Normal, Cost: tile.CostOf(time.Millisecond)}
		switch x := rng.Float64(); {
		case x < 0.01:
			e.Fate = tile.Anomalous
			r.Anomalies += 3
		case x < 0.018:
			e.Fate = tile.Failed(fleet.NoModel, false)
			failed++
		case x < 0.02:
			e.Fate = tile.Silent
			r.Silent++
		}
		entries[i] = e
	}
	if err := tile.Write(ctx, objects, fleet.TileKey("hourly", interval, 1), entries); err != nil {
		return err
	}
	if err := l.AddRun(ctx, r); err != nil {
		return err
	}
	r.State, r.Rev, r.Committed, r.Complete, r.Started, r.Finished, r.Tasks, r.TasksDone = ledger.Succeeded, 1, true, true, r.Created, r.Created.Add(20*time.Second), partitions, partitions
	r.Sensors, r.Failed, r.Scored = len(s.names), failed, len(s.names)-failed-r.Silent
	r.Readings, r.Predictions = int64(60*len(s.names)), int64(60*r.Scored)
	r.Causes = []fleet.Group{{Cause: fleet.NoModel, Sensors: failed, Rows: int64(60 * failed), Example: "no model"}}
	if err := l.SaveRun(ctx, r); err != nil {
		return err
	}
	body, err := json.Marshal(fleet.Commit{Job: "hourly", Interval: interval, Rev: 1, Run: r.ID, Time: r.Finished, Complete: true, Counts: r.Counts, Causes: r.Causes, Tasks: []fleet.CommitTask{}, Tile: fleet.TileKey("hourly", interval, 1)})
	if err != nil {
		return err
	}
	return objects.Put(ctx, fleet.CommitKey("hourly", interval, 1), bytes.NewReader(body))
}

// day is a day's windows of the partition of the sensor that is asked for.
func (s *scene) day(ctx context.Context, objects *filestore.Store, begin time.Time) error {
	p := fleet.Partition(s.asked.Device, partitions)
	var keys []string
	for hour := range 24 {
		key := fmt.Sprintf("windows/window=%s/date=%s/hour=%02d/p=%03d-000000000001-bench.parquet", window, begin.Format("2006-01-02"), hour, p)
		if err := objects.Put(ctx, key, bytes.NewReader(nil)); err != nil {
			return err
		}
		keys = append(keys, key)
	}
	b := days.NewBuilder(begin)
	for _, sensor := range s.names {
		if fleet.Partition(sensor.Device, partitions) != p {
			continue
		}
		for minute := range 1440 {
			v := 20 + math.Sin(float64(minute)/100)
			b.Add(sensor, days.Window{Start: begin.Add(time.Duration(minute) * time.Minute).UnixNano(), Count: 60, Mean: v, Min: v - 1, Max: v + 1})
		}
	}
	return objects.Put(ctx, days.Key(window, begin, p), bytes.NewReader(b.Encode(days.FingerprintOf(keys))))
}
