package monitor_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/internal/testkit/otlp"
	"github.com/fleetscore/fleetscore/monitor"
	"github.com/fleetscore/fleetscore/monitor/span"
)

func TestMain(m *testing.M) {
	// Of connections that tests break off.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("internal/poll.runtime_pollWait"),
		goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"), goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"))
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func newMonitor(t *testing.T, cfg monitor.Config) *monitor.Monitor {
	t.Helper()
	cfg.Traces, cfg.Metrics = true, true
	if cfg.Log == nil {
		cfg.Log = quiet()
	}
	m, err := monitor.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// stop ends a monitor whose collector may never answer.
func stop(m *monitor.Monitor, d time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	_ = m.Stop(ctx) // it says what was not sent
}

func results(t *testing.T, m *monitor.Monitor) map[string]float64 {
	t.Helper()
	all := map[string]float64{}
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.Collector())
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, one := range f.Metric {
			name := strings.TrimPrefix(f.GetName(), "fleetscore_telemetry_")
			for _, l := range one.Label {
				name = strings.TrimPrefix(name+" "+l.GetValue(), "spans_total ")
			}
			all[name] = one.Counter.GetValue() + one.Gauge.GetValue()
		}
	}
	return all
}

// TestOff has nothing configured: nothing is sent, and a span costs no memory.
func TestOff(t *testing.T) {
	for _, name := range []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"} {
		t.Setenv(name, "")
	}
	m := newMonitor(t, monitor.Config{})
	if err := m.Send(t.Context(), prometheus.NewRegistry()); err != nil || m.Tracing() {
		t.Fatal(err, m.Tracing())
	}
	tracer, ctx := m.Tracer(), t.Context()
	if n := testing.AllocsPerRun(100, func() {
		_, s := tracer.Start(ctx, "plan")
		s.End()
	}); n > 2 {
		t.Errorf("a span that nobody wants allocates %v times", n)
	}
	if n := testutil.CollectAndCount(m.Collector()); n != 0 {
		t.Errorf("%d metrics of what is off", n)
	}
	stop(m, time.Second)
}

// TestVariables are those of OpenTelemetry.
func TestVariables(t *testing.T) {
	r := otlp.New()
	defer r.Close()
	for name, c := range map[string]struct {
		env   map[string]string
		on    bool
		wrong string
	}{
		"endpoint":      {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": r.URL}, true, ""},
		"of traces":     {map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": r.URL + "/v1/traces"}, true, ""},
		"disabled":      {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": r.URL, "OTEL_SDK_DISABLED": "true"}, false, ""},
		"none":          {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": r.URL, "OTEL_TRACES_EXPORTER": "none"}, false, ""},
		"another":       {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": r.URL, "OTEL_TRACES_EXPORTER": "zipkin"}, false, "only otlp and none"},
		"grpc":          {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": r.URL, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, false, "4318"},
		"grpc's port":   {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317"}, false, "4318"},
		"no address":    {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "127.0.0.1:4318"}, false, "not the address"},
		"with a secret": {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://me:hidden@127.0.0.1:4318"}, false, "OTEL_EXPORTER_OTLP_HEADERS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer%20of-the-collector")
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			m, err := monitor.New(t.Context(), monitor.Config{Traces: true, Log: quiet()})
			if c.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), c.wrong) || strings.Contains(err.Error(), "hidden") {
					t.Fatal(err)
				}
				return
			}
			if err != nil || m.Tracing() != c.on {
				t.Fatal(err, m.Tracing())
			}
			_, s := m.Tracer().Start(t.Context(), name)
			s.End()
			stop(m, 10*time.Second)
			if !c.on {
				return
			}
			spans := r.Spans()
			if _, header := r.Last(); len(spans) == 0 || spans[len(spans)-1].Name != name || header.Get("Authorization") != "Bearer of-the-collector" {
				t.Errorf("%v %v", spans, header)
			}
		})
	}
}

// TestCollectors are those that do not do what they should. Nobody waits for them,
// what waits is bounded, and what is lost is counted.
func TestCollectors(t *testing.T) {
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
	hung := make(chan struct{})
	var refusals atomic.Int64
	for name, c := range map[string]struct {
		answer   func(http.ResponseWriter, *http.Request) bool
		settles  bool // all spans have an end of their own, without a stop
		arrives  bool
		complain bool
	}{
		"hangs": {answer: func(http.ResponseWriter, *http.Request) bool { <-hung; return true }},
		"has no use for them": {settles: true, complain: true, answer: func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(http.StatusForbidden)
			return true
		}},
		"is busy twice": {settles: true, arrives: true, answer: func(w http.ResponseWriter, _ *http.Request) bool {
			if n := refusals.Add(1); n <= 2 {
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(map[int64]int{1: http.StatusTooManyRequests, 2: http.StatusServiceUnavailable}[n])
				return true
			}
			return false
		}},
		"is not there": {settles: true, complain: true},
	} {
		t.Run(name, func(t *testing.T) {
			r := otlp.New()
			r.Answer = c.answer
			if c.answer == nil {
				r.Close()
			} else {
				defer r.Close()
			}
			var log lines
			m := newMonitor(t, monitor.Config{OTLP: r.URL, Log: slog.New(slog.NewTextHandler(&log, nil))})
			const spans = 40_000
			tracer, ctx := m.Tracer(), t.Context()
			for range spans {
				_, s := tracer.Start(ctx, "task") // it would never return if it waited for one that hangs
				s.End()
			}
			sum := func() float64 {
				got := results(t, m)
				if got["spans_waiting"] > 16384 || got["spans_waiting"] < 0 {
					t.Fatalf("%v spans wait", got["spans_waiting"])
				}
				all := got["spans_waiting"] + got["exported"] + got["failed"] + got["dropped"]
				if moving := c.settles && got["spans_waiting"] > 0; !moving && all != spans {
					t.Errorf("%v of %d spans are accounted for: %v", all, spans, got)
				}
				return got["spans_waiting"]
			}
			for limit := time.Now().Add(time.Minute); c.settles && sum() > 0; <-time.After(20 * time.Millisecond) {
				if time.Now().After(limit) {
					t.Fatalf("%v", results(t, m))
				}
			}
			sum()
			got := results(t, m)
			if c.arrives != (got["exported"] > 0) || !c.settles && got["dropped"] == 0 || len(r.Spans()) != int(got["exported"]) {
				t.Errorf("%v, and %d have come", got, len(r.Spans()))
			}
			if n := strings.Count(log.String(), "do not reach their collector"); (n == 1) != c.complain {
				t.Errorf("it is logged %d times: %s", n, log.String())
			}
			if !c.settles {
				stop(m, 50*time.Millisecond) // it ends with its context
				close(hung)
				return
			}
			stop(m, 10*time.Second)
		})
	}
}

// lines is a log that may be read while it is written.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// TestMetrics sends what Prometheus gathers, also what cannot be read in part.
func TestMetrics(t *testing.T) {
	r := otlp.New()
	defer r.Close()
	registry := prometheus.NewRegistry()
	counter := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "fleetscore_runs_total"}, []string{"job"})
	broken := prometheus.NewDesc("fleetscore_broken", "", nil, nil)
	registry.MustRegister(counter, failing{broken})
	counter.WithLabelValues("hourly").Add(3)
	m := newMonitor(t, monitor.Config{OTLP: r.URL + "/", Interval: time.Hour})
	if err := m.Send(t.Context(), registry); err != nil {
		t.Fatal(err)
	}
	stop(m, 10*time.Second) // which sends the last
	got := r.Metric("fleetscore_runs_total")
	points := got.GetSum().GetDataPoints()
	if len(points) != 1 || points[0].GetAsDouble() != 3 || otlp.Texts(points[0].Attributes)["job"] != "hourly" || !got.GetSum().GetIsMonotonic() {
		t.Errorf("%v", got)
	}
	if n := results(t, m)["metric_exports_total exported"]; n != 1 {
		t.Errorf("%v exports", n)
	}
}

