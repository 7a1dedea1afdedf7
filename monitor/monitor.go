package monitor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	bridge "go.opentelemetry.io/contrib/bridges/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/fleetscore/fleetscore/monitor/span"
)

// Config is what a Monitor works with.
type Config struct {
	// OTLP is the base URL of a collector that speaks OTLP by HTTP. If it is empty
	// the variables OTEL_EXPORTER_OTLP_ENDPOINT and the like say where it is, and
	// without them nothing is sent.
	OTLP     string
	Traces   bool          // whether traces are sent
	Metrics  bool          // whether metrics are
	Interval time.Duration // between two sendings of metrics
	Version  string        // of the program
	Log      *slog.Logger  // nil: slog.Default
}

// Monitor sends traces and metrics to a collector.
type Monitor struct {
	cfg      Config
	resource *resource.Resource
	gate     *gate
	traces   *sdk.TracerProvider // nil: none are sent
	counted  *counted
	metrics  *metric.MeterProvider // nil: none are sent
	stopped  bool
}

// New returns a Monitor, which sends traces from now on. It does not look whether
// the collector is there: that may come later.
func New(ctx context.Context, cfg Config) (*Monitor, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	m := &Monitor{cfg: cfg}
	address, on, err := endpoint(cfg.OTLP, "traces")
	if err != nil || !on || !cfg.Traces {
		return m, err
	}
	var options []otlptracehttp.Option
	if address != "" {
		options = append(options, otlptracehttp.WithEndpointURL(address))
	}
	exporter, err := otlptracehttp.New(ctx, options...)
	if err != nil {
		return m, fmt.Errorf("sending traces: %w", err)
	}
	if err := m.identify(ctx); err != nil {
		return m, err
	}
	m.gate = newGate(exporter, &delivery{log: cfg.Log, what: "traces"}, mostWaiting)
	m.traces = sdk.NewTracerProvider(sdk.WithIDGenerator(span.IDs{}), sdk.WithResource(m.resource), sdk.WithSpanProcessor(m.gate))
	return m, nil
}

// identify says who sends: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, or else we.
func (m *Monitor) identify(ctx context.Context) (err error) {
	if m.resource != nil {
		return nil
	}
	host, _ := os.Hostname() // only a name
	m.resource, err = resource.New(ctx, resource.WithTelemetrySDK(), resource.WithHost(), resource.WithAttributes(
		attribute.String("service.name", "fleetscore"), attribute.String("service.version", m.cfg.Version), attribute.String("service.instance.id", host)),
		resource.WithFromEnv())
	if err != nil {
		return fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	return nil
}

// Tracer makes spans; if no traces are sent, ones of which nothing comes.
func (m *Monitor) Tracer() trace.Tracer {
	if m.traces == nil {
		return noop.NewTracerProvider().Tracer("")
	}
	return m.traces.Tracer("github.com/fleetscore/fleetscore")
}

// Tracing reports whether traces are sent.
func (m *Monitor) Tracing() bool { return m.traces != nil }

// Send sends, from now on, what from gathers.
func (m *Monitor) Send(ctx context.Context, from prometheus.Gatherer) error {
	address, on, err := endpoint(m.cfg.OTLP, "metrics")
	if err != nil || !on || !m.cfg.Metrics {
		return err
	}
	var options []otlpmetrichttp.Option
	if address != "" {
		options = append(options, otlpmetrichttp.WithEndpointURL(address))
	}
	exporter, err := otlpmetrichttp.New(ctx, options...)
	if err != nil {
		return fmt.Errorf("sending metrics: %w", err)
	}
	if err := m.identify(ctx); err != nil {
		return err
	}
	m.counted = &counted{Exporter: exporter, delivery: &delivery{log: m.cfg.Log, what: "metrics"}}
	producer := bridge.NewMetricProducer(bridge.WithGatherer(prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		families, err := from.Gather()
		if err != nil { // what there is all the same is sent, as /metrics shows it
			m.cfg.Log.Debug("some metrics cannot be read", "error", err)
		}
		return families, nil
	})))
	reader := metric.NewPeriodicReader(m.counted, metric.WithInterval(m.cfg.Interval), metric.WithProducer(producer))
	m.metrics = metric.NewMeterProvider(metric.WithReader(reader), metric.WithResource(m.resource))
	return nil
}

// Stop sends what is left, for as long as ctx lasts. Once is enough.
func (m *Monitor) Stop(ctx context.Context) error {
	if m.stopped {
		return nil
	}
	m.stopped = true
	var errs []error
	if m.traces != nil {
		errs = append(errs, m.traces.Shutdown(ctx))
	}
	if m.metrics != nil {
		errs = append(errs, m.metrics.Shutdown(ctx))
	}
	return errors.Join(errs...)
}
