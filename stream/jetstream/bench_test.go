package jetstream

import (
	"fmt"
	"sync"
	"testing"

	"github.com/fleetscore/fleetscore/stream"
)

func openBench(b *testing.B, dir string) *Log {
	b.Helper()
	l, err := Open(b.Context(), Config{Dir: dir, Partitions: 64})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	return l
}

// each is a message of size bytes for each partition.
func each(size int) []stream.Message {
	messages := make([]stream.Message, 64)
	for p := range messages {
		messages[p] = stream.Message{Partition: p, Body: make([]byte, size)}
	}
	return messages
}

func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{0, 256, 16 << 10} {
		for _, callers := range []int{1, 4} {
			b.Run(fmt.Sprintf("64x%d/callers=%d", size, callers), func(b *testing.B) {
				l := openBench(b, b.TempDir())
				messages := each(size)
				b.SetBytes(int64(64 * size))
				var wg sync.WaitGroup
				b.ResetTimer()
				for c := range callers {
					wg.Go(func() {
						for i := c; i < b.N; i += callers {
							if err := l.Append(b.Context(), messages); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
			})
		}
	}
}

// BenchmarkRead reads up to 256 MiB, all partitions at once, with nothing in memory:
// each from the start, or from somewhere as after a crash.
func BenchmarkRead(b *testing.B) {
	const groups = 256
	dir := b.TempDir()
	l := openBench(b, dir)
	for range groups {
		if err := l.Append(b.Context(), each(16<<10)); err != nil {
			b.Fatal(err)
		}
	}
	for name, from := range map[string]func(p int) uint64{
		"start":  func(int) uint64 { return 1 },
		"spread": func(p int) uint64 { return 1 + uint64(p*37%(groups/2)) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			entries := 0
			for b.Loop() {
				b.StopTimer()
				l.Close()
				l = openBench(b, dir)
				b.StartTimer()
				var wg sync.WaitGroup
				for p := range 64 {
					n := groups - int(from(p))
					entries += n
					wg.Go(func() {
						r := l.Read(p, position(from(p), p))
						defer r.Close()
						for range n {
							if _, err := r.Next(b.Context()); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
			}
			b.SetBytes(int64(entries) << 14 / int64(b.N))
		})
	}
}

// BenchmarkTrim trims as a checkpoint of all partitions does, under load.
func BenchmarkTrim(b *testing.B) {
	l := openBench(b, b.TempDir())
	messages := each(4 << 10)
	var n uint64
	for b.Loop() {
		b.StopTimer()
		for range 20 {
			if err := l.Append(b.Context(), messages); err != nil {
				b.Fatal(err)
			}
			n++
		}
		b.StartTimer()
		for p := range 64 {
			if err := l.Trim(b.Context(), p, position(n-5, p)); err != nil {
				b.Fatal(err)
			}
		}
	}
}
