package readings

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"pgregory.net/rapid"
)

// naive is what a set should be, by the simplest means.
type naive struct {
	series   map[fleet.Sensor]*naiveSeries
	rows     int64
	integers bool
}

type naiveSeries struct {
	rows             []naiveRow
	bad, notFinite   int64
	firstBad, firstN string
}

type naiveRow struct {
	ns    int64
	text  string
	value float64
}

var layouts = []string{
	"2006-01-02 15:04:05.000", time.RFC3339, time.RFC3339Nano, "2006-01-02T15:04:05,000000-07", "2006-01-02 15:04", time.DateOnly,
	" 2006-01-02t15:04:05.0000000 -0700 ", "unix", "milli", "nano", "unix with zeros", "picoseconds",
}

func drawTime(t *rapid.T) (int64, string) {
	at := time.Unix(rapid.Int64Range(-9e9, 9e9).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds"))
	at = at.Truncate(rapid.SampledFrom([]time.Duration{1, 1000, 1e6, 1e9, 3600e9}).Draw(t, "grid"))
	at = at.In(time.FixedZone("", 900*rapid.IntRange(-50, 50).Draw(t, "zone")))
	layout := rapid.SampledFrom(layouts).Draw(t, "layout")
	switch layout {
	case "unix":
		return at.Unix() * 1e9, strconv.FormatInt(at.Unix(), 10)
	case "milli":
		ms := max(at.UnixMilli(), 2e11)
		return ms * 1e6, strconv.FormatInt(ms, 10)
	case "nano":
		ns := max(at.UnixNano(), 2e17)
		return ns, strconv.FormatInt(ns, 10)
	}
	switch layout {
	case "unix with zeros":
		at = at.Truncate(time.Second)
		return at.Unix() * 1e9, strings.Replace(fmt.Sprintf("%012d", at.Unix()), "-0", "-00", 1)
	case "picoseconds":
		return at.UnixNano(), at.UTC().Format("2006-01-02T15:04:05.000000000") + "999Z"
	}
	text := at.Format(layout)
	back, err := time.ParseInLocation(layout, text, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return back.UnixNano(), text
}

func drawValue(t *rapid.T) (float64, string) {
	if rapid.Bool().Draw(t, "integer") {
		n := rapid.Int32().Draw(t, "value")
		return float64(n), strconv.Itoa(int(n))
	}
	v := rapid.Float64().Draw(t, "value")
	return v, strconv.FormatFloat(v, rapid.SampledFrom([]byte("feg")).Draw(t, "notation"), -1, 64)
}

// drawFile writes rows of the sensors in a dialect of CSV and adds them to the
// model.
func drawFile(t *rapid.T, name string, sensors []fleet.Sensor, model *naive) []byte {
	comma := rapid.SampledFrom([]string{",", ";", "\t"}).Draw(t, "delimiter")
	end := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "line end")
	quoteAll := rapid.Bool().Draw(t, "quote all")
	order := rapid.Permutation([]int{0, 1, 2, 3, 4, 5}).Draw(t, "columns")
	var b bytes.Buffer
	line := 1
	write := func(fields [6]string) {
		for i, k := range order {
			field := fields[k]
			line += strings.Count(field, "\n")
			if quoteAll || strings.ContainsAny(field, "\r\n\""+comma) {
				field = `"` + strings.ReplaceAll(field, `"`, `""`) + `"`
			}
			if i > 0 {
				b.WriteString(comma)
			}
			b.WriteString(field)
		}
		b.WriteString(end)
		line++
	}
	if rapid.Bool().Draw(t, "byte order mark") {
		b.WriteString("\xef\xbb\xbf")
	}
	write([6]string{"Time", "device_id", "TAG", "Value", "note", "quality"})
	for range rapid.IntRange(0, 150).Draw(t, "rows") {
		if rapid.IntRange(0, 9).Draw(t, "blank line") == 0 {
			b.WriteString(end)
			line++
		}
		sensor := rapid.SampledFrom(sensors).Draw(t, "sensor")
		ns, at := drawTime(t)
		value, number := drawValue(t)
		s := model.series[sensor]
		if s == nil {
			s = &naiveSeries{}
			model.series[sensor] = s
		}
		switch rapid.IntRange(0, 19).Draw(t, "fate") {
		case 0:
			number = "NaN"
			model.integers = false
			if s.notFinite++; s.notFinite == 1 {
				s.firstN = fmt.Sprintf("%s:%d: value \"NaN\" is not a finite number", name, line)
			}
		case 1:
			at = "then"
			if s.bad++; s.bad == 1 {
				s.firstBad = fmt.Sprintf("%s:%d: time \"then\" is neither like 2018-08-28T23:00:05.000Z nor a number since 1970", name, line)
			}
		default:
			s.rows = append(s.rows, naiveRow{ns, at, value})
			model.rows++
		}
		if n, err := strconv.ParseInt(number, 10, 64); err != nil || n > 1<<53 || n < -1<<53 {
			model.integers = false
		}
		note := rapid.SampledFrom([]string{"", "x", "a \"note\"", "two\nlines"}).Draw(t, "note")
		write([6]string{at, sensor.Device, sensor.Tag, number, note, "good"})
	}
	if rapid.Bool().Draw(t, "no line end at the end of the file") {
		b.Truncate(b.Len() - len(end))
	}
	return b.Bytes()
}

// Whatever the dialect, the compression, the blocks and the split into files:
// the series are those of the model.
func TestAgainstNaiveModel(t *testing.T) {
	names := rapid.OneOf(
		rapid.StringMatching(`[A-Za-z0-9]{1,3}`),
		rapid.SampledFrom([]string{"a,b", "a;b", "a\tb", `"`, `a"b`, "a\nb", "ü", strings.Repeat("n", fleet.MaxName)}),
	)
	rapid.Check(t, func(t *rapid.T) {
		sensors := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) fleet.Sensor {
			return fleet.Sensor{Device: names.Draw(t, "device"), Tag: names.Draw(t, "tag")}
		}), 1, 20).Draw(t, "sensors")
		model := &naive{series: map[fleet.Sensor]*naiveSeries{}, integers: true}
		c := newCollector(Options{}, rapid.IntRange(1, 200).Draw(t, "block size"), 1<<11)
		for i := range rapid.IntRange(1, 3).Draw(t, "files") {
			name := fmt.Sprintf("%d.csv", i)
			data := drawFile(t, name, sensors, model)
			if err := c.Read(t.Context(), name, bytes.NewReader(data)); err != nil {
				t.Fatal(err)
			}
		}
		compare(t, c.Finish(), model)
	})
}

