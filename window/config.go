package window

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Keep says what becomes of a reading whose identity was seen with another value.
type Keep string

// What can be kept.
const (
	KeepLast Keep = "last" // its value takes the place of the other
	KeepBoth Keep = "both" // both values count
)

// Config is what an Engine aggregates, and how. Defaults returns one to start from.
type Config struct {
	Every time.Duration // how long a window is
	Hop   time.Duration // from one window's start to the next; 0 means Every, which makes them tumble

	Tolerance time.Duration // how far out of order a device's readings may come
	Lateness  time.Duration // how long after its end, by the device's own time, a window still takes readings
	Early     time.Duration // how far ahead of the stream's time a reading may be
	Idle      time.Duration // for how long a device's time must stand still before the stream's time emits its windows
	Settle    time.Duration // how long a window that was emitted gathers late readings before its next revision
	Forget    time.Duration // for how long a device without open windows must stand still to be forgotten

	Keep        Keep
	Percentiles []float64     // quantiles, each from 0 to 1
	Expected    time.Duration // from one reading of a sensor to the next, for coverage; 0 if not known
	Filters     []Filter      // applied in order, before anything else
	MaxSensors  int           // sensors at a time; readings of more are filtered
}

// Defaults returns tumbling windows of a minute.
func Defaults() Config {
	return Config{
		Every: time.Minute, Tolerance: 5 * time.Second, Lateness: 24 * time.Hour, Early: 5 * time.Minute,
		Idle: 15 * time.Second, Settle: 10 * time.Second, Forget: 48 * time.Hour, Keep: KeepLast, MaxSensors: 10_000_000,
	}
}

// What a Config may say at most. Times of readings stay within ±maxTime, so that no
// sum of a time and some of these durations overflows.
const (
	maxDuration = 366 * 24 * time.Hour
	maxOverlap  = 1440
	maxTime     = 1 << 62
	maxSensors  = 1 << 28
	maxFilters  = 16
)

// Validate returns everything that is wrong, at once.
func (c *Config) Validate() error {
	var errs []error
	wrong := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	within := func(name string, d, least time.Duration) {
		if d < least || d > maxDuration {
			wrong("%s is %s, it must be from %s to %s", name, d, least, maxDuration)
		}
	}
	within("every", c.Every, time.Millisecond)
	if c.Hop != 0 {
		within("hop", c.Hop, time.Millisecond)
		if c.Hop > 0 && (c.Every%c.Hop != 0 || c.Every/c.Hop > maxOverlap) {
			wrong("hop is %s, which must divide every, %s, into at most %d parts", c.Hop, c.Every, maxOverlap)
		}
	}
	within("tolerance", c.Tolerance, 0)
	within("lateness", c.Lateness, 0)
	within("early", c.Early, 1)
	within("idle", c.Idle, 1)
	within("settle", c.Settle, 1)
	within("forget", c.Forget, 1)
	if c.Forget < c.Early {
		wrong("forget is %s, it must be at least early, %s", c.Forget, c.Early)
	}
	if c.Keep != KeepLast && c.Keep != KeepBoth {
		wrong("keep is %q, it must be last or both", c.Keep)
	}
	for _, q := range c.Percentiles {
		if math.IsNaN(q) || q < 0 || q > 1 {
			wrong("percentile %v is not from 0 to 1", q)
		}
	}
	if c.Expected != 0 {
		within("expected", c.Expected, 1)
	}
	if c.MaxSensors < 1 || c.MaxSensors > maxSensors {
		wrong("the most sensors are %d, they must be from 1 to %d", c.MaxSensors, maxSensors)
	}
	if len(c.Filters) > maxFilters {
		wrong("there are %d filters, the most is %d", len(c.Filters), maxFilters)
	}
	for i := range c.Filters {
		if err := c.Filters[i].validate(); err != nil {
			errs = append(errs, fmt.Errorf("filter %d: %w", i+1, err))
		}
	}
	return errors.Join(errs...)
}
