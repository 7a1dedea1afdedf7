package monitor

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// delivery logs when what is sent ceases to arrive, and when it arrives again.
type delivery struct {
	log  *slog.Logger
	what string

	mu      sync.Mutex
	failing bool
}

func (d *delivery) told(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case err != nil && !d.failing:
		d.log.Warn(d.what+" do not reach their collector; the work goes on without", "error", err)
	case err == nil && d.failing:
		d.log.Info(d.what + " reach their collector again")
	}
	d.failing = err != nil
}

// counted is an exporter of metrics whose exports are counted.
type counted struct {
	metric.Exporter
	delivery         *delivery
	exported, failed atomic.Int64
}

// Export is for the SDK. A failure is told here, and to nobody else.
func (c *counted) Export(ctx context.Context, m *metricdata.ResourceMetrics) error {
	err := c.Exporter.Export(ctx, m)
	if err != nil {
		c.failed.Add(1)
	} else {
		c.exported.Add(1)
	}
	c.delivery.told(err)
	return nil
}
