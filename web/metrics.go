package web

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/fleetscore/fleetscore/ledger"
)

const metricsType = "text/plain; version=0.0.4; charset=utf-8"

// jobLabel is the label of a job. "job" is taken: by who scrapes, and by OTLP.
const jobLabel = "job_name"

// metrics counts what happens. No device is a label: there are too many.
type metrics struct {
	registry *prometheus.Registry
	handler  http.Handler
	server   *Server
	seen     recent // runs that were counted

	requests *prometheus.CounterVec
	runs     *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	tasks    *prometheus.CounterVec
	scored   *prometheus.CounterVec
	failed   *prometheus.CounterVec
	rows     *prometheus.CounterVec

	// What is read when it is asked for.
	active, working, nodes, readers, dropped *prometheus.Desc
}

func newMetrics(s *Server) *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "fleetscore_" + name, Help: help}, labels)
	}
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("fleetscore_"+name, help, labels, nil)
	}
	m := &metrics{
		registry: prometheus.NewRegistry(), server: s,
		requests: counter("api_requests_total", "Requests, by route and status.", "route", "status"),
		runs:     counter("runs_total", "Runs that are over, by how they ended.", jobLabel, "state"),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "fleetscore_run_duration_seconds", Help: "From the making of a run to its end.",
			Buckets: []float64{.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600},
		}, []string{jobLabel, "state"}),
		tasks:   counter("task_attempts_total", "Attempts at tasks that are over, by how they ended.", "state"),
		scored:  counter("sensors_scored_total", "Sensors with predictions, in runs that are over.", jobLabel),
		failed:  counter("sensors_failed_total", "Sensors that failed, in runs that are over, by cause.", jobLabel, "cause"),
		rows:    counter("predictions_total", "Predictions, in runs that are over: normal or anomalous.", jobLabel, "kind"),
		active:  desc("runs", "Runs that are not over.", jobLabel, "state"),
		working: desc("tasks", "Tasks of runs that are not over.", "state"),
		nodes:   desc("nodes", "Nodes that are there.", "state"),
		readers: desc("event_readers", "Readers of the stream of events."),
		dropped: desc("event_readers_dropped_total", "Readers of the stream of events that were too slow."),
	}
	m.registry.MustRegister(m.requests, m.runs, m.seconds, m.tasks, m.scored, m.failed, m.rows, m,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "fleetscore_build_info", Help: "1, with the version.", ConstLabels: prometheus.Labels{"version": s.cfg.Version}}, func() float64 { return 1 }))
	m.registry.MustRegister(s.cfg.Metrics...)
	m.handler = promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4})
	return m
}

// Metrics gathers what /metrics shows.
func (s *Server) Metrics() prometheus.Gatherer { return s.metrics.registry }

func (m *metrics) serve(w http.ResponseWriter, r *http.Request) { m.handler.ServeHTTP(w, r) }

// event counts what is over.
func (m *metrics) event(e Event) {
	switch {
	case e.Task != nil && e.Task.State.Final():
		m.tasks.WithLabelValues(string(e.Task.State)).Inc()
	case e.Run != nil && e.Run.State.Final() && m.seen.add(e.Run.ID):
		m.over(e.Run)
	}
}

func (m *metrics) over(r *ledger.Run) {
	m.runs.WithLabelValues(r.Job, string(r.State)).Inc()
	if !r.Finished.IsZero() {
		m.seconds.WithLabelValues(r.Job, string(r.State)).Observe(r.Finished.Sub(r.Created).Seconds())
	}
	m.scored.WithLabelValues(r.Job).Add(float64(r.Scored))
	m.rows.WithLabelValues(r.Job, "anomalous").Add(float64(r.Anomalies))
	m.rows.WithLabelValues(r.Job, "normal").Add(float64(max(r.Predictions-r.Anomalies, 0)))
	for _, g := range r.Causes {
		m.failed.WithLabelValues(r.Job, string(g.Cause)).Add(float64(g.Sensors))
	}
}

// Describe is for prometheus.
func (m *metrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.active, m.working, m.nodes, m.readers, m.dropped} {
		ch <- d
	}
}

// Collect is for prometheus.
func (m *metrics) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, n int, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), labels...)
	}
	readers, dropped, running := m.server.cfg.Hub.stats()
	gauge(m.readers, readers)
	ch <- prometheus.MustNewConstMetric(m.dropped, prometheus.CounterValue, float64(dropped))
	ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
	defer cancel()
	if nodes, err := m.server.cfg.Ledger.Nodes(ctx, m.server.cfg.Now()); err == nil {
		byState := map[string]int{"starting": 0, "idle": 0, "busy": 0}
		for _, n := range alive(nodes) {
			byState[string(n.State)]++
		}
		for state, n := range byState {
			gauge(m.nodes, n, state)
		}
	} else {
		ch <- prometheus.NewInvalidMetric(m.nodes, err)
	}
	runs, err := m.server.cfg.Ledger.ActiveRuns(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(m.active, err)
		return
	}
	type key struct{ job, state string }
	byState := map[key]int{}
	open := 0
	for _, r := range runs {
		byState[key{r.Job, string(r.State)}]++
		open += max(r.Tasks-r.TasksDone, 0)
	}
	for k, n := range byState {
		gauge(m.active, n, k.job, k.state)
	}
	gauge(m.working, running, "running")
	gauge(m.working, max(open-running, 0), "waiting")
}
