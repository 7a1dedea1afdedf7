package predictions_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/fleetscore/fleetscore/score/predictions"
)

// What is written in any way is read again.
func TestRead(t *testing.T) {
	set := read(t, "2018-08-28T23:00:05.25Z,\"a,\"\"b\",c,1.5\n2018-08-28 23:00:06,\"a,\"\"b\",c,2\n2018-08-28 23:00:07,\"a,\"\"b\",c,3\n")
	b := batch(set, []int8{predictions.Anomalous, predictions.NotScored, predictions.Normal}, []float64{-1.5, 0, 0.25})
	columns := predictions.ColumnsOf(set)
	withRun := columns
	withRun.Run, withRun.Rev = "20261123t130000000-abcde", 7
	for name, c := range map[string]struct {
		columns predictions.Columns
		layout  predictions.Layout
		parquet bool
	}{
		"x.parquet": {withRun, predictions.Single, true}, "plain.parquet": {columns, predictions.Single, true},
		"x.csv": {withRun, predictions.Single, false}, "plain.csv": {columns, predictions.Single, false}, "sensor.csv": {columns, predictions.Sensor, false},
	} {
		var file bytes.Buffer
		if c.parquet {
			p := predictions.NewParquet(&file, c.columns)
			if err := p.Append(b); err != nil {
				t.Fatal(err)
			}
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
		} else {
			text := predictions.CSV{Layout: c.layout, Columns: c.columns}
			file.Write(text.Append(text.Header(), b))
		}
		n := 0
		err := predictions.Read(name, file.Bytes(), func(r predictions.Row) error {
			at, value, score := int64(1535497205_250000000), 1.5, -1.5
			if n++; n == 2 {
				at, value, score = 1535497207_000000000, 3, 0.25
			}
			if r.Sensor != set.Series[0].Sensor || r.Time != at || len(r.Values) != 1 || r.Values[0] != value || r.Anomaly != (n == 1) ||
				r.Run != c.columns.Run || r.Rev != c.columns.Rev {
				t.Errorf("%s: row %d is %+v", name, n, r)
			}
			if c.layout == predictions.Single && (r.Score != score || r.Model != "digest") || c.layout == predictions.Sensor && !math.IsNaN(r.Score) {
				t.Errorf("%s: row %d has the score %v", name, n, r.Score)
			}
			return nil
		})
		if err != nil || n != 2 {
			t.Errorf("%s: %d rows, %v", name, n, err)
		}
		if err := predictions.Read(name, file.Bytes()[:file.Len()/2], func(predictions.Row) error { return nil }); c.parquet && err == nil {
			t.Errorf("%s: half a file is read", name)
		}
	}
}
