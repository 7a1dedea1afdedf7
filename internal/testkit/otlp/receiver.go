// Package otlp is a collector for tests: it takes traces and metrics by OTLP over
// HTTP, as protobuf, and keeps them in memory.
package otlp

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"

	collectmetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collecttrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Receiver is a collector on this machine.
type Receiver struct {
	URL string // for telemetry.otlp
	// Answer, if set, may answer a request itself, and then returns true.
	Answer func(w http.ResponseWriter, r *http.Request) bool

	server *httptest.Server

	mu       sync.Mutex
	spans    []*trace.Span
	resource []*common.KeyValue
	metrics  map[string]*metrics.Metric
	requests int
	headers  http.Header
}

// New starts a Receiver.
func New() *Receiver {
	r := &Receiver{metrics: map[string]*metrics.Metric{}}
	r.server = httptest.NewServer(r)
	r.URL = r.server.URL
	return r
}

// Close ends it.
func (r *Receiver) Close() {
	r.server.CloseClientConnections()
	r.server.Close()
}

// ServeHTTP is for net/http.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	r.requests++
	r.headers = req.Header
	r.mu.Unlock()
	if r.Answer != nil && r.Answer(w, req) {
		return
	}
	body := io.Reader(req.Body)
	if req.Header.Get("Content-Encoding") == "gzip" {
		var err error
		if body, err = gzip.NewReader(req.Body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	data, err := io.ReadAll(body)
	if err == nil {
		err = r.take(req.URL.Path, data)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

func (r *Receiver) take(path string, data []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch path {
	case "/v1/traces":
		var m collecttrace.ExportTraceServiceRequest
		if err := proto.Unmarshal(data, &m); err != nil {
			return err
		}
		for _, from := range m.ResourceSpans {
			r.resource = from.Resource.GetAttributes()
			for _, scope := range from.ScopeSpans {
				r.spans = append(r.spans, scope.Spans...)
			}
		}
	case "/v1/metrics":
		var m collectmetrics.ExportMetricsServiceRequest
		if err := proto.Unmarshal(data, &m); err != nil {
			return err
		}
		for _, from := range m.ResourceMetrics {
			for _, scope := range from.ScopeMetrics {
				for _, one := range scope.Metrics {
					r.metrics[one.Name] = one
				}
			}
		}
	}
	return nil
}

// Spans are those that have come.
func (r *Receiver) Spans() []*trace.Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*trace.Span(nil), r.spans...)
}

// Metric is the last of a name that has come, or nil.
func (r *Receiver) Metric(name string) *metrics.Metric {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.metrics[name]
}

// Names are the names of the metrics that have come.
func (r *Receiver) Names() map[string]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	names := map[string]bool{}
	for name := range r.metrics {
		names[name] = true
	}
	return names
}

// Last is how many requests there were, and the header of the last.
func (r *Receiver) Last() (requests int, header http.Header) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requests, r.headers
}

// Resource is who sent the spans.
func (r *Receiver) Resource() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Texts(r.resource)
}

// Texts are attributes as texts.
func Texts(attributes []*common.KeyValue) map[string]string {
	texts := map[string]string{}
	for _, a := range attributes {
		switch v := a.Value.GetValue().(type) {
		case *common.AnyValue_StringValue:
			texts[a.Key] = v.StringValue
		default:
			texts[a.Key] = a.Value.String()
		}
	}
	return texts
}
