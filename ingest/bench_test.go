package ingest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/fleetscore/fleetscore/stream"
)

// countingLog only counts.
type countingLog struct{ messages int }

func (l *countingLog) Append(_ context.Context, messages []stream.Message) error {
	l.messages += len(messages)
	return nil
}

// BenchmarkHandler posts NDJSON of 1,000 readings, from as many clients as -cpu says,
// to a log that only counts.
func BenchmarkHandler(b *testing.B) {
	var body bytes.Buffer
	for i := range 1000 {
		fmt.Fprintf(&body, `{"device":"pump-%04d","tag":"temperature-%d","ts":"2026-11-23T13:%02d:05.%03dZ","value":%d.%d}`+"\n", i/5, i%5, i%60, i%1000, 60+i%30, i%1000)
	}
	s := start(b, Config{Stream: &countingLog{}})
	h := NewHandler(s)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/", bytes.NewReader(body.Bytes()))
			r.Header.Set("Content-Type", "application/x-ndjson")
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code != 200 {
				b.Error(w.Code, w.Body)
			}
		}
	})
	b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "readings/s")
}
