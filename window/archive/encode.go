package archive

import (
	"bytes"
	"fmt"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/fleetscore/fleetscore/fleet"
)

// encoder writes Parquet.
type encoder struct {
	schema *parquet.Schema
	codec  compress.Codec
	values []parquet.Value
}

func newEncoder() encoder {
	name := func() parquet.Node { return parquet.Encoded(parquet.String(), &parquet.RLEDictionary) }
	return encoder{
		schema: parquet.NewSchema("reading", parquet.Group{
			"device": name(), "tag": name(),
			"ts":       parquet.Encoded(parquet.Timestamp(parquet.Microsecond), &parquet.DeltaBinaryPacked),
			"value":    parquet.Leaf(parquet.DoubleType),
			"seq":      parquet.Optional(parquet.Encoded(parquet.Uint(64), &parquet.DeltaBinaryPacked)),
			"received": parquet.Encoded(parquet.Timestamp(parquet.Millisecond), &parquet.DeltaBinaryPacked),
		}),
		codec: &zstd.Codec{}, values: make([]parquet.Value, 0, 4096),
	}
}

// encode writes the rows of a press.
func (e *encoder) encode(p *press) ([]byte, error) {
	var body bytes.Buffer
	w := parquet.NewGenericWriter[any](&body, e.schema, parquet.Compression(e.codec), parquet.SortingWriterConfig(
		parquet.SortingColumns(parquet.Ascending("device"), parquet.Ascending("tag"), parquet.Ascending("ts"))))
	group := w.BeginRowGroup()
	for i, c := range group.ColumnWriters() {
		if err := e.column(c, p, i); err != nil {
			return nil, fmt.Errorf("writing readings: %w", err)
		}
	}
	if _, err := group.Commit(); err != nil {
		return nil, fmt.Errorf("writing readings: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("writing readings: %w", err)
	}
	return body.Bytes(), nil
}

// column writes a column, some rows at a time.
func (e *encoder) column(w *parquet.ColumnWriter, p *press, column int) error {
	value := valueOf(e.schema.Columns()[column][0])
	for rows := p.order; len(rows) > 0; {
		n := min(len(rows), cap(e.values))
		e.values = e.values[:0]
		for _, i := range rows[:n] {
			v, level := value(&p.readings[i], p.received[i])
			e.values = append(e.values, v.Level(0, level, column))
		}
		if _, err := w.WriteRowValues(e.values); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// valueOf gives the values of a column, and whether (1) they are there where they need not be.
func valueOf(column string) func(*fleet.Reading, int64) (v parquet.Value, level int) {
	switch column {
	case "device":
		var t text
		return func(r *fleet.Reading, _ int64) (parquet.Value, int) { return t.value(r.Device), 0 }
	case "tag":
		var t text
		return func(r *fleet.Reading, _ int64) (parquet.Value, int) { return t.value(r.Tag), 0 }
	case "ts":
		return func(r *fleet.Reading, _ int64) (parquet.Value, int) {
			return parquet.Int64Value(in(time.Microsecond, r.Time)), 0
		}
	case "value":
		return func(r *fleet.Reading, _ int64) (parquet.Value, int) { return parquet.DoubleValue(r.Value), 0 }
	case "seq":
		return func(r *fleet.Reading, _ int64) (parquet.Value, int) {
			if !r.HasSeq {
				return parquet.NullValue(), 0
			}
			return parquet.Int64Value(int64(r.Seq)), 1
		}
	default: // received
		return func(_ *fleet.Reading, appended int64) (parquet.Value, int) {
			return parquet.Int64Value(in(time.Millisecond, appended)), 0
		}
	}
}

// text makes values of texts that often are as the one before.
type text struct {
	last  string
	bytes []byte
}

func (t *text) value(s string) parquet.Value {
	if t.bytes == nil || s != t.last {
		t.last, t.bytes = s, []byte(s)
	}
	return parquet.ByteArrayValue(t.bytes)
}

// in is nanoseconds in a unit, without what is finer.
func in(unit time.Duration, ns int64) int64 {
	n := ns / int64(unit)
	if n*int64(unit) > ns {
		n-- // before 1970
	}
	return n
}
