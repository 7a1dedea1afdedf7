package readings

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestNDJSON: what is read of a row, and what is said of one that cannot be.
func TestNDJSON(t *testing.T) {
	long := `{"device":"d","tag":"t","ts":1,"value":"` + strings.Repeat("x", maxRecord) + `"}`
	for row, want := range map[string]string{
		`{"device":"d","tag":"t","ts":"2018-08-28T23:00:05Z","value":1.5}`:             `d/t 2018-08-28T23:00:05Z 1.5`,
		`{"value":-2e3,"ts":1535497205.25,"x":{"device":["no"]},"tag":"t","device":7}`: `7/t 1535497205.25 -2000`,
		`{"Device ID":" d ","sensor":"\u00e9\n","Time":"1","val":"4"}`:                 "d/é\n 1 4",
		`{"device":"d","tag":"t","ts":1,"value":9007199254740993}`:                     `d/t 1 9.007199254740992e+15`,
		`{"device":"d","machine":"m","tag":"t","ts":1,"value":1}`:                      `d/t 1 1`,
		`{"machine":"m","device":"d","tag":"t","ts":1,"value":1}`:                      `d/t 1 1`,
		`{"device":"d","device":"e","tag":"t","ts":1,"value":1}`:                       `bad_row 1: "device" and "device" may both be the device`,
		`{"device":"d","Device":"e","tag":"t","ts":1,"value":1}`:                       `bad_row 1: "device" and "Device" may both be the device`,
		`{"device":"d","tag":"t","ts":1,"value":1,"value":2}`:                          `d/t bad_row 1: "value" and "value" may both be the value`,
		`{"device":"d","tag":"t","ts":1}`:                                              `d/t not_finite 1: value is empty`,
		`{"device":"d","tag":"t","ts":1,"value":null}`:                                 `d/t not_finite 1: value "null" is not a finite number`,
		`{"device":"d","tag":"t","ts":1,"value":"NaN"}`:                                `d/t not_finite 1: value "NaN" is not a finite number`,
		`{"device":"d","tag":"t","ts":1,"value":1e999}`:                                `d/t not_finite 1: value "1e999" is too large for a float64`,
		`{"device":"d","tag":"t","ts":1,"value":true}`:                                 `d/t bad_row 1: value "true" is not a number`,
		`{"device":"d","tag":"t","ts":1,"value":[1]}`:                                  `d/t bad_row 1: value "[1]" is not a number`,
		`{"device":"d","tag":"t","value":1}`:                                           `d/t bad_row 1: row has no time`,
		`{"device":"d","tag":"t","ts":null,"value":1}`:                                 `d/t bad_row 1: time is null`,
		`{"device":"d","tag":"t","ts":"soon","value":1}`:                               `d/t bad_row 1: time "soon" is neither like 2018-08-28T23:00:05.000Z nor a number since 1970`,
		`{"device":"d","ts":1,"value":1}`:                                              `bad_row 1: row has no tag`,
		`{"device":{"id":1},"tag":"t","ts":1,"value":1}`:                               `bad_row 1: device is "{\"id\":1}", not text or a number`,
		`{"device":"","tag":"t","ts":1,"value":1}`:                                     `bad_row 1: device is empty`,
		`{"device":"\ud800","tag":"t","ts":1,"value":1}`:                               `bad_row 1: row is not JSON: `,
		"{\"device\":\"\xff\",\"tag\":\"t\",\"ts\":1,\"value\":1}":                     `bad_row 1: row is not JSON: `,
		`{"device":"d","tag":"t","ts":1,"value":1`:                                     `bad_row 1: row is not JSON: it ends too early`,
		`{"device":"d","tag":"t","ts":1,"value":1} 2`:                                  `bad_row 1: row has text after its object`,
		`{"device":"d","tag":"t","ts":1,"value":1,}`:                                   `bad_row 1: row is not JSON: `,
		`{"device":"d","tag":"t","ts":1,"value":01}`:                                   `bad_row 1: row is not JSON: `,
		`{'device':'d'}`: `bad_row 1: row is not JSON: `,
		long:             `bad_row 1: row is longer than 1048576 bytes`,
	} {
		for _, around := range []string{"%s", "\xef\xbb\xbf \n%s\r\n\n", `{"device":"z","tag":"z","ts":0,"value":0}` + "\n%s\n" + `{"device":"z","tag":"z","ts":0,"value":0}`} {
			c := NewCollector(Options{})
			if err := c.Read(t.Context(), "f", strings.NewReader(fmt.Sprintf(around, row))); err != nil {
				t.Fatalf("%.100q: %v", row, err)
			}
			before, _, _ := strings.Cut(around, "%s")
			line := 1 + strings.Count(before, "\n")
			want := strings.Replace(want, "bad_row 1: ", fmt.Sprintf("bad_row 1 f:%d: ", line), 1)
			want = strings.Replace(want, "not_finite 1: ", fmt.Sprintf("not_finite 1 f:%d: ", line), 1)
			if got := lines(c.Finish()); !strings.HasPrefix(got, want) {
				t.Errorf("%.100q: %s\nwant %s", row, got, want)
			}
		}
	}
}

