package window

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		change func(*Config)
		wants  []string
	}{
		{func(*Config) {}, nil},
		{func(c *Config) { c.Every = 0; c.Idle = 0 }, []string{"every is 0s", "idle is 0s"}},
		{func(c *Config) { c.Hop = 7 * time.Second }, []string{"hop is 7s, which must divide every, 1m0s"}},
		{func(c *Config) { c.Hop = -time.Second }, []string{"hop is -1s"}},
		{func(c *Config) { c.Every = time.Hour; c.Hop = time.Second }, []string{"at most 1440 parts"}},
		{func(c *Config) { c.Lateness = 400 * 24 * time.Hour; c.Tolerance = -1 }, []string{"lateness is 9600h0m0s", "tolerance is -1ns"}},
		{func(c *Config) { c.Forget = time.Minute }, []string{"forget is 1m0s, it must be at least early, 5m0s"}},
		{func(c *Config) { c.Keep = "first" }, []string{`keep is "first"`}},
		{func(c *Config) { c.Percentiles = []float64{0.5, 99, math.NaN()} }, []string{"percentile 99", "percentile NaN"}},
		{func(c *Config) { c.Expected = -1 }, []string{"expected is -1ns"}},
		{func(c *Config) { c.MaxSensors = 0 }, []string{"the most sensors are 0"}},
		{func(c *Config) {
			c.Filters = []Filter{{Kind: "x"}, {Kind: Drop, Min: 1}, {Kind: Clamp, Max: math.NaN()}}
		}, []string{`filter 1: the kind is "x"`, "filter 2: the values from 1 to 0 are none", "filter 3"}},
		{func(c *Config) { c.Filters = make([]Filter, 17) }, []string{"there are 17 filters"}},
	} {
		cfg := Defaults()
		c.change(&cfg)
		err := cfg.Validate()
		if (err == nil) != (c.wants == nil) {
			t.Errorf("%v, want %q", err, c.wants)
			continue
		}
		for _, want := range c.wants {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q has no %q", err, want)
			}
		}
	}
}
