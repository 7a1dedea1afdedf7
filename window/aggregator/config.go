package aggregator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/stream"
	"github.com/fleetscore/fleetscore/window"
)

// Log is what the aggregator needs of a stream.Log.
type Log interface {
	Append(ctx context.Context, messages []stream.Message) error
	Read(partition int, after stream.Position) stream.Reader
	State(ctx context.Context) ([]stream.State, error)
	Trim(ctx context.Context, partition int, through stream.Position) error
}

// Config is what a Service works with.
type Config struct {
	Log   Log
	Store store.Store
	// SameStore, if set, tells when the store is not the one it was: nothing is stored then.
	SameStore func() error
	// Stream is the name of the log, which tells it from those of other machines that
	// aggregate into this store at other times.
	Stream string
	// Alone says that others are kept from aggregating meanwhile, though one may not have
	// heard yet that it may not any more: who loses a checkpoint to it goes on from that.
	Alone      bool
	Partitions int
	Windows    map[string]window.Config // by name
	// Flush is how long windows are held at most before they are stored; 0: a minute.
	Flush time.Duration
	// FlushBytes is how much a worker holds of them at most; 0: its share of 64 MiB.
	FlushBytes int
	// Grace is how long files that are superseded are kept for their readers; 0: an hour.
	Grace time.Duration
	// InUse, if set, lists the intervals of runs that are under way: files of these are
	// not deleted.
	InUse func(ctx context.Context) ([]fleet.Interval, error)
	// Pinned, if set, tells the keys that somebody reads for longer than Grace.
	Pinned func() map[string]bool
	Now    func() time.Time // nil: time.Now
	Logger *slog.Logger     // nil: slog.Default
}

// nameForm is what a window can be called: it is a part of keys.
var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// Validate says what is wrong, all at once.
func (c *Config) Validate() error {
	var errs []error
	if c.Log == nil || c.Store == nil {
		errs = append(errs, errors.New("an aggregator needs a log and a store"))
	}
	if c.Partitions < 1 {
		errs = append(errs, fmt.Errorf("there must be at least one partition, not %d", c.Partitions))
	}
	for name, w := range c.Windows {
		if !nameForm.MatchString(name) {
			errs = append(errs, fmt.Errorf("window %.80q: a name has a-z, 0-9, and after the first character also -, _ or dots", name))
		}
		if err := w.Validate(); err != nil {
			errs = append(errs, fmt.Errorf("window %.80s: %w", name, err))
		}
		if w.Every%time.Millisecond != 0 || w.Hop%time.Millisecond != 0 {
			errs = append(errs, fmt.Errorf("window %.80s: files have times in milliseconds: every %s and hop %s cannot be", name, w.Every, w.Hop))
		}
	}
	return errors.Join(errs...)
}

// The sizes that are taken unless a Config says otherwise.
const (
	defaultFlush      = time.Minute
	defaultFlushBytes = 64 << 20
	defaultGrace      = time.Hour
)

func (c *Config) finish() {
	if c.Flush == 0 {
		c.Flush = defaultFlush
	}
	if c.FlushBytes == 0 {
		c.FlushBytes = max(defaultFlushBytes/c.Partitions, 1<<20)
	}
	if c.Grace == 0 {
		c.Grace = defaultGrace
	}
	if c.SameStore == nil {
		c.SameStore = func() error { return nil }
	}
	if c.InUse == nil {
		c.InUse = func(context.Context) ([]fleet.Interval, error) { return nil, nil }
	}
	if c.Pinned == nil {
		c.Pinned = func() map[string]bool { return nil }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
}
