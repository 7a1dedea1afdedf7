package app

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fleetscore/fleetscore/stream"
	"github.com/fleetscore/fleetscore/window/archive"
)

// archiveMeter tells Prometheus how readings are archived.
type archiveMeter struct {
	status func() []archive.Status // nil: nothing is archived

	readings, files, bytes, held, lag, age, state *prometheus.Desc
}

func newArchiveMeter(desc func(name, help string, labels ...string) *prometheus.Desc) archiveMeter {
	return archiveMeter{
		readings: desc("archived_readings_total", "Readings that were archived.", "partition"),
		files:    desc("archived_files_total", "Files that they are in.", "partition"),
		bytes:    desc("archived_bytes_total", "Bytes of these.", "partition"),
		held:     desc("archive_held_bytes", "Of memory that are held for the next file.", "partition"),
		lag:      desc("archive_lag_seconds", "By how much what was appended last is newer than what the archive has read last.", "partition"),
		age:      desc("archive_age_seconds", "How long ago the oldest was appended of what was read and is in no file yet.", "partition"),
		state:    desc("archive_partitions", "Partitions whose archive is working, waiting for something to succeed, or has given up.", "state"),
	}
}

// collect tells of the archive; states are nil if the stream did not answer.
func (m *archiveMeter) collect(o observer, states []stream.State, now time.Time) {
	if m.status == nil {
		return
	}
	conditions := map[string]int{"working": 0, "waiting": 0, "failed": 0}
	for _, s := range m.status() {
		at := strconv.Itoa(s.Partition)
		o.counter(m.readings, float64(s.Readings), at)
		o.counter(m.files, float64(s.Files), at)
		o.counter(m.bytes, float64(s.Bytes), at)
		o.gauge(m.held, float64(s.Held), at)
		if s.Partition < len(states) {
			_, lag := lagOf(s.Read, s.Time, states[s.Partition])
			o.gauge(m.lag, lag.Seconds(), at)
		}
		age := time.Duration(0)
		if !s.Oldest.IsZero() {
			age = max(0, now.Sub(s.Oldest))
		}
		o.gauge(m.age, age.Seconds(), at)
		conditions[conditionOf(s.Trouble, s.Failed)]++
	}
	for state, n := range conditions {
		o.gauge(m.state, float64(n), state)
	}
}
