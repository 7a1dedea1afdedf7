package readings

import (
	"reflect"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
)

// collect reads one file and fails the test on an error.
func collect(t testing.TB, name, text string) *Set {
	t.Helper()
	c := NewCollector(Options{})
	if err := c.Read(t.Context(), name, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	return c.Finish()
}

// Each row is bad on its own; the good ones around it are kept.
func TestBadRows(t *testing.T) {
	const good = "2018-08-28 23:00:05.000,1,4,84.53\n"
	long := strings.Repeat("x", 300)
	for _, tt := range []struct {
		row  string
		of   string // sensor; "" where it cannot be known
		want string
	}{
		{"2018-08-28 23:00:05.000,2,4,abc", "2/4", `value "abc" is not a number`},
		{`1535497205,2,4,"84,53"`, "2/4", `value "84,53" is not a number`},
		{"1535497205,2,4,0x1F", "2/4", `value "0x1F" is not a number`},
		{"1535497205,2,4," + long, "2/4", `value "` + long[:40] + `"… is not a number`},
		{"1535497205,2,4,x" + strings.Repeat("ü", 30), "2/4", `value "x` + strings.Repeat("ü", 19) + `"… is not a number`},
		{"1535497205,2,4,", "2/4", "value is empty"},
		{"1535497205,2,4, ", "2/4", "value is empty"},
		{"1535497205,2,4,NaN", "2/4", `value "NaN" is not a finite number`},
		{"1535497205,2,4,-inf", "2/4", `value "-inf" is not a finite number`},
		{"1535497205,2,4,1e999", "2/4", `value "1e999" is too large for a float64`},
		{",2,4,5", "2/4", "time is empty"},
		{"28.08.2018,2,4,5", "2/4", `time "28.08.2018" is neither like 2018-08-28T23:00:05.000Z nor a number since 1970`},
		{"2018-02-30,2,4,5", "2/4", `time "2018-02-30" does not exist`},
		{"9999-12-31,2,4,5", "2/4", `time "9999-12-31" is not between 1677-09-21 and 2262-04-11`},
		{"2018-02-30,2,4,NaN", "2/4", `time "2018-02-30" does not exist`},
		{"1535497205,2,4", "2/4", "row has 3 columns, value is column 4"},
		{"1535497205,2", "", "row has 2 columns, tag is column 3"},
		{"1535497205", "", "row has 1 columns, device is column 2"},
		{"1535497205,,4,5", "", "device is empty"},
		{"1535497205,2, ,5", "", "tag is empty"},
		{"1535497205," + long + ",4,5", "", "device is 300 bytes long, the most is 256"},
		{"1535497205,2,\xe4,5", "", `tag "\xe4" is not UTF-8`},
		{"1535497205,2,4\x00,5", "", "row has a NUL byte"},
		{"1535497205,2,4,5,\x00", "", "row has a NUL byte"},
		{`1535497205,"2,4,5`, "", "row has a quote that is not closed"},
		{`1535497205,"2"x,4,5`, "", "row has text after a closing quote"},
		{strings.Repeat("y", 1<<20), "", "row is longer than 1048576 bytes (a quote that is not closed?)"},
		{`"` + strings.Repeat("y", 1<<20), "", "row is longer than 1048576 bytes (a quote that is not closed?)"},
	} {
		set := collect(t, "data.csv", "TS,Device,Tag,Value\n"+good+"\r\n"+tt.row+"\n"+good)
		want := fleet.Failure{Cause: fleet.BadRow, Rows: 1, Example: "data.csv:4: " + tt.want}
		if strings.Contains(tt.want, "finite") || strings.Contains(tt.want, "large") || tt.want == "value is empty" {
			want.Cause = fleet.NotFinite
		}
		var got []fleet.Failure
		switch {
		case tt.of == "":
			got = set.Unattributed
		case len(set.Series) == 2 && set.Series[1].Sensor.String() == tt.of && set.Series[1].Rows() == 0:
			got = set.Series[1].Failures
		}
		if !reflect.DeepEqual(got, []fleet.Failure{want}) {
			t.Errorf("%.60q: %.200s\nwant %+v", tt.row, dump(set), want)
		}
		if set.Rows != 2 || set.Series[0].Rows() != 2 {
			t.Errorf("%.60q: %d rows kept, want 2", tt.row, set.Rows)
		}
	}
}

// Failures are counted by sensor and cause, over files; the first is the example.
func TestFailuresAddUp(t *testing.T) {
	c := NewCollector(Options{})
	for _, file := range [][2]string{
		{"a.csv", "ts,device,tag,value\n1,d,t,x\n2,d,t,\n3,d,t,y\n4,d,t,1\n\"\n,,,\n"},
		{"b.csv", "value;tag;device;ts\n;t;d;5\n6;t;d;-\n7;t;d;8\n"},
	} {
		if err := c.Read(t.Context(), file[0], strings.NewReader(file[1])); err != nil {
			t.Fatal(err)
		}
	}
	want := `2 rows, integers false, ms, [{Cause:bad_row Rows:2 Example:a.csv:6: row has a quote that is not closed}]
"d/t" [{Cause:bad_row Rows:3 Example:a.csv:2: value "x" is not a number} {Cause:not_finite Rows:2 Example:a.csv:3: value is empty}] 2
	4000000000 "4" 1
	8000000000 "8" 7
`
	if got := dump(c.Finish()); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// The line of an example is where its row begins, whatever came before.
func TestLines(t *testing.T) {
	for text, want := range map[string]string{
		"ts,device,tag,value\nx,d,t,1\n":                                   "f:2",
		"\r\n\nts,device,tag,value\n\n  \nx,d,t,1":                         "f:6",
		"\xef\xbb\xbf\"ts\",device,tag,value,\"a\nb\"\nx,d,t,1":            "f:3",
		"ts,device,tag,value\n1,\"d\n\n\",t,1\nx,d,t,1\n":                  "f:5",
		"ts,device,tag,value\n1,\"d,t,1\n1,d,t,2\n\"x,d,t,1\nx,d,t,1":      "f:5",
		"ts,device,tag,value\n" + strings.Repeat("z", 2<<20) + "\nx,d,t,1": "f:3",
	} {
		set := collect(t, "f", text)
		var example string
		for _, s := range set.Series {
			for _, f := range s.Failures {
				example = f.Example
			}
		}
		if !strings.HasPrefix(example, want+": time ") {
			t.Errorf("%.60q: %q, want %s", text, example, want)
		}
	}
}

func TestWholeFileErrors(t *testing.T) {
	const formats = "; readings are read from Parquet files, and from CSV or JSON lines in UTF-8, plain or compressed with gzip or zstd"
	for text, want := range map[string]string{
		"":                               "no header: the file is empty",
		"\n \r\n":                        "no header: the file is empty",
		"\xef\xbb\xbf":                   "no header: the file is empty",
		"PAR1\x15\x04":                   "not CSV but a Parquet file, which must be given as a file: not as a stream, nor compressed again" + formats,
		"PK\x03\x04":                     "not CSV but a zip archive or an Excel workbook" + formats,
		"\xff\xfet\x00s\x00":             "not CSV but UTF-16 text" + formats,
		"t\x00s\x00,\x00d\x00\n\x00":     "not CSV but UTF-16 text or binary: the first line has NUL bytes" + formats,
		"\x28\xb5\x2f":                   `no column is called like a time (ts, timestamp, time …); the header has "(\xb5/"; say which it is with --columns time=NAME`,
		"\x28\xb5\x2f\xfd":               "cut short: the zstd data ends too early: unexpected EOF",
		"\x28\xb5\x2f\xfdxxxxxxxxxxxxxx": "damaged: the zstd data cannot be decompressed: ",
		"\x1f\x8b":                       "cut short: the gzip data ends too early: unexpected EOF",
		"\x1f\x8bxxxxxxxxxxxxxx":         "damaged: the gzip data cannot be decompressed: gzip: invalid header",
		"a,\"b":                          "no readable header: line 1: row has a quote that is not closed",
		"\n\"a\"b,c":                     "no readable header: line 2: row has text after a closing quote",
		strings.Repeat("x", 2<<20):       "no readable header: line 1: row is longer than 1048576 bytes (a quote that is not closed?)",
		"ts;device\n1,2,3,4\n":           `no column is called like a tag (tag, tagid, tagname …); the header has "ts", "device"; say which it is with --columns tag=NAME`,
	} {
		c := NewCollector(Options{})
		err := c.Read(t.Context(), "f.csv", strings.NewReader(text))
		if err == nil || !strings.HasPrefix(err.Error(), "f.csv: "+want) {
			t.Errorf("%.30q: error\n\t%v\nwant\n\tf.csv: %s", text, err, want)
		}
	}
}

func TestIntegersAndUnit(t *testing.T) {
	for rows, want := range map[string]struct {
		integers bool
		unit     string
	}{
		"":                                 {false, "ms"},
		"1,d,t,5\n2,d,t,-6\n":              {true, "ms"},
		"1,d,t,5\n\n2,d,t,\"+6\"\n":        {true, "ms"},
		"1,d,t,5\n2,d,t,6.0\n":             {false, "ms"},
		"1,d,t,5\n2,d,t,\n":                {false, "ms"},
		"1,d,t,5\n2,d,t\n":                 {false, "ms"},
		"1,d,t,5\n2,,t,6.5\n":              {false, "ms"},
		"1,d,t,5\nx,d,t,6\n":               {true, "ms"},
		"0.001,d,t,5\n":                    {true, "ms"},
		"0.0001,d,t,5\n":                   {true, "us"},
		"0.0000001,d,t,5\n0.1,d,t,5":       {true, "ns"},
		"0.0000001,d,t,x\n1,d,t,5":         {false, "ms"},
		"0.0000001,d,t,x\n0.0000001,d,t,5": {false, "ns"},
	} {
		set := collect(t, "f", "ts,device,tag,value\n"+rows)
		if set.Integers[0] != want.integers || set.Unit.String() != want.unit {
			t.Errorf("%q: integers %v, %s; want %v, %s", rows, set.Integers, set.Unit, want.integers, want.unit)
		}
	}
}

// Names are trimmed, and otherwise taken as they are.
func TestNames(t *testing.T) {
	set := collect(t, "f", "ts,device,tag,value\n1, d ,\tt,1\n2,d,t,2\n3,D,t,3\n4,01,t,4\n5,1,t,5\n6,\"d \"\"x\"\"\n\",t,6\n7,,,\n")
	var got []string
	for _, s := range set.Series {
		got = append(got, s.Sensor.String())
	}
	if want := []string{"01/t", "1/t", "D/t", "d/t", "d \"x\"\n/t"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if set.Series[3].Rows() != 2 {
		t.Errorf("%s", dump(set))
	}
}

func TestCollectorIsEmptyAfterFinish(t *testing.T) {
	c := NewCollector(Options{})
	for range 2 {
		if err := c.Read(t.Context(), "f", strings.NewReader("ts,device,tag,value\n1,a,b,2\n")); err != nil {
			t.Fatal(err)
		}
		if set := c.Finish(); set.Rows != 1 || len(set.Series) != 1 {
			t.Error(dump(set))
		}
	}
}
