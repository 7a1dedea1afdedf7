package app

import (
	"context"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fleetscore/fleetscore/ingest"
	"github.com/fleetscore/fleetscore/ingest/mqtt"
	"github.com/fleetscore/fleetscore/stream"
	"github.com/fleetscore/fleetscore/window"
	"github.com/fleetscore/fleetscore/window/aggregator"
)

// meter tells Prometheus how readings come in and become windows. No device is a
// label: there are too many.
type meter struct {
	taken   func() ingest.Stats
	mqtt    func() mqtt.Stats // nil: MQTT is off
	windows func() []aggregator.Status
	stream  func(context.Context) ([]stream.State, error)
	now     func() time.Time

	all []*prometheus.Desc

	accepted, failed, rejected, waiting, commits, commitFailures, appending, messages, bytes *prometheus.Desc

	open, connections, refused, broken *prometheus.Desc

	archive archiveMeter

	readings, emitted, revisions, lookups, clamped, lag, delay, held, age, state *prometheus.Desc
}

func newMeter() *meter {
	m := &meter{now: time.Now}
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		d := prometheus.NewDesc("fleetscore_"+name, help, labels, nil)
		m.all = append(m.all, d)
		return d
	}
	m.accepted = desc("readings_accepted_total", "Readings that are durable, and were acknowledged.")
	m.failed = desc("readings_failed_total", "Readings that could not be stored, whose senders were told so.")
	m.rejected = desc("readings_rejected_total", "Readings, or messages, that were not taken, by cause.", "source", "cause")
	m.waiting = desc("readings_waiting", "Readings that wait to be stored.")
	m.commits = desc("ingest_commits_total", "How often readings were stored together.")
	m.commitFailures = desc("ingest_commit_failures_total", "How often that failed.")
	m.appending = desc("ingest_append_seconds_total", "Time that it took, failures too.")
	m.messages = desc("ingest_messages_total", "Messages of the stream that were stored.")
	m.bytes = desc("ingest_bytes_total", "Bytes of these.")

	m.open = desc("mqtt_connections", "Connections of MQTT clients that are open.")
	m.connections = desc("mqtt_connections_total", "Connections that were taken.")
	m.refused = desc("mqtt_connections_refused_total", "Connections that were not: too many, or not allowed.")
	m.broken = desc("mqtt_connections_closed_total", "Connections that were closed: protocol, for what the client sent; not_stored, as what it sent was not stored.", "cause")

	of := []string{"window", "partition"}
	m.readings = desc("window_readings_total", "Readings, by where they ended.", "window", "partition", "end")
	m.emitted = desc("windows_total", "Windows that came out for the first time.", of...)
	m.revisions = desc("window_revisions_total", "Windows that came out again, as readings came late.", of...)
	m.lookups = desc("window_lookups_total", "Windows that were looked up, as late readings needed them.", of...)
	m.clamped = desc("window_clamped_total", "Values that a filter changed.", of...)
	m.lag = desc("window_lag_seconds", "By how much what was appended last is newer than what was read last.", of...)
	m.delay = desc("window_delay_seconds", "How long ago what was read last was appended, where a window is open or more is to be read.", of...)
	m.held = desc("window_held_bytes", "Of windows that are not stored yet, about.", of...)
	m.age = desc("window_checkpoint_age_seconds", "Since the last checkpoint, where something has been read since.", of...)
	m.state = desc("window_partitions", "Partitions that are working, waiting for something to succeed, or have given up.", "window", "state")
	m.archive = newArchiveMeter(desc)
	return m
}

// Describe is for prometheus.
func (m *meter) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range m.all {
		ch <- d
	}
}

// meterTimeout is how long the stream gets to say how far it is.
const meterTimeout = 2 * time.Second

