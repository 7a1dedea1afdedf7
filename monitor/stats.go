package monitor

import "github.com/prometheus/client_golang/prometheus"

// Collector tells Prometheus what became of traces and metrics that were sent.
func (m *Monitor) Collector() prometheus.Collector {
	return collector{m,
		prometheus.NewDesc("fleetscore_telemetry_spans_total", "Spans, by what became of them: exported, failed (the collector did not take them), dropped (too many waited).", []string{"result"}, nil),
		prometheus.NewDesc("fleetscore_telemetry_spans_waiting", "Spans that wait to be exported.", nil, nil),
		prometheus.NewDesc("fleetscore_telemetry_metric_exports_total", "How often metrics were sent, by what came of it.", []string{"result"}, nil),
	}
}

type collector struct {
	*Monitor
	spans, waiting, exports *prometheus.Desc
}

// Describe is for prometheus.
func (c collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.spans, c.waiting, c.exports} {
		ch <- d
	}
}

// Collect is for prometheus. What is off is not told of.
func (c collector) Collect(ch chan<- prometheus.Metric) {
	tell := func(d *prometheus.Desc, kind prometheus.ValueType, v int64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, kind, float64(v), labels...)
	}
	if g := c.gate; g != nil {
		waiting := g.waiting.Load()
		tell(c.spans, prometheus.CounterValue, g.exported.Load(), "exported")
		tell(c.spans, prometheus.CounterValue, g.failed.Load(), "failed")
		tell(c.spans, prometheus.CounterValue, g.dropped.Load(), "dropped")
		tell(c.waiting, prometheus.GaugeValue, waiting)
	}
	if e := c.counted; e != nil {
		tell(c.exports, prometheus.CounterValue, e.exported.Load(), "exported")
		tell(c.exports, prometheus.CounterValue, e.failed.Load(), "failed")
	}
}
