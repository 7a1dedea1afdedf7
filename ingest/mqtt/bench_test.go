package mqtt

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/ingest"
	"github.com/fleetscore/fleetscore/stream"
)

// countingLog only counts.
type countingLog struct{}

func (*countingLog) Append(context.Context, []stream.Message) error { return nil }

// BenchmarkQoS1 has 100 clients publish one reading a message, each with 20 in flight
// and a write for each message, to a log that only counts. The clients run on the same
// processors.
func BenchmarkQoS1(b *testing.B) { publishAll(b, &countingLog{}) }

func publishAll(b *testing.B, log ingest.Log) {
	b.Helper()
	l := start(b, log, Config{}, ingest.Config{})
	const clients, window = 100, 20
	conns := make([]*raw, clients)
	for i := range conns {
		conns[i] = dial(b, l)
		conns[i].send(connectOld(fmt.Sprint("client-", i)))
		conns[i].expect(connackOld)
		_ = conns[i].SetDeadline(time.Time{})
	}
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ReportAllocs()
	b.ResetTimer()
	var all sync.WaitGroup
	for i, c := range conns {
		all.Go(func() {
			message := []byte(pub(1, 1, fmt.Sprintf("readings/pump-%d/temperature", i), "71.3"))
			in, ack := bufio.NewReader(c), make([]byte, 4)
			flying := 0
			for {
				for flying < window && left.Add(-1) >= 0 {
					if _, err := c.Write(message); err != nil {
						b.Error(err)
						return
					}
					flying++
				}
				if flying == 0 {
					return
				}
				for first := true; flying > 0 && (first || in.Buffered() >= 4); first = false {
					if _, err := io.ReadFull(in, ack); err != nil {
						b.Error(err)
						return
					}
					flying--
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	b.ReportMetric(float64(b.N)/float64(l.cfg.Service.Stats().Commits), "messages/Append")
}