// Collect is for prometheus.
func (m *meter) Collect(ch chan<- prometheus.Metric) {
	o := observer{ch}
	m.collectIngest(o)
	if m.mqtt != nil {
		s := m.mqtt()
		o.gauge(m.open, float64(s.Open))
		o.counter(m.connections, float64(s.Accepted))
		o.counter(m.refused, float64(s.Refused))
		o.counter(m.broken, float64(s.Broken), "protocol")
		o.counter(m.broken, float64(s.Failed), "not_stored")
	}
	ctx, stop := context.WithTimeout(context.Background(), meterTimeout)
	defer stop()
	states, err := m.stream(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(m.lag, err)
	}
	m.collectWindows(o, states)
	m.archive.collect(o, states, m.now())
}

func (m *meter) collectIngest(o observer) {
	s := m.taken()
	o.counter(m.accepted, float64(s.Accepted))
	o.counter(m.failed, float64(s.Failed))
	for _, r := range s.Rejected {
		o.counter(m.rejected, float64(r.Count), r.Source, string(r.Cause))
	}
	o.gauge(m.waiting, float64(s.Waiting))
	o.counter(m.commits, float64(s.Commits))
	o.counter(m.commitFailures, float64(s.Failures))
	o.counter(m.appending, s.Appending.Seconds())
	o.counter(m.messages, float64(s.Messages))
	o.counter(m.bytes, float64(s.Bytes))
}

// collectWindows tells of the windows; states are nil if the stream did not answer.
func (m *meter) collectWindows(o observer, states []stream.State) {
	now := m.now()
	partitions := map[string]map[string]int{}
	for _, s := range m.windows() {
		at := []string{s.Window, strconv.Itoa(s.Partition)}
		for cause, n := range s.Done.Readings {
			if n > 0 {
				o.counter(m.readings, float64(n), append(at, window.Cause(cause).String())...)
			}
		}
		o.counter(m.emitted, float64(s.Done.Windows), at...)
		o.counter(m.revisions, float64(s.Done.Revisions), at...)
		o.counter(m.lookups, float64(s.Done.Lookups), at...)
		o.counter(m.clamped, float64(s.Done.Clamped), at...)
		o.gauge(m.held, float64(s.Held), at...)
		behind := false
		if s.Partition < len(states) {
			var lag time.Duration
			behind, lag = lagOf(s.Read, s.Time, states[s.Partition])
			o.gauge(m.lag, lag.Seconds(), at...)
		}
		if (behind || s.Open > 0) && !s.Time.IsZero() {
			o.gauge(m.delay, max(0, now.Sub(s.Time).Seconds()), at...)
		}
		if s.Checkpoint > 0 && s.Read > s.Stored {
			o.gauge(m.age, max(0, now.Sub(s.Written).Seconds()), at...)
		}
		if partitions[s.Window] == nil {
			partitions[s.Window] = map[string]int{"working": 0, "waiting": 0, "failed": 0}
		}
		partitions[s.Window][conditionOf(s.Trouble, s.Failed)]++
	}
	for name, states := range partitions {
		for state, n := range states {
			o.gauge(m.state, float64(n), name, state)
		}
	}
}

// lagOf says whether a partition has something to read, and by how much that is newer
// than what was read last, at a time.
func lagOf(read stream.Position, at time.Time, last stream.State) (behind bool, lag time.Duration) {
	if last.Last <= max(read, last.Trimmed) { // a new reader cannot read what is gone
		return false, 0
	}
	if !at.IsZero() {
		lag = max(0, time.Unix(0, last.Time).Sub(at))
	}
	return true, lag
}

func conditionOf(trouble, failed string) string {
	switch {
	case failed != "":
		return "failed"
	case trouble != "":
		return "waiting"
	}
	return "working"
}

// observer sends what is read to Prometheus.
type observer struct{ ch chan<- prometheus.Metric }

func (o observer) counter(d *prometheus.Desc, v float64, labels ...string) {
	o.ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
}

func (o observer) gauge(d *prometheus.Desc, v float64, labels ...string) {
	o.ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}
