package readings

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fleetscore/fleetscore/fleet"
)

// TestJoin: a device's tags side by side, against maps by device and time.
func TestJoin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SampledFrom([]string{"a", "a,b", "b,a.max", "a.max,b.max,b", `"c.d".max,a`}).Draw(t, "features")
		features, err := ParseFeatures(list, true)
		if err != nil {
			t.Fatal(err)
		}
		type at struct {
			device, tag string
			time        int
		}
		last := make(map[at][2]float64)
		var csv strings.Builder
		csv.WriteString("ts,device,tag,value,max\n")
		for range rapid.IntRange(0, 60).Draw(t, "rows") {
			key := at{
				rapid.SampledFrom([]string{"p", "q"}).Draw(t, "device"), rapid.SampledFrom([]string{"a", "b", "c.d", "other"}).Draw(t, "tag"),
				rapid.IntRange(0, 6).Draw(t, "time"),
			}
			value := [2]float64{float64(rapid.IntRange(0, 3).Draw(t, "value")), float64(rapid.IntRange(0, 3).Draw(t, "max"))}
			missing := rapid.IntRange(0, 9).Draw(t, "missing")
			if missing < 2 {
				value[missing] = math.NaN()
			}
			last[key] = value
			text := [2]string{strconv.FormatFloat(value[0], 'f', -1, 64), strconv.FormatFloat(value[1], 'f', -1, 64)}
			fmt.Fprintf(&csv, "%d,%s,%s,%s,%s\n", key.time, key.device, key.tag, text[0], text[1])
		}
		c := NewCollector(Options{Features: features})
		if err := c.Read(t.Context(), "f", strings.NewReader(csv.String())); err != nil {
			t.Fatal(err)
		}
		set := c.Finish()
		rows := int64(0)
		for _, device := range []string{"p", "q"} {
			i := slices.IndexFunc(set.Series, func(s *Series) bool { return s.Sensor == fleet.Sensor{Device: device} })
			got, lacking := [][]float64{}, int64(0)
			if i >= 0 {
				for _, b := range set.Series[i].Blocks() {
					for k, ns := range b.Times {
						got = append(got, append([]float64{float64(ns / second)}, b.Row(k)...))
					}
				}
				for _, f := range set.Series[i].Failures {
					if f.Cause == fleet.MissingFeature && strings.HasPrefix(f.Example, "no ") {
						lacking = f.Rows
					}
				}
			}
			want := [][]float64{}
			for time := range 7 {
				row, absent, some := []float64{float64(time)}, false, false
				for _, f := range features.List {
					value, ok := last[at{device, f.Tag, time}]
					some, absent = some || ok, absent || !ok
					row = append(row, value[slices.Index([]string{"", "max"}, f.Column)])
				}
				if some && !absent && !slices.ContainsFunc(row, math.IsNaN) {
					want = append(want, row)
				}
			}
			rows += int64(len(want))
			if !slices.EqualFunc(got, want, slices.Equal[[]float64]) {
				t.Fatalf("%s: %v, want %v (%d lacking)\n%s", device, got, want, lacking, csv.String())
			}
		}
		if set.Rows != rows {
			t.Fatalf("%d rows in all, want %d", set.Rows, rows)
		}
	})
}

// TestJoinFailures: what is missing, different or unreadable is counted, with an example.
func TestJoinFailures(t *testing.T) {
	features, err := ParseFeatures("a,b", true)
	if err != nil {
		t.Fatal(err)
	}
	c := NewCollector(Options{Features: features})
	if err := c.Read(t.Context(), "f", strings.NewReader("ts,device,tag,value\n"+
		"1,p,a,1\n1,p,b,1\n1,p,b,2\n2,p,a,1\n3,p,b,1\n4,p,a,x\n4,p,b,1\n5,p,a,\n5,p,b,1\n6,p,a,3\n6,p,a,3\n6,p,b,3\n7,p,c,1\n7,,c,1\n")); err != nil {
		t.Fatal(err)
	}
	set := c.Finish()
	want := "" +
		`p bad_row 2 f:7: value "x" is not a number; ` +
		`p missing_feature 3 f:9: value is empty; ` +
		"p 1 1; p 6 3"
	if got := lines(set); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// TestParseFeatures: what is read, and what is said of the rest.
func TestParseFeatures(t *testing.T) {
	for _, tt := range []struct {
		text   string
		device bool
		want   string // names, or the error
	}{
		{"", false, "[value]"}, {"mean", false, "[mean]"}, {" mean , max ", false, "[mean max]"}, {`"a,b",c.d`, false, "[a,b c.d]"}, {`"say ""x"""`, false, `[say "x"]`},
		{"a", true, "[a]"}, {"a,b.max", true, "[a b.max]"}, {"m.n.max", true, "[m.n.max]"}, {`"m.n",x`, true, "[m.n x]"}, {`"m.n".max`, true, "[m.n.max]"},
		{"", true, "a device needs to be told its features"}, {"a,", false, "nothing follows the last comma"}, {"a,,b", false, "a name is empty"},
		{",a", false, "a name is empty"}, {"a.", true, "has no column after its dot"}, {`"a`, false, "is not closed"}, {`"a"b`, false, "a comma belongs there"},
		{"a,a", false, "given twice"}, {"Time", false, "cannot be a feature"}, {"model", true, "cannot be a feature"},
	} {
		f, err := ParseFeatures(tt.text, tt.device)
		got := fmt.Sprint(f.Names())
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, tt.want) {
			t.Errorf("%q: %s, want %s", tt.text, got, tt.want)
		}
	}
}
