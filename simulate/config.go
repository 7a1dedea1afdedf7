package simulate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Config says what a fleet is like. Shares are between 0 and 1.
type Config struct {
	Devices int     `json:"devices"`
	Tags    int     `json:"tags"` // of each device
	Rate    float64 `json:"rate"` // readings a second of each sensor
	Seed    uint64  `json:"seed"`
	// Luck is what becomes of the fleet that the seed makes: with another, the same
	// sensors have other noise, and other things go wrong.
	Luck uint64 `json:"luck,omitempty"`
	// Start is when the fleet begins.
	Start time.Time `json:"start"`
	// Prefix is what names of devices begin with; device- if it is empty.
	Prefix string `json:"prefix"`

	// Anomalies is the share of readings that lie within one.
	Anomalies float64 `json:"anomalies"`
	// AnomalyLength is the scale of their lengths, a minute if it is 0. With the length
	// of a window, all but flat lines show in its mean.
	AnomalyLength time.Duration `json:"anomaly_length"`
	// Kinds are those that are planted; nil: all.
	Kinds []Kind `json:"kinds"`

	// Late is the share of messages that the network holds back, for LateBy at most: most
	// for seconds only. 10 minutes if LateBy is 0.
	Late   float64       `json:"late"`
	LateBy time.Duration `json:"late_by"`
	// Duplicates is the share of messages that come twice, the second within a minute.
	Duplicates float64 `json:"duplicates"`
	// Outages is the share of time that a device is cut off; what it measures then is
	// sent afterwards. OutageLength is their mean length, 5 minutes if it is 0.
	Outages      float64       `json:"outages"`
	OutageLength time.Duration `json:"outage_length"`
	// WrongClocks is the share of devices whose clock is wrong: half are up to 10 minutes
	// ahead, half up to 6 hours behind.
	WrongClocks float64 `json:"wrong_clocks"`
}

// The most there can be.
const (
	maxDevices = 10_000_000
	maxTags    = 10_000
	maxSensors = 100_000_000
	maxRate    = 1000.0
	maxLength  = 30 * 24 * time.Hour
	minLateBy  = 2 * time.Second
)

func (c Config) withDefaults() Config {
	if c.Prefix == "" {
		c.Prefix = "device-"
	}
	if c.AnomalyLength == 0 {
		c.AnomalyLength = time.Minute
	}
	if len(c.Kinds) == 0 {
		c.Kinds = AnomalyKinds()
	}
	if c.LateBy == 0 {
		c.LateBy = 10 * time.Minute
	}
	if c.OutageLength == 0 {
		c.OutageLength = 5 * time.Minute
	}
	return c
}

// Validate says all that is wrong at once.
func (c Config) Validate() error {
	var problems []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	check(c.Devices >= 1 && c.Devices <= maxDevices, "devices: %d is not between 1 and %d", c.Devices, maxDevices)
	check(c.Tags >= 1 && c.Tags <= maxTags, "tags: %d is not between 1 and %d", c.Tags, maxTags)
	check(c.Devices > maxDevices || c.Tags > maxTags || c.Devices*c.Tags <= maxSensors, "devices, tags: %d times %d are more than %d sensors", c.Devices, c.Tags, maxSensors)
	check(c.Rate >= 1e-5 && c.Rate <= maxRate, "rate: %g a second is not between 0.00001 and %g", c.Rate, maxRate)
	check(c.Start.Year() >= 1970 && c.Start.Year() < 2200, "start: %s is not between the years 1970 and 2200", c.Start.Format(time.RFC3339))
	check(len(c.Prefix) <= 200, "prefix: %d bytes are more than 200", len(c.Prefix))
	check(!strings.ContainsFunc(c.Prefix, special), "prefix: %.200q has more than letters, digits and -_.", c.Prefix)
	share := func(name string, value, most float64) {
		check(value >= 0 && value <= most, "%s: %g%% is not between 0%% and %g%%", name, 100*value, 100*most)
	}
	share("anomalies", c.Anomalies, 0.5)
	share("late", c.Late, 1)
	share("duplicates", c.Duplicates, 1)
	share("outages", c.Outages, 0.5)
	share("wrong clocks", c.WrongClocks, 1)
	for i, k := range c.Kinds {
		check(slices.Contains(AnomalyKinds(), k), "kinds: %q is not one of %v", k, AnomalyKinds())
		check(!slices.Contains(c.Kinds[:i], k), "kinds: %q is there twice", k)
	}
	length := func(name string, value, least time.Duration) {
		check(value == 0 || value >= least && value <= maxLength, "%s: %s is not between %s and %s", name, value, least, maxLength)
	}
	length("anomaly length", c.AnomalyLength, time.Millisecond)
	length("late by", c.LateBy, minLateBy)
	length("outage length", c.OutageLength, time.Second)
	return errors.Join(problems...)
}

// special are characters that would have to be escaped somewhere.
func special(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.", r) || r == unicode.ReplacementChar
}
