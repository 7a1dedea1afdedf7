package predictions

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/parquet-go/parquet-go"
)

// RowGroup is a row group that is being filled, encoded page by page.
type RowGroup struct {
	columns Columns
	perUnit int64
	group   *parquet.ConcurrentRowGroupWriter
	writers []*parquet.ColumnWriter
	rows    int64

	// Scratch for a batch: the column that is written next, its bytes, the values
	// that refer to them, and what went wrong.
	column int
	bytes  []byte
	values [2]parquet.Value
	err    error
}

// Append adds the scored rows of b.
func (g *RowGroup) Append(b Batch) error {
	rows := 0
	for _, anomaly := range b.Anomaly {
		if anomaly != NotScored {
			rows++
		}
	}
	if rows == 0 {
		return nil
	}
	g.rows += int64(rows)
	g.column, g.err = 0, nil
	g.numbers(b, func(dst []byte, row int) []byte {
		return binary.NativeEndian.AppendUint64(dst, uint64(floorDiv(b.Block.Times[row], g.perUnit)))
	})
	g.name(b.Sensor.Device, rows)
	if !g.columns.Device {
		g.name(b.Sensor.Tag, rows)
	}
	for j := range b.Block.Width {
		g.numbers(b, func(dst []byte, row int) []byte {
			return binary.NativeEndian.AppendUint64(dst, math.Float64bits(b.Block.Values[row*b.Block.Width+j]))
		})
	}
	g.numbers(b, func(dst []byte, row int) []byte {
		return binary.NativeEndian.AppendUint64(dst, math.Float64bits(b.Score[row]))
	})
	g.numbers(b, func(dst []byte, row int) []byte {
		return binary.NativeEndian.AppendUint32(dst, uint32(b.Anomaly[row]))
	})
	g.name(b.Model, rows)
	if g.columns.Run != "" {
		g.name(g.columns.Run, rows)
		g.numbers(b, func(dst []byte, _ int) []byte {
			return binary.NativeEndian.AppendUint32(dst, uint32(g.columns.Rev))
		})
	}
	if g.err != nil {
		return fmt.Errorf("encoding predictions of %s: %w", b.Sensor, g.err)
	}
	return nil
}

// numbers writes the next column: what pack packs of each scored row.
func (g *RowGroup) numbers(b Batch, pack func(dst []byte, row int) []byte) {
	g.bytes = g.bytes[:0]
	for row, anomaly := range b.Anomaly {
		if anomaly != NotScored {
			g.bytes = pack(g.bytes, row)
		}
	}
	g.values[0] = parquet.ByteArrayValue(g.bytes)
	g.write(g.values[:1])
}

// name writes the next column: the same name for so many rows.
func (g *RowGroup) name(text string, rows int) {
	g.bytes = append(g.bytes[:0], text...)
	g.values = [2]parquet.Value{parquet.ByteArrayValue(g.bytes), parquet.Int64Value(int64(rows))}
	g.write(g.values[:])
}

func (g *RowGroup) write(values []parquet.Value) {
	if _, err := g.writers[g.column].WriteRowValues(values); g.err == nil {
		g.err = err
	}
	g.column++
}

// floorDiv rounds towards the past, also before 1970.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
