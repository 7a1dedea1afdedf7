package predictions

import (
	"fmt"

	"github.com/parquet-go/parquet-go"
)

// RowGroup is a row group that is being filled, encoded page by page.
type RowGroup struct {
	columns Columns
	perUnit int64
	group   *parquet.ConcurrentRowGroupWriter
	writers []*parquet.ColumnWriter
	rows    int64

	values []parquet.Value // scratch: a column of a batch
	name   []byte          // scratch
}

// Append adds the scored rows of b.
func (g *RowGroup) Append(b Batch) error {
	n := 0
	for _, anomaly := range b.Anomaly {
		if anomaly != NotScored {
			n++
		}
	}
	if cap(g.values) < n {
		g.values = make([]parquet.Value, n)
	}
	g.values = g.values[:n]
	g.rows += int64(n)
	column, failed := 0, error(nil)
	write := func() {
		if _, err := g.writers[column].WriteRowValues(g.values); failed == nil {
			failed = err
		}
		column++
	}
	each := func(value func(row int) parquet.Value) {
		k := 0
		for i, anomaly := range b.Anomaly {
			if anomaly != NotScored {
				g.values[k] = value(i)
				k++
			}
		}
		write()
	}
	same := func(text string) {
		g.name = append(g.name[:0], text...)
		value := parquet.ByteArrayValue(g.name)
		for k := range g.values {
			g.values[k] = value
		}
		write()
	}
	each(func(row int) parquet.Value { return parquet.Int64Value(floorDiv(b.Block.Times[row], g.perUnit)) })
	same(b.Sensor.Device)
	if !g.columns.Device {
		same(b.Sensor.Tag)
	}
	for j := range b.Block.Width {
		each(func(row int) parquet.Value { return parquet.DoubleValue(b.Block.Row(row)[j]) })
	}
	each(func(row int) parquet.Value { return parquet.DoubleValue(b.Score[row]) })
	each(func(row int) parquet.Value { return parquet.Int32Value(int32(b.Anomaly[row])) })
	same(b.Model)
	if failed != nil {
		return fmt.Errorf("encoding predictions of %s: %w", b.Sensor, failed)
	}
	return nil
}

// floorDiv rounds towards the past, also before 1970.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