// lines is a set in short, without the sensor z.
func lines(set *Set) string {
	var parts []string
	for _, f := range set.Unattributed {
		parts = append(parts, fmt.Sprintf("%s %d %s", f.Cause, f.Rows, f.Example))
	}
	for _, s := range set.Series {
		if s.Sensor.Device == "z" {
			continue
		}
		for _, f := range s.Failures {
			parts = append(parts, fmt.Sprintf("%s %s %d %s", s.Sensor, f.Cause, f.Rows, f.Example))
		}
		for _, b := range s.Blocks() {
			for i := range b.Times {
				parts = append(parts, fmt.Sprintf("%s %s %v", s.Sensor, b.AppendTime(nil, i), b.Row(i)[0]))
			}
		}
	}
	return strings.Join(parts, "; ")
}

func TestJSONArray(t *testing.T) {
	err := NewCollector(Options{}).Read(t.Context(), "f", strings.NewReader(` [{"device":"d"}]`))
	if err == nil || !strings.Contains(err.Error(), "one object a line") {
		t.Error(err)
	}
}

// TestNDJSONIsCSV: the same rows give the same set, whatever the order of the
// fields and the size of blocks, with several features too.
func TestNDJSONIsCSV(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		features, err := ParseFeatures(rapid.SampledFrom([]string{"", "value", "value,max"}).Draw(t, "features"), false)
		if err != nil {
			t.Fatal(err)
		}
		names := []string{"ts", "device", "tag", "value", "max"}
		var csv, ndjson strings.Builder
		csv.WriteString(strings.Join(names, ",") + "\n")
		for range rapid.IntRange(1, 40).Draw(t, "rows") {
			cells := []string{
				rapid.SampledFrom([]string{"1", "1535497205.5", "2018-08-28T23:00:05Z", "x", ""}).Draw(t, "ts"),
				rapid.SampledFrom([]string{"a", "温度", " b ", "1", ""}).Draw(t, "device"),
				rapid.SampledFrom([]string{"t", "u"}).Draw(t, "tag"),
				rapid.SampledFrom([]string{"1", "-2.5", "1e3", "", "NaN", "x", "inf"}).Draw(t, "value"),
				rapid.SampledFrom([]string{"7", "0.1", "", "null"}).Draw(t, "max"),
			}
			csv.WriteString(strings.Join(cells, ",") + "\n")
			var fields []string
			for _, i := range rapid.Permutation([]int{0, 1, 2, 3, 4}).Draw(t, "order") {
				value, _ := json.Marshal(cells[i])
				if json.Valid([]byte(cells[i])) && cells[i] != "null" {
					value = []byte(cells[i])
				}
				fields = append(fields, fmt.Sprintf("%q: %s", names[i], value))
			}
			ndjson.WriteString("{" + strings.Join(fields, ", ") + "}\n")
		}
		options := Options{Features: features}
		block := rapid.SampledFrom([]int{16, 100, blockSize}).Draw(t, "block")
		got, want := newCollector(options, block, maxRecord), NewCollector(options)
		if err := got.Read(t.Context(), "f", strings.NewReader(ndjson.String())); err != nil {
			t.Fatal(err)
		}
		if err := want.Read(t.Context(), "f", strings.NewReader(csv.String())); err != nil {
			t.Fatal(err)
		}
		a := dump(got.Finish())
		b := strings.ReplaceAll(dump(want.Finish()), "f:", "f:-")
		if strip(a) != strip(b) {
			t.Fatalf("got\n%s\nwant\n%s", a, b)
		}
	})
}

// strip leaves out the numbers of lines, which differ by the header.
func strip(s string) string { return exampleLine.ReplaceAllString(s, "f:") }

var exampleLine = regexp.MustCompile(`f:-?[0-9]+`)

// FuzzNDJSON: any bytes give a set that adds up, never a panic; what encoding/json
// does not take as JSON is no row.
func FuzzNDJSON(f *testing.F) {
	f.Add(`{"device":"d","tag":"t","ts":1,"value":1}`)
	f.Add("{\"device\":\"d\",\"tag\":\"t\",\"ts\":\"2018-08-28\",\"value\":\"1\",\"x\":[{}]}\n{\"device\":\n")
	f.Fuzz(func(t *testing.T, line string) {
		if !strings.HasPrefix(strings.TrimLeft(line, " \t\r\n"), "{") || strings.ContainsRune(line, '\n') {
			return
		}
		c := NewCollector(Options{})
		if err := c.Read(t.Context(), "f", strings.NewReader(line)); err != nil {
			t.Fatal(err)
		}
		set := c.Finish()
		if set.Rows > 0 && !json.Valid([]byte(line)) {
			t.Fatalf("%q is no JSON, and gave a row", line)
		}
		if failures := len(set.Unattributed); set.Rows == 0 && failures == 0 && (len(set.Series) == 0 || len(set.Series[0].Failures) == 0) {
			t.Fatalf("%q left no trace", line)
		}
	})
}
