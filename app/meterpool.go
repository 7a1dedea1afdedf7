package app

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/fleetscore/fleetscore/pool"
)

// poolMeter tells Prometheus how many nodes there should be.
type poolMeter struct {
	pool *pool.Pool

	target, least, most, failing, failures *prometheus.Desc
}

func newPoolMeter(p *pool.Pool) *poolMeter {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("fleetscore_"+name, help, nil, nil)
	}
	return &poolMeter{
		pool:     p,
		target:   desc("pool_target", "Nodes that there should be."),
		least:    desc("pool_min", "Nodes that are kept without work."),
		most:     desc("pool_max", "Most nodes."),
		failing:  desc("pool_formula_failing", "1 if the formula could not be followed at some time of the last two hours, else 0."),
		failures: desc("pool_formula_failures_total", "Times that the formula could not be followed."),
	}
}

// Describe is for prometheus.
func (m *poolMeter) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.target, m.least, m.most, m.failing, m.failures} {
		ch <- d
	}
}

// Collect is for prometheus.
func (m *poolMeter) Collect(ch chan<- prometheus.Metric) {
	o, last, settings, state, failing := observer{ch}, m.pool.Last(), m.pool.Settings(), m.pool.Failing(), 0.0
	if !state.Since.IsZero() {
		failing = 1
	}
	o.gauge(m.target, float64(last.Target))
	o.gauge(m.least, float64(settings.Min))
	o.gauge(m.most, float64(settings.Max))
	o.gauge(m.failing, failing)
	o.counter(m.failures, float64(state.Times))
}
