package ingest

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/fleetscore/fleetscore/stream"
	"github.com/fleetscore/fleetscore/stream/jetstream"
)

// nullLog stores nothing; what there was is counted by the service.
type nullLog struct{}

func (nullLog) Append(context.Context, []stream.Message) error { return nil }

// BenchmarkHandler posts NDJSON of 1,000 readings to a log that stores nothing.
func BenchmarkHandler(b *testing.B) { postAll(b, nullLog{}) }

// BenchmarkDurable posts them to a log on the disk that holds temporary files.
func BenchmarkDurable(b *testing.B) {
	log, err := jetstream.Open(b.Context(), jetstream.Config{Dir: b.TempDir(), Partitions: 64, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = log.Close() })
	postAll(b, log)
}

// postAll posts from 16 clients a processor, without a network.
func postAll(b *testing.B, log Log) {
	b.Helper()
	b.SetParallelism(16)
	var body bytes.Buffer
	for i := range 1000 {
		fmt.Fprintf(&body, `{"device":"pump-%04d","tag":"temperature-%d","ts":"2026-11-23T13:%02d:05.%03dZ","value":%d.%d}`+"\n", i/5, i%5, i%60, i%1000, 60+i%30, i%1000)
	}
	s := start(b, Config{Stream: log})
	h := NewHandler(s)
	b.ReportAllocs()
	b.ResetTimer()
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
