package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fleetscore/fleetscore/ingest"
	"github.com/fleetscore/fleetscore/ingest/mqtt"
	"github.com/fleetscore/fleetscore/stream"
	"github.com/fleetscore/fleetscore/window"
	"github.com/fleetscore/fleetscore/window/aggregator"
	"github.com/fleetscore/fleetscore/window/archive"
)

// gather reads all metrics, as name{labels} value.
func gather(t *testing.T, m *meter) ([]string, error) {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(m); err != nil {
		t.Fatal(err)
	}
	families, err := registry.Gather()
	var lines []string
	for _, f := range families {
		for _, v := range f.GetMetric() {
			var labels []string
			for _, l := range v.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			lines = append(lines, fmt.Sprintf("%s{%s} %v", strings.TrimPrefix(f.GetName(), "fleetscore_"), strings.Join(labels, ","), v.GetCounter().GetValue()+v.GetGauge().GetValue()))
		}
	}
	return lines, err
}

// What comes in and what becomes of it can be seen, by partition where one can be
// behind, and never by device.
func TestMeter(t *testing.T) {
	now := time.Unix(1000, 0)
	m := newMeter()
	m.now = func() time.Time { return now }
	m.taken = func() ingest.Stats {
		return ingest.Stats{Accepted: 7, Failed: 2, Waiting: 3, Commits: 4, Failures: 1, Appending: 1500 * time.Millisecond, Messages: 5, Bytes: 600,
			Rejected: []ingest.Rejection{{Source: "http", Cause: "bad_time", Count: 8}}}
	}
	m.mqtt = func() mqtt.Stats { return mqtt.Stats{Open: 1, Accepted: 9, Refused: 2, Broken: 3, Failed: 4} }
	busy := aggregator.Status{Window: "1m", Read: 10, Stored: 9, Time: now.Add(-20 * time.Second), Open: 1, Checkpoint: 3, Written: now.Add(-40 * time.Second), Held: 11}
	busy.Done.Readings[window.Counted], busy.Done.Readings[window.Late] = 5, 1
	busy.Done.Windows, busy.Done.Revisions, busy.Done.Lookups = 6, 2, 1
	idle := aggregator.Status{Window: "1m", Partition: 1, Read: 10, Stored: 10, Time: now.Add(-time.Hour), Checkpoint: 3, Written: now.Add(-time.Hour), Trouble: "x"}
	m.windows = func() []aggregator.Status { return []aggregator.Status{busy, idle} }
	m.stream = func(context.Context) ([]stream.State, error) {
		return []stream.State{{Last: 1 << 20, Time: now.Add(-5 * time.Second).UnixNano()}, {Last: 10, Time: now.Add(-time.Hour).UnixNano()}}, nil
	}
	m.archive.status = func() []archive.Status {
		return []archive.Status{
			{Read: 10, Time: now.Add(-20 * time.Second), Oldest: now.Add(-50 * time.Second), Held: 12, Readings: 13, Files: 2, Bytes: 700},
			{Partition: 1, Read: 10, Stored: 10, Time: now.Add(-time.Hour), Trouble: "x"},
		}
	}
	got, err := gather(t, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"readings_accepted_total{} 7", "readings_failed_total{} 2", "readings_rejected_total{cause=bad_time,source=http} 8", "readings_waiting{} 3",
		"ingest_commits_total{} 4", "ingest_commit_failures_total{} 1", "ingest_append_seconds_total{} 1.5", "ingest_messages_total{} 5", "ingest_bytes_total{} 600",
		"mqtt_connections{} 1", "mqtt_connections_total{} 9", "mqtt_connections_refused_total{} 2", "mqtt_connections_closed_total{cause=protocol} 3", "mqtt_connections_closed_total{cause=not_stored} 4",
		"window_readings_total{end=counted,partition=0,window=1m} 5", "window_readings_total{end=late,partition=0,window=1m} 1",
		"windows_total{partition=0,window=1m} 6", "window_revisions_total{partition=0,window=1m} 2", "window_lookups_total{partition=0,window=1m} 1",
		"window_lag_seconds{partition=0,window=1m} 15", "window_lag_seconds{partition=1,window=1m} 0", "window_delay_seconds{partition=0,window=1m} 20",
		"window_held_bytes{partition=0,window=1m} 11", "window_checkpoint_age_seconds{partition=0,window=1m} 40",
		"window_partitions{state=working,window=1m} 1", "window_partitions{state=waiting,window=1m} 1", "window_partitions{state=failed,window=1m} 0",
		"archived_readings_total{partition=0} 13", "archived_files_total{partition=0} 2", "archived_bytes_total{partition=0} 700", "archive_held_bytes{partition=0} 12",
		"archive_lag_seconds{partition=0} 15", "archive_lag_seconds{partition=1} 0", "archive_age_seconds{partition=0} 50", "archive_age_seconds{partition=1} 0",
		"archive_partitions{state=working} 1", "archive_partitions{state=waiting} 1", "archive_partitions{state=failed} 0",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("there is no %s in\n%s", want, strings.Join(got, "\n"))
		}
	}
	for _, line := range got {
		if strings.Contains(line, "partition=1") && (strings.HasPrefix(line, "window_delay") || strings.HasPrefix(line, "window_checkpoint_age")) {
			t.Errorf("a partition that has nothing to do: %s", line)
		}
	}
	m.mqtt = nil
	m.stream = func(context.Context) ([]stream.State, error) { return nil, errors.New("away") }
	got, err = gather(t, m)
	if err == nil || !slices.Contains(got, "window_held_bytes{partition=0,window=1m} 11") {
		t.Errorf("without the stream: %v\n%s", err, strings.Join(got, "\n"))
	}
}
