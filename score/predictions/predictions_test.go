package predictions_test

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/predictions"
	"github.com/fleetscore/fleetscore/score/readings"
)

// read gives the blocks of the one sensor of a CSV text.
func read(t *testing.T, text string) *readings.Set {
	t.Helper()
	c := readings.NewCollector(readings.Options{})
	if err := c.Read(t.Context(), "test.csv", strings.NewReader("ts,device,tag,value\n"+text)); err != nil {
		t.Fatal(err)
	}
	set := c.Finish()
	if len(set.Series) != 1 || len(set.Series[0].Blocks()) != 1 {
		t.Fatalf("%d sensors", len(set.Series))
	}
	return set
}

func batch(set *readings.Set, anomaly []int8, scores []float64) predictions.Batch {
	return predictions.Batch{Sensor: set.Series[0].Sensor, Model: "digest", Block: set.Series[0].Blocks()[0], Score: scores, Anomaly: anomaly}
}

// TestNumbers: as Python's repr writes them, which was asked.
func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		v    float64
		want string
	}{
		{0, "0.0"}, {math.Copysign(0, -1), "-0.0"}, {1, "1.0"}, {-17, "-17.0"}, {10.16, "10.16"}, {0.30000000000000004, "0.30000000000000004"},
		{0.0001, "0.0001"}, {0.00009999, "9.999e-05"}, {1e-5, "1e-05"}, {1.5e-300, "1.5e-300"}, {5e-324, "5e-324"},
		{9007199254740993, "9007199254740992.0"}, {9999999999999998, "9999999999999998.0"}, {1e16, "1e+16"}, {1.25e16, "1.25e+16"},
		{123456789012345680, "1.2345678901234568e+17"}, {math.MaxFloat64, "1.7976931348623157e+308"}, {1e100, "1e+100"},
		{102.4100000000001, "102.4100000000001"}, {100, "100.0"}, {12345678.9, "12345678.9"},
	} {
		set := read(t, "1,a,b,1.5\n")
		set.Series[0].Blocks()[0].Values[0] = c.v
		got := string(predictions.CSV{Columns: predictions.Columns{Integers: []bool{false}}}.Append(nil, batch(set, []int8{predictions.Normal}, []float64{c.v})))
		if want := "1,a,b," + c.want + "," + c.want + ",0,digest\n"; got != want {
			t.Errorf("%v is written as %q, want %q", c.v, got, want)
		}
	}
}

func TestCSV(t *testing.T) {
	set := read(t, "\"2018-08-28 23:00:05,000\",\"a,\"\"b\"\"\",\"c\nd\",1\n2018-08-28T23:00:05Z,\"a,\"\"b\"\"\",\"c\nd\",2\n1535497205,\"a,\"\"b\"\"\",\"c\nd\",3\n")
	b := batch(set, []int8{predictions.Anomalous, predictions.NotScored, predictions.Normal}, []float64{-1.5, 0, 0.25})
	for _, c := range []struct {
		csv  predictions.CSV
		want string
	}{
		{predictions.CSV{Layout: predictions.Sensor, Columns: predictions.Columns{Features: []string{"value"}, Integers: []bool{true}}}, "TS,Device,Tag,Val,Prediction\n" +
			"\"2018-08-28 23:00:05,000\",\"a,\"\"b\"\"\",\"c\nd\",1,1\n1535497205,\"a,\"\"b\"\"\",\"c\nd\",3,0\n"},
		{predictions.CSV{Columns: predictions.Columns{Features: []string{"value"}, Integers: []bool{false}}}, "time,device,tag,value,score,anomaly,model\n" +
			"\"2018-08-28 23:00:05,000\",\"a,\"\"b\"\"\",\"c\nd\",1.0,-1.5,1,digest\n1535497205,\"a,\"\"b\"\"\",\"c\nd\",3.0,0.25,0,digest\n"},
	} {
		if got := string(c.csv.Append(c.csv.Header(), b)); got != c.want {
			t.Errorf("%+v:\n%s\nwant\n%s", c.csv, got, c.want)
		}
	}
}

// TestParquet reads the file back by its declared types, in each unit of time, before 1970 too.
func TestParquet(t *testing.T) {
	type stored struct {
		Time    time.Time `parquet:"time"`
		Device  string    `parquet:"device"`
		Tag     string    `parquet:"tag"`
		Value   float64   `parquet:"value"`
		Score   float64   `parquet:"score"`
		Anomaly int8      `parquet:"anomaly"`
		Model   string    `parquet:"model"`
	}
	for _, instant := range []string{"1965-03-04T05:06:07.891Z", "2026-03-04T05:06:07.891234Z", "2026-03-04T05:06:07.891234567Z"} {
		set := read(t, instant+",a,b,1.5\n"+instant+",a,b,2.5\n"+instant+",a,b,3.5\n")
		var file bytes.Buffer
		w := predictions.NewParquet(&file, predictions.ColumnsOf(set))
		if err := w.Append(batch(set, []int8{predictions.Anomalous, predictions.NotScored, predictions.Normal}, []float64{-1, 0, 1})); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		rows, err := parquet.Read[stored](bytes.NewReader(file.Bytes()), int64(file.Len()))
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339Nano, instant)
		if err != nil {
			t.Fatal(err)
		}
		want := []stored{{at, "a", "b", 1.5, -1, 1, "digest"}, {at, "a", "b", 3.5, 1, 0, "digest"}}
		for i := range want {
			if len(rows) != 2 || !rows[i].Time.Equal(at) || rows[i].Value != want[i].Value || rows[i].Score != want[i].Score ||
				rows[i].Anomaly != want[i].Anomaly || rows[i].Model != "digest" || (fleet.Sensor{Device: rows[i].Device, Tag: rows[i].Tag}) != set.Series[0].Sensor {
				t.Fatalf("%s: rows %+v, want %+v", instant, rows, want)
			}
		}
	}
}

