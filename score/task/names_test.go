package task_test

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/task"
)

// No sensor fails for the name of its file, whoever else is in its task.
func TestFileNames(t *testing.T) {
	long := strings.Repeat("x", fleet.MaxName)
	sensors := []fleet.Sensor{{Device: "a", Tag: "b_c"}, {Device: "a_b", Tag: "c"}, {Device: "pump_1", Tag: "in/out"}, {Device: long, Tag: long}, {Device: long, Tag: "y"}}
	recipe := fleet.Recipe{Entity: "sensor", Models: "models/pump-1/temperature.pkl", Format: "csv", Layout: "sensor", MissingModel: "fail"}
	var parts []fleet.Part
	text := "ts,device,tag,value\n"
	for _, s := range sensors {
		parts = append(parts, fleet.Part{Partitions: []int{fleet.Partition(s.Device, partitions)}, High: ^uint32(0), Only: &s})
		text += "2025-06-02T00:00:00Z," + s.Device + "," + s.Tag + ",60\n"
	}
	scored := func(parts ...fleet.Part) (rows []string, names map[string]bool) {
		p := newPlant(t)
		p.put("readings.csv", []byte(text))
		p.input.Size = int64(len(text))
		results := p.run(p.plan(recipe, parts...), len(parts), task.Config{})
		names = map[string]bool{}
		for _, r := range results {
			if r.Failed > 0 {
				t.Errorf("of %d tasks: %+v", len(parts), r.Failures)
			}
			for _, o := range r.Outputs {
				names[path.Base(o.Key)] = true
			}
		}
		return p.rows(results...), names
	}
	together, names := scored(everything)
	if len(together) != len(sensors) || len(names) != len(sensors) {
		t.Errorf("%d rows in %d files", len(together), len(names))
	}
	for _, want := range []string{"preds_a_b%5Fc.csv", "preds_a%5Fb_c.csv", "preds_pump_1_in%2Fout.csv"} {
		if !names[want] {
			t.Errorf("there is no %s among %v", want, slices.Sorted(maps.Keys(names)))
		}
	}
	apart, names := scored(parts...)
	if !slices.Equal(apart, together) {
		t.Errorf("apart they are\n%v, together\n%v", apart, together)
	}
	if !names["preds_a_b_c.csv"] || !names["preds_pump_1_in%2Fout.csv"] {
		t.Errorf("names that nobody shares: %v", slices.Sorted(maps.Keys(names)))
	}
}