func compare(t *rapid.T, set *Set, model *naive) {
	if set.Rows != model.rows || set.Integers[0] != (model.integers && model.rows > 0) || len(set.Unattributed) > 0 {
		t.Fatalf("%d rows, integers %v, %+v; want %d, %v", set.Rows, set.Integers, set.Unattributed, model.rows, model.integers)
	}
	sensors := slices.SortedFunc(maps.Keys(model.series), fleet.Sensor.Compare)
	if len(set.Series) != len(sensors) {
		t.Fatalf("%d series, want %d", len(set.Series), len(sensors))
	}
	for i, sensor := range sensors {
		got, want := set.Series[i], model.series[sensor]
		if got.Sensor != sensor || got.Rows() != len(want.rows) {
			t.Fatalf("%s: %d rows; want %s: %d", got.Sensor, got.Rows(), sensor, len(want.rows))
		}
		n := 0
		blocks := got.Blocks()
		checkSizes(t, blocks)
		for _, block := range blocks {
			for k, ns := range block.Times {
				row := naiveRow{ns, string(block.AppendTime(nil, k)), block.Values[k]}
				if row != want.rows[n] {
					t.Fatalf("%s, row %d: %v, want %v", sensor, n, row, want.rows[n])
				}
				n++
			}
		}
		if n != len(want.rows) {
			t.Fatalf("%s: %d rows in blocks, want %d", sensor, n, len(want.rows))
		}
		for _, f := range got.Failures {
			switch {
			case f == fleet.Failure{Cause: fleet.BadRow, Rows: want.bad, Example: want.firstBad}:
				want.bad = 0
			case f == fleet.Failure{Cause: fleet.NotFinite, Rows: want.notFinite, Example: want.firstN}:
				want.notFinite = 0
			default:
				t.Fatalf("%s: %+v, want %+v", sensor, f, want)
			}
		}
		if want.bad+want.notFinite > 0 {
			t.Fatalf("%s: %+v, want %+v", sensor, got.Failures, want)
		}
	}
}

// checkSizes refuses blocks that cannot be used well.
func checkSizes(t interface{ Errorf(string, ...any) }, blocks []*Block) {
	before := maxSpan
	for _, b := range blocks {
		n := len(b.Times)
		if n == 0 || n > maxSpan || n != len(b.Values) {
			t.Errorf("a block of %d times and %d values", n, len(b.Values))
		}
		if n < gatherBelow && before < gatherBelow {
			t.Errorf("a block of %d rows after one of %d", n, before)
		}
		before = n
	}
}

// Series that fill many slabs come out whole and in order, in blocks that are
// worth their while.
func TestLongSeries(t *testing.T) {
	const sensors, rows = 3, 40_000
	c := NewCollector(Options{})
	if err := c.Read(t.Context(), "f", newFleetText(sensors, rows)); err != nil {
		t.Fatal(err)
	}
	for _, s := range c.Finish().Series {
		blocks := s.Blocks()
		if s.Rows() != rows || len(blocks) > 30 {
			t.Errorf("%s: %d rows in %d blocks", s.Sensor, s.Rows(), len(blocks))
		}
		checkSizes(t, blocks)
		next := time.Date(2018, 8, 28, 23, 0, 5, 0, time.UTC)
		for _, b := range blocks {
			for i, ns := range b.Times {
				if want := next.Format("2006-01-02 15:04:05.000"); ns != next.UnixNano() || string(b.AppendTime(nil, i)) != want {
					t.Fatalf("%s: time %d, %s; want %s", s.Sensor, ns, b.AppendTime(nil, i), want)
				}
				next = next.Add(5 * time.Second)
			}
		}
	}
}
