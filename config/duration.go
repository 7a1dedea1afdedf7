package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time, never negative. It is written as Go writes one,
// and may begin with whole days of 24 hours: "10s", "1h30m", "400d", "1d12h".
type Duration time.Duration

// maxDuration keeps sums of times and durations far from overflow.
const maxDuration = 36500 * day

const day = 24 * time.Hour

// ParseDuration reads "90s", "1h30m" or "400d".
func ParseDuration(s string) (Duration, error) {
	wrong := fmt.Errorf("%.60q is not a duration such as 90s, 1h30m or 400d", s)
	rest := s
	var total time.Duration
	if days, after, ok := strings.Cut(s, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil || strings.HasPrefix(days, "+") {
			return 0, wrong
		}
		total, rest = min(time.Duration(n)*day, 2*maxDuration), after
	}
	if rest != "" || total == 0 && rest == s {
		if strings.HasPrefix(rest, "-") || strings.HasPrefix(rest, "+") {
			return 0, wrong
		}
		d, err := time.ParseDuration(rest)
		if err != nil {
			if isNumber(s) {
				return 0, fmt.Errorf("%.60q has no unit: write %.60ss for seconds, or such as 5m or 2h", s, s)
			}
			return 0, wrong
		}
		total += min(d, 2*maxDuration)
	}
	if total > maxDuration {
		return 0, fmt.Errorf("%.60q is longer than %s", s, Duration(maxDuration))
	}
	return Duration(total), nil
}

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

// Std is the duration as the standard library has it.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String is the form that ParseDuration reads.
func (d Duration) String() string {
	days, rest := time.Duration(d)/day, time.Duration(d)%day
	text := rest.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	switch {
	case days == 0:
		return text
	case rest == 0:
		return strconv.Itoa(int(days)) + "d"
	}
	return strconv.Itoa(int(days)) + "d" + text
}

// MarshalText writes String.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is ParseDuration.
func (d *Duration) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDuration(string(text))
	return err
}
