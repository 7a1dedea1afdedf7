package fleet_test

import (
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
)

func TestTolerance(t *testing.T) {
	for _, c := range []struct {
		text          string
		failed, total int
		exceeded      bool
	}{
		{"0", 0, 0, false}, {"0", 0, 10, false}, {"0", 1, 10, true}, {"3", 3, 10, false}, {"3", 4, 10, true},
		{"1%", 1, 100, false}, {"1%", 2, 100, true}, {"0.5%", 1, 100, true}, {"100%", 10, 10, false}, {" 10 % ", 1, 10, false},
		{"0%", 1, 1000, true}, {"50%", 1, 0, true},
	} {
		tolerance, err := fleet.ParseTolerance(c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if got := tolerance.Exceeded(c.failed, c.total); got != c.exceeded {
			t.Errorf("%q: %d of %d exceeds it: %v", c.text, c.failed, c.total, got)
		}
		if again, err := fleet.ParseTolerance(tolerance.String()); err != nil || again != tolerance {
			t.Errorf("%q is written as %q", c.text, tolerance)
		}
	}
	for _, text := range []string{"", "x", "-1", "1.5", "-1%", "101%", "NaN%", "%", "1%%"} {
		if _, err := fleet.ParseTolerance(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func TestCheckName(t *testing.T) {
	for name, ok := range map[string]bool{
		"pump-7": true, "温度": true, "../..": true, "a b": true, strings.Repeat("x", fleet.MaxName): true,
		"": false, strings.Repeat("x", fleet.MaxName+1): false, "\xff": false,
	} {
		if err := fleet.CheckName("device", name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}
