package days_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/view/days"
)

func begin() time.Time { return time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC) }

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := days.NewBuilder(begin())
		want := map[fleet.Sensor]map[int64]days.Window{}
		for range rapid.IntRange(0, 200).Draw(t, "windows") {
			s := fleet.Sensor{Device: fmt.Sprintf("d%d", rapid.IntRange(0, 5).Draw(t, "device")), Tag: rapid.SampledFrom([]string{"", "t", "d/t"}).Draw(t, "tag")}
			w := days.Window{
				Start: begin().Add(time.Duration(rapid.IntRange(0, 1439).Draw(t, "minute")) * time.Minute).UnixNano(), Count: rapid.Int64Range(0, 1<<40).Draw(t, "count"), Rev: rapid.Int32Range(0, 9).Draw(t, "rev"),
				Mean: float64(rapid.Float32().Draw(t, "mean")), Min: -1.5, Max: 2,
			}
			b.Add(s, w)
			if want[s] == nil {
				want[s] = map[int64]days.Window{}
			}
			if old, ok := want[s][w.Start]; !ok || w.Rev >= old.Rev {
				want[s][w.Start] = w
			}
		}
		f := days.FingerprintOf([]string{"a", "b"})
		file := b.Encode(f)
		for s, of := range want {
			got, err := days.Read(bytes.NewReader(file), int64(len(file)), f, begin(), s)
			if err != nil || len(got) != len(of) {
				t.Fatalf("%v: %d of %d, %v", s, len(got), len(of), err)
			}
			for i, w := range got {
				if w != of[w.Start] || i > 0 && got[i-1].Start >= w.Start {
					t.Fatalf("%v: %+v, not %+v", s, w, of[w.Start])
				}
			}
		}
		if got, err := days.Read(bytes.NewReader(file), int64(len(file)), f, begin(), fleet.Sensor{Device: "none"}); err != nil || got != nil {
			t.Fatalf("of none: %v, %v", got, err)
		}
		if _, err := days.Read(bytes.NewReader(file), int64(len(file)), days.FingerprintOf([]string{"a"}), begin(), fleet.Sensor{Device: "d0"}); !errors.Is(err, days.ErrStale) {
			t.Fatalf("of other files: %v", err)
		}
	})
}

func FuzzRead(f *testing.F) {
	b := days.NewBuilder(begin())
	s := fleet.Sensor{Device: "d", Tag: "t"}
	b.Add(s, days.Window{Start: begin().UnixNano(), Count: 3})
	made := days.FingerprintOf(nil)
	f.Add(b.Encode(made))
	f.Add([]byte("FSDAY1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		windows, err := days.Read(bytes.NewReader(data), int64(len(data)), made, begin(), s)
		if err == nil && len(windows) > len(data) {
			t.Errorf("%d windows of %d bytes", len(windows), len(data))
		}
	})
}
