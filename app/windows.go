package app

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/window"
)

// windowConfigs is what the settings say of windows.
func windowConfigs(all map[string]config.Window) (map[string]window.Config, error) {
	configs := make(map[string]window.Config, len(all))
	for name, w := range all {
		c, err := windowConfig(w)
		if err != nil {
			return nil, fmt.Errorf("windows.%s: %w", name, err)
		}
		configs[name] = c
	}
	return configs, nil
}

func windowConfig(w config.Window) (window.Config, error) {
	c := window.Defaults()
	c.Every, c.Hop, c.Tolerance, c.Lateness = w.Every.Std(), w.Hop.Std(), w.Tolerance.Std(), w.Lateness.Std()
	c.Idle, c.Early, c.Settle, c.Expected = w.Idle.Std(), w.Early.Std(), w.Settle.Std(), w.Expected.Std()
	c.Forget = max(c.Forget, c.Lateness, c.Early)
	c.Keep = window.Keep(w.Keep)
	for _, text := range w.Percentiles {
		q, err := parsePercentile(text)
		if err != nil {
			return c, err
		}
		c.Percentiles = append(c.Percentiles, q)
	}
	for _, text := range w.Filters {
		f, err := parseFilter(text)
		if err != nil {
			return c, err
		}
		c.Filters = append(c.Filters, f)
	}
	return c, c.Validate()
}

// parsePercentile reads p50 and the like.
func parsePercentile(text string) (float64, error) {
	number, ok := strings.CutPrefix(text, "p")
	percent, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil || !(percent >= 0 && percent <= 100) {
		return 0, fmt.Errorf("percentile %.40q is none; write p50, p99 or p99.9", text)
	}
	return percent / 100, nil
}

var errFilter = errors.New("write drop -999, range -40..150 or clamp 0..100, after a tag if it is for that alone: temperature range -40..150")

// parseFilter reads a filter: an optional tag, what is done, and values.
func parseFilter(text string) (window.Filter, error) {
	var f window.Filter
	rest, values, ok := cutLast(strings.TrimSpace(text))
	tag, kind, hasTag := cutLast(rest)
	if !hasTag {
		kind, tag = rest, ""
	}
	f.Kind, f.Tag = window.FilterKind(kind), tag
	low, high, isRange := strings.Cut(values, "..")
	if !isRange {
		high = low
	}
	var err1, err2 error
	f.Min, err1 = bound(low, math.Inf(-1))
	f.Max, err2 = bound(high, math.Inf(1))
	if !ok || err1 != nil || err2 != nil || !isRange && f.Kind != window.Drop {
		return f, fmt.Errorf("filter %.100q cannot be understood; %w", text, errFilter)
	}
	return f, nil
}

// bound reads a number; an empty one is open.
func bound(text string, open float64) (float64, error) {
	if text == "" {
		return open, nil
	}
	return strconv.ParseFloat(text, 64)
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, ' ')
	if i < 0 {
		return s, "", false
	}
	return strings.TrimSpace(s[:i]), s[i+1:], true
}