// TestColumns: the columns are those asked for, under their very names, in their order.
func TestColumns(t *testing.T) {
	features := []string{"vibration.max", "vibration_max", "温度", `a,"b"`, "`x`", " ", "Z"}
	header := "ts,device,tag," + "\"" + strings.Join(features[:3], `","`) + `","a,""b""",` + "`x`,\" \",Z"
	var list strings.Builder
	for _, f := range features {
		list.WriteString(`,"` + strings.ReplaceAll(f, `"`, `""`) + `"`)
	}
	spec, err := readings.ParseFeatures(list.String()[1:], false)
	if err != nil {
		t.Fatal(err)
	}
	c := readings.NewCollector(readings.Options{Features: spec})
	if err := c.Read(t.Context(), "f", strings.NewReader(header+"\n1,d,t,1,2,3,4,5,6,7\n2,d,t,11,12,13,14,15,16,17\n")); err != nil {
		t.Fatal(err)
	}
	set := c.Finish()
	for _, device := range []bool{false, true} {
		set.Device = device
		want := append([]string{"time", "device", "tag"}, features...)
		if device {
			want = append([]string{"time", "device"}, features...)
		}
		want = append(want, "score", "anomaly", "model")
		var file bytes.Buffer
		w := predictions.NewParquet(&file, predictions.ColumnsOf(set))
		for range 2 { // two row groups
			group := w.NewRowGroup()
			if err := group.Append(batch(set, []int8{predictions.Normal, predictions.Anomalous}, []float64{0.5, -0.5})); err != nil {
				t.Fatal(err)
			}
			if err := w.Commit(group); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		read, err := parquet.OpenFile(bytes.NewReader(file.Bytes()), int64(file.Len()))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, column := range read.Root().Columns() {
			got = append(got, column.Name())
		}
		if !slices.Equal(got, want) || read.NumRows() != 4 || len(read.RowGroups()) != 2 {
			t.Fatalf("%d rows in %d groups, columns %q; want %q", read.NumRows(), len(read.RowGroups()), got, want)
		}
		row := make([]parquet.Row, 2)
		if n, err := read.RowGroups()[1].Rows().ReadRows(row); n != 2 {
			t.Fatal(err)
		}
		first := len(want) - len(features) - 3
		for j := range features {
			if v := row[1][first+j].Double(); v != float64(11+j) {
				t.Errorf("%s is %v", features[j], v)
			}
		}
	}
}

// TestReset: rows of a file that was given up are not in the next.
func TestReset(t *testing.T) {
	set := read(t, "1,a,b,1.5\n2,a,b,2.5\n")
	var given, next bytes.Buffer
	w := predictions.NewParquet(&given, predictions.ColumnsOf(set))
	for _, out := range []*bytes.Buffer{nil, &next} {
		if out != nil {
			w.Reset(out)
		}
		if err := w.Append(batch(set, []int8{predictions.Normal, predictions.NotScored}, []float64{1, 1})); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(bytes.NewReader(next.Bytes()), int64(next.Len()))
	if err != nil || file.NumRows() != 1 || given.Len() > 4 {
		t.Errorf("%d rows, want 1; %v", file.NumRows(), err)
	}
}

// TestNothingScored: a sensor without a scored row leaves nothing in a file, not its names either.
func TestNothingScored(t *testing.T) {
	set := read(t, "1,a,b,1.5\n2,a,b,2.5\n")
	var files [2]bytes.Buffer
	for i, anomaly := range [][]int8{{predictions.NotScored, predictions.NotScored}, nil} {
		w := predictions.NewParquet(&files[i], predictions.ColumnsOf(set))
		group := w.NewRowGroup()
		if anomaly != nil {
			if err := group.Append(batch(set, anomaly, []float64{0, 0})); err != nil {
				t.Fatal(err)
			}
		}
		other := batch(set, []int8{predictions.Normal, predictions.Normal}, []float64{1, 1})
		other.Sensor = fleet.Sensor{Device: "c", Tag: "d"}
		if err := group.Append(other); err != nil {
			t.Fatal(err)
		}
		if err := w.Commit(group); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
		t.Errorf("it leaves %d bytes", files[0].Len()-files[1].Len())
	}
}