type failing struct{ desc *prometheus.Desc }

func (f failing) Describe(ch chan<- *prometheus.Desc) { ch <- f.desc }
func (f failing) Collect(ch chan<- prometheus.Metric) {
	ch <- prometheus.NewInvalidMetric(f.desc, io.ErrUnexpectedEOF)
}

// TestHandler has lines of runs and tasks bear the IDs of their spans.
func TestHandler(t *testing.T) {
	task := fleet.Task{Run: "r-1", Generation: 0, Index: 3, Attempt: 2}
	whole, attempt := span.OfRun("r-1"), span.OfAttempt(task)
	other := trace.ContextWithSpanContext(t.Context(), span.OfRun("r-2"))
	ids := func(s trace.SpanContext) string {
		return "trace_id=" + s.TraceID().String() + " span_id=" + s.SpanID().String()
	}
	for name, c := range map[string]struct {
		log  func(*slog.Logger)
		want string // "": none
	}{
		"of a run":       {func(l *slog.Logger) { l.Info("x", "run", "r-1") }, ids(whole)},
		"all of a run":   {func(l *slog.Logger) { l.With("run", "r-1").With("job", "j").Info("x") }, ids(whole)},
		"of an attempt":  {func(l *slog.Logger) { l.With("run", "r-1").Info("x", "task", "0-3-2") }, ids(attempt)},
		"of a task":      {func(l *slog.Logger) { l.Info("x", "run", "r-1", "task", "0-3") }, ids(whole)},
		"of a context":   {func(l *slog.Logger) { l.InfoContext(other, "x", "run", "r-1") }, ids(span.OfRun("r-2"))},
		"of nothing":     {func(l *slog.Logger) { l.Info("x", "job", "j") }, ""},
		"of no text":     {func(l *slog.Logger) { l.Info("x", "run", 7) }, ""},
		"within a group": {func(l *slog.Logger) { l.WithGroup("g").Info("x", "run", "r-1") }, ""},
	} {
		var out bytes.Buffer
		c.log(slog.New(monitor.NewHandler(slog.NewTextHandler(&out, nil))))
		if got := out.String(); c.want != "" && strings.Count(got, c.want) != 1 || c.want == "" && strings.Contains(got, "trace_id") {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got, want := span.Traceparent(attempt), "00-"+whole.TraceID().String()+"-"+attempt.SpanID().String()+"-01"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}
