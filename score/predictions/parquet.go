package predictions

import (
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"

	"github.com/fleetscore/fleetscore/score/readings"
)

// RowGroupRows is how many rows a row group has at most; it bounds the memory of writer and reader.
const RowGroupRows = 1 << 18

// row is a prediction as it stands in the file; the three types differ in the unit of time only.
type row struct {
	Time    int64   `parquet:"time,timestamp(nanosecond)"`
	Device  string  `parquet:"device,dict"`
	Tag     string  `parquet:"tag,dict"`
	Value   float64 `parquet:"value"`
	Score   float64 `parquet:"score"`
	Anomaly int8    `parquet:"anomaly"`
	Model   string  `parquet:"model,dict"`
}

type rowMillis struct {
	Time    int64   `parquet:"time,timestamp(millisecond)"`
	Device  string  `parquet:"device,dict"`
	Tag     string  `parquet:"tag,dict"`
	Value   float64 `parquet:"value"`
	Score   float64 `parquet:"score"`
	Anomaly int8    `parquet:"anomaly"`
	Model   string  `parquet:"model,dict"`
}

type rowMicros struct {
	Time    int64   `parquet:"time,timestamp(microsecond)"`
	Device  string  `parquet:"device,dict"`
	Tag     string  `parquet:"tag,dict"`
	Value   float64 `parquet:"value"`
	Score   float64 `parquet:"score"`
	Anomaly int8    `parquet:"anomaly"`
	Model   string  `parquet:"model,dict"`
}

// Parquet writes one file. It is used by one goroutine.
type Parquet struct {
	out interface {
		Close() error
		Reset(w io.Writer)
	}
	put  func([]row) error
	div  int64 // nanoseconds to the unit of the file
	rows []row
}

// NewParquet starts a file on w.
func NewParquet(w io.Writer, columns Columns) *Parquet {
	switch columns.Unit {
	case readings.Millisecond:
		return newParquet(w, 1_000_000, func(r row) rowMillis { return rowMillis(r) })
	case readings.Microsecond:
		return newParquet(w, 1_000, func(r row) rowMicros { return rowMicros(r) })
	}
	return newParquet(w, 1, func(r row) row { return r })
}

func newParquet[T any](w io.Writer, div int64, convert func(row) T) *Parquet {
	schema := parquet.NewSchema("predictions", parquet.SchemaOf(new(T)))
	out := parquet.NewGenericWriter[T](w, schema, parquet.Compression(&parquet.Snappy), parquet.MaxRowsPerRowGroup(RowGroupRows))
	var converted []T
	return &Parquet{out: out, div: div, put: func(rows []row) error {
		converted = converted[:0]
		for _, r := range rows {
			converted = append(converted, convert(r))
		}
		_, err := out.Write(converted)
		return err
	}}
}

// Append writes the scored rows of b.
func (p *Parquet) Append(b Batch) error {
	p.rows = p.rows[:0]
	for i, anomaly := range b.Anomaly {
		if anomaly == NotScored {
			continue
		}
		p.rows = append(p.rows, row{floorDiv(b.Block.Times[i], p.div), b.Sensor.Device, b.Sensor.Tag,
			b.Block.Values[i], b.Score[i], anomaly, b.Model})
	}
	if err := p.put(p.rows); err != nil {
		return fmt.Errorf("encoding predictions of %s: %w", b.Sensor, err)
	}
	return nil
}

// Reset starts another file, on w, with the memory of the one before.
func (p *Parquet) Reset(w io.Writer) { p.out.Reset(w) }

// Close writes what is still buffered and the footer. Without it there is no file.
func (p *Parquet) Close() error { return p.out.Close() }

// floorDiv rounds towards the past, also before 1970.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
