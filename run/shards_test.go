package run

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fleetscore/fleetscore/fleet"
)

// Every sensor, known or not, is in exactly one part, before and after any split.
func TestEverySensorHasOnePart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		partitions := rapid.IntRange(1, 8).Draw(t, "partitions")
		n := rapid.IntRange(0, 300).Draw(t, "sensors")
		weights := make([][]weight, partitions)
		var sensors []fleet.Sensor
		for i := range n {
			s := fleet.Sensor{Device: fmt.Sprint("d", i/3), Tag: fmt.Sprint(i % 3)}
			sensors = append(sensors, s)
			p := fleet.Partition(s.Device, partitions)
			if rapid.IntRange(0, 9).Draw(t, "known") > 0 {
				weights[p] = append(weights[p], weight{fleet.Spread(s), float32(rapid.Float64Range(1e-6, 0.1).Draw(t, "cost"))})
			}
		}
		sensors = append(sensors, fleet.Sensor{Device: "nobody", Tag: "knows"})
		most := limits{target: rapid.Float64Range(0.001, 1).Draw(t, "target"), sensors: rapid.SampledFrom([]int{0, 1, 5}).Draw(t, "most")}
		var parts []fleet.Part
		for _, p := range cut(weights, most) {
			parts = append(parts, p.Part)
		}
		check := func() {
			for _, s := range sensors {
				in := 0
				for i := range parts {
					if parts[i].Covers(s, partitions) {
						in++
					}
				}
				if in != 1 {
					t.Fatalf("%s is in %d of %d parts", s, in, len(parts))
				}
			}
		}
		check()
		for range rapid.IntRange(0, 6).Draw(t, "splits") {
			i := rapid.IntRange(0, len(parts)-1).Draw(t, "part")
			var known []fleet.Sensor
			for _, s := range sensors[:n] {
				if parts[i].Covers(s, partitions) {
					known = append(known, s)
				}
			}
			if parts[i].Only != nil || len(known) == 0 {
				continue
			}
			parts = append(slices.Delete(slices.Clone(parts), i, i+1), split(parts[i], known, partitions)...)
			check()
		}
	})
}

// A task that kills is split until a sensor stands alone, in few generations.
func TestSplitEnds(t *testing.T) {
	const partitions = 4
	var known []fleet.Sensor
	for i := range 50_000 {
		known = append(known, fleet.Sensor{Device: fmt.Sprint("d", i), Tag: "t"})
	}
	poison := known[12_345]
	part := fleet.Part{Partitions: []int{0, 1, 2, 3}, High: ^uint32(0)}
	for generation := 1; part.Only == nil; generation++ {
		if generation > 8 {
			t.Fatalf("after %d splits the part still has %d sensors", generation, len(known))
		}
		for _, piece := range split(part, known, partitions) {
			if piece.Covers(poison, partitions) {
				part = piece
			}
		}
		known = slices.DeleteFunc(known, func(s fleet.Sensor) bool { return !part.Covers(s, partitions) })
	}
	if *part.Only != poison {
		t.Errorf("%v stands alone", part.Only)
	}
}

// Parts are about as large as they should be.
func TestCut(t *testing.T) {
	weights := make([][]weight, 64)
	for i := range 100_000 {
		s := fleet.Sensor{Device: fmt.Sprint("d", i), Tag: "t"}
		p := fleet.Partition(s.Device, len(weights))
		weights[p] = append(weights[p], weight{fleet.Spread(s), 30e-6})
	}
	job := &Job{TaskSeconds: 0.25}
	parts := cut(weights, limitsOf(job, 3, 0, 2))
	if len(parts) < 9 || len(parts) > 16 {
		t.Errorf("3 s of work for 2 nodes is cut into %d parts", len(parts))
	}
	for _, p := range parts {
		if p.cost > 0.4 {
			t.Errorf("a part costs %v s", p.cost)
		}
	}
	if parts := cut(make([][]weight, 64), limitsOf(job, 0, 0, 2)); len(parts) != 1 || len(parts[0].Partitions) != 64 {
		t.Errorf("a fleet that nobody knows is cut into %d parts", len(parts))
	}
	if parts := cut(weights, limits{target: 10, sensors: 1}); len(parts) < 99_000 {
		t.Errorf("100,000 sensors, one a task, are %d tasks", len(parts))
	}
}

func TestExpand(t *testing.T) {
	at := func(s string) time.Time {
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	i := fleet.NewInterval(at("2026-11-23T22:30:00+00:00"), at("2026-11-24T01:00:00+00:00"))
	for template, want := range map[string][]string{
		"x.csv":                  {"x.csv"},
		"r/{date}.csv":           {"r/2026-11-23.csv", "r/2026-11-24.csv"},
		"r/{date}/{hour}-*.csv":  {"r/2026-11-23/22-*.csv", "r/2026-11-23/23-*.csv", "r/2026-11-24/00-*.csv"},
		"{year}/{month}/{day}/x": {"2026/11/23/x", "2026/11/24/x"},
		"{month}.csv":            {"11.csv"},
	} {
		if got := expand(template, i); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", template, got, want)
		}
		if err := CheckFiles(template); err != nil {
			t.Error(err)
		}
	}
	if got := expand("{hour}{minute}", i); len(got) != 150 || got[0] != "2230" {
		t.Errorf("%d minutes from %s", len(got), got[0])
	}
	for _, bad := range []string{"{dat}", "a}", "../x", "/x", "[", ""} {
		if CheckFiles(bad) == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}
