package mqtt

import (
	"testing"

	"github.com/fleetscore/fleetscore/stream/jetstream"
)

// BenchmarkDurable is BenchmarkQoS1 with a log on the disk that holds temporary files.
func BenchmarkDurable(b *testing.B) {
	log, err := jetstream.Open(b.Context(), jetstream.Config{Dir: b.TempDir(), Partitions: 64, Logger: quiet()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = log.Close() })
	publishAll(b, log)
}
