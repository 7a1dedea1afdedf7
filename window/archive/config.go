package archive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/stream"
)

// Log is what the archive needs of a stream.Log.
type Log interface {
	Read(partition int, after stream.Position) stream.Reader
	Trim(ctx context.Context, partition int, through stream.Position) error
}

// Config is what a Service works with.
type Config struct {
	Log   Log
	Store store.Store
	// SameStore, if set, tells when the store is not the one it was: nothing is stored then.
	SameStore func() error
	// Stream is the name of the log, where several machines archive into this store, each
	// a log of its own: then each has claims of its own.
	Stream     string
	Partitions int
	// Every is how long readings are held at most before they are stored; 0: ten minutes.
	Every time.Duration
	// FlushBytes is how much memory a partition holds of them at most; 0: its share of
	// 64 MiB, but no less than 256 KiB and no more than 4 MiB. Some hold half of it only, so that not all
	// make files at one time.
	FlushBytes int
	// MostBytes is how much all partitions hold at most; 0: no less than that.
	MostBytes int
	// Retention, if set, is how long archived readings are kept; 0: for ever. A file
	// that is missing is not missed then.
	Retention func() time.Duration
	Now       func() time.Time // nil: time.Now
	Logger    *slog.Logger     // nil: slog.Default
}

// Validate says what is wrong, all at once.
func (c *Config) Validate() error {
	var errs []error
	if c.Log == nil || c.Store == nil {
		errs = append(errs, errors.New("an archive needs a log and a store"))
	}
	if c.Partitions < 1 {
		errs = append(errs, fmt.Errorf("there must be at least one partition, not %d", c.Partitions))
	}
	if c.Every < 0 || c.FlushBytes < 0 || c.MostBytes < 0 {
		errs = append(errs, fmt.Errorf("readings cannot be held for %s, nor up to %d bytes, %d in all", c.Every, c.FlushBytes, c.MostBytes))
	}
	return errors.Join(errs...)
}

// What is taken unless a Config says otherwise.
const (
	defaultEvery      = 10 * time.Minute
	defaultFlushBytes = 64 << 20
	leastShare        = 256 << 10
	mostShare         = 4 << 20
)

func (c *Config) finish() {
	if c.Every == 0 {
		c.Every = defaultEvery
	}
	if c.FlushBytes == 0 {
		c.FlushBytes = min(max(defaultFlushBytes/c.Partitions, leastShare), mostShare)
	}
	if c.MostBytes > 0 {
		c.FlushBytes = min(c.FlushBytes, c.MostBytes/c.Partitions)
	}
	if c.SameStore == nil {
		c.SameStore = func() error { return nil }
	}
	if c.Retention == nil {
		c.Retention = func() time.Duration { return 0 }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
}
