package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ingest/decode"
	"github.com/fleetscore/fleetscore/stream"
)

// Log is where readings go. When Append returns nil the messages are durable. Bodies
// are the caller's again when it has returned.
type Log interface {
	Append(ctx context.Context, messages []stream.Message) error
}

// Config is what a Service works with. What is 0 is what its comment says.
type Config struct {
	Stream     Log
	Partitions int // of the stream; 0: fleet.DefaultPartitions

	Waiting int           // readings that may wait for their commit; 0: 200,000
	Timeout time.Duration // of an Append; 0: 30 s

	Decode decode.Limits
	Body   int // bytes of an HTTP body, also when decompressed; 0: 8 MiB
	Bodies int // bytes of all bodies in memory; 0: 8 bodies

	// Rate is how many readings a second a device may send for long, and Burst how
	// many at once (0: 60 s of them). Rate 0: there is no limit.
	Rate  float64
	Burst int

	Now func() time.Time // nil: time.Now
	Log *slog.Logger     // nil: slog.Default
}

// Validate says what cannot be used.
func (c *Config) Validate() error {
	c = c.withDefaults()
	switch {
	case c.Stream == nil:
		return errors.New("ingest needs a stream")
	case c.Partitions < 1:
		return fmt.Errorf("partitions: %d are too few", c.Partitions)
	case c.Waiting < c.Decode.Readings:
		return fmt.Errorf("waiting: %d readings are less than the %d that one request may have", c.Waiting, c.Decode.Readings)
	case c.Timeout < 0:
		return fmt.Errorf("timeout: %s is not a duration to wait", c.Timeout)
	case c.Body < 0 || c.Bodies < c.Body:
		return fmt.Errorf("bodies: %d bytes are less than the %d of one body", c.Bodies, c.Body)
	case c.Rate < 0 || c.Rate > 1e9 || c.Burst < 0:
		return fmt.Errorf("rate: %g a second with bursts of %d cannot be kept", c.Rate, c.Burst)
	}
	return nil
}

func (c *Config) withDefaults() *Config {
	d := *c
	or(&d.Partitions, fleet.DefaultPartitions)
	or(&d.Waiting, 200_000)
	or(&d.Timeout, 30*time.Second)
	or(&d.Decode.Readings, 50_000)
	or(&d.Body, 8<<20)
	or(&d.Bodies, 8*d.Body)
	or(&d.Burst, max(1, int(60*d.Rate)))
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	return &d
}

func or[T comparable](value *T, otherwise T) {
	var zero T
	if *value == zero {
		*value = otherwise
	}
}
