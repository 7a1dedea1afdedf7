package fingerprint_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/view/fingerprint"
)

func failure(device, tag string, cause fleet.Cause, example string) fleet.SensorFailure {
	return fleet.SensorFailure{Sensor: fleet.Sensor{Device: device, Tag: tag}, Failure: fleet.Failure{Cause: cause, Rows: 2, Example: example}}
}

// TestGroups has 1,204 failures of three kinds.
func TestGroups(t *testing.T) {
	t.Parallel()
	g := fingerprint.NewGroups(3)
	for i := range 1204 {
		device, tag := fmt.Sprintf("pump-%04d", i), []string{"temp", "flow"}[i%2]
		switch {
		case i < 800:
			g.Add(failure(device, tag, fleet.BadModel, fmt.Sprintf("models/%s/%s.pkl: at byte %d: %q is not allowed; sha256 %064x", device, tag, i*7, fmt.Sprint("os.", i), i+1)))
		case i < 1200:
			g.Add(failure(device, tag, fleet.NotFinite, fmt.Sprintf("row %d of 2026-11-23T13:%02d:00Z is -1.5e%d", i, i%60, i)))
		default:
			g.Add(failure(device, tag, fleet.NoModel, fmt.Sprintf("there is no models/%s/%s.pkl", device, tag)))
		}
	}
	groups := g.List()
	if g.Failures != 1204 || len(groups) != 3 || groups[0].Sensors != 800 || groups[1].Sensors != 400 || groups[2].Sensors != 4 || len(groups[0].Samples) != 3 || groups[1].Rows != 800 || g.Cut {
		t.Fatalf("groups are %+v", groups)
	}
	if want := "models/<device>/<tag>.pkl: at byte <n>: <text> is not allowed; sha<n> <hex>"; groups[0].Pattern != want {
		t.Errorf("the pattern is %q, not %q", groups[0].Pattern, want)
	}
	if id := fingerprint.Of(&groups[0].Samples[2]); id != groups[0].Fingerprint {
		t.Errorf("a sample's fingerprint is %s, its group's %s", id, groups[0].Fingerprint)
	}
}

// TestHostileNames has failures of one kind, of sensors whose names are in no text as
// they are.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	g := fingerprint.NewGroups(1)
	for i, device := range []string{"pump", "con/1", `a"b`, "x y ", "50%", "tag", "device", "p", "h", "ünï", "\x01"} {
		for _, tag := range []string{"t", "temp", "y=2&z#h", "<tag>", "e"} {
			s := fleet.Sensor{Device: device, Tag: tag}
			one := failure(device, tag, fleet.NoModel, fmt.Sprintf("there is no models/%s/%s.pkl for %q %d", store.EncodeName(device), store.EncodeName(tag), s.Device, i))
			g.Add(one)
			if want := "there is no models/<device>/<tag>.pkl for <text> <n>"; fingerprint.Pattern(&one) != want {
				t.Errorf("of %q and %q it is %q", device, tag, fingerprint.Pattern(&one))
			}
		}
	}
	if groups := g.List(); len(groups) != 1 {
		t.Errorf("%d kinds", len(groups))
	}
}

func TestManyKinds(t *testing.T) {
	t.Parallel()
	g := fingerprint.NewGroups(1)
	for i := range 1000 {
		g.Add(failure("d", "t", fleet.BadModel, strings.Repeat("x", i)))
	}
	if groups := g.List(); len(groups) != 200 || !g.Cut || g.Failures != 1000 {
		t.Errorf("%d groups of %d failures", len(groups), g.Failures)
	}
}

func FuzzPattern(f *testing.F) {
	f.Add("pump", "temp", "models/pump/temp.pkl \"x` 12.5 <device> <n>")
	f.Add("", "", strings.Repeat("\xff9", 600))
	f.Fuzz(func(t *testing.T, device, tag, example string) {
		one := failure(device, tag, fleet.BadModel, example)
		pattern := fingerprint.Pattern(&one)
		if len(pattern) > 8*600*max(1, len("<device>")) || pattern != fingerprint.Pattern(&one) {
			t.Errorf("%q", pattern)
		}
		if utf8.ValidString(example) && utf8.ValidString(device) && utf8.ValidString(tag) && !utf8.ValidString(pattern) {
			t.Errorf("%q is no text", pattern)
		}
	})
}
