package readings_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/score/readings"
)

// Of rows of one time the last counts, in whatever order and in whichever file they come.
func TestLatest(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	want := map[string]map[int64]float64{}
	c := readings.NewCollector(readings.Options{Latest: true})
	for range 3 {
		var text strings.Builder
		text.WriteString("ts,device,tag,value\n")
		for range 3000 {
			device, second, value := fmt.Sprint("d", random.IntN(9)), random.Int64N(400), float64(random.IntN(1000))
			if want[device] == nil {
				want[device] = map[int64]float64{}
			}
			want[device][second] = value
			fmt.Fprintf(&text, "%d,%s,t,%v\n", 1_700_000_000+second, device, value)
		}
		if err := c.Read(t.Context(), "f", strings.NewReader(text.String())); err != nil {
			t.Fatal(err)
		}
	}
	set := c.Finish()
	total := int64(0)
	for _, s := range set.Series {
		var times []int64
		for _, b := range s.Blocks() {
			for i, ns := range b.Times {
				times = append(times, ns)
				if v := want[s.Sensor.Device][ns/1e9-1_700_000_000]; b.Row(i)[0] != v {
					t.Fatalf("%s at %d is %v, not %v", s.Sensor, ns, b.Row(i)[0], v)
				}
			}
		}
		if len(times) != len(want[s.Sensor.Device]) || !slices.IsSorted(times) {
			t.Errorf("%s has %d rows, not %d in order", s.Sensor, len(times), len(want[s.Sensor.Device]))
		}
		total += int64(len(times))
	}
	if set.Rows != total {
		t.Errorf("%d rows are told, of %d", set.Rows, total)
	}
}
