package app

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/fleetscore/fleetscore/pool"
)

// poolMeter tells Prometheus how many nodes there should be.
type poolMeter struct {
	pool *pool.Pool

	target, least, most, failing *prometheus.Desc
}

func newPoolMeter(p *pool.Pool) *poolMeter {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("fleetscore_"+name, help, nil, nil)
	}
	return &poolMeter{
		pool:    p,
		target:  desc("pool_target", "Nodes that there should be."),
		least:   desc("pool_min", "Nodes that are kept without work."),
		most:    desc("pool_max", "Most nodes."),
		failing: desc("pool_formula_failing", "1 if the formula could not be followed the last time, else 0."),
	}
}

// Describe is for prometheus.
func (m *poolMeter) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.target, m.least, m.most, m.failing} {
		ch <- d
	}
}

// Collect is for prometheus.
func (m *poolMeter) Collect(ch chan<- prometheus.Metric) {
	o, last, settings, failing := observer{ch}, m.pool.Last(), m.pool.Settings(), 0.0
	if last.Error != "" {
		failing = 1
	}
	o.gauge(m.target, float64(last.Target))
	o.gauge(m.least, float64(settings.Min))
	o.gauge(m.most, float64(settings.Max))
	o.gauge(m.failing, failing)
}
