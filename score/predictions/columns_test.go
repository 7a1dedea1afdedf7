package predictions

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// TestColumnsOfTheLibrary: columns of names and of packed numbers have the very
// bytes, bounds included, that the library writes for the same values, over
// several pages and row groups.
func TestColumnsOfTheLibrary(t *testing.T) {
	text := parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
	double := parquet.Encoded(parquet.Leaf(parquet.DoubleType), &parquet.Plain)
	library := writeRuns(t, text, double, func(name []byte, value float64, rows int) [2][]parquet.Value {
		return [2][]parquet.Value{
			slices.Repeat([]parquet.Value{parquet.ByteArrayValue(name)}, rows),
			slices.Repeat([]parquet.Value{parquet.DoubleValue(value)}, rows),
		}
	})
	ours := writeRuns(t, newNames(), packed{double}, func(name []byte, value float64, rows int) [2][]parquet.Value {
		number := binary.NativeEndian.AppendUint64(nil, math.Float64bits(value))
		return [2][]parquet.Value{
			{parquet.ByteArrayValue(name), parquet.Int64Value(int64(rows))},
			{parquet.ByteArrayValue(bytes.Repeat(number, rows))},
		}
	})
	if !bytes.Equal(ours, library) {
		t.Errorf("%d bytes, which differ from the library's %d", len(ours), len(library))
	}
	file, err := parquet.OpenFile(bytes.NewReader(ours), int64(len(ours)))
	if err != nil || len(file.RowGroups()) != 2 || file.NumRows() < 2*manyRows {
		t.Errorf("not a file of two row groups: %v", err)
	}
}

const manyRows = 50_000 // some pages of each column

// writeRuns writes a file of a column of names and one of numbers, both of the
// same random runs, which encode makes values of.
func writeRuns(t *testing.T, names, numbers parquet.Node, encode func(name []byte, value float64, rows int) [2][]parquet.Value) []byte {
	t.Helper()
	var file bytes.Buffer
	schema := parquet.NewSchema("runs", table{columns: []parquet.Field{column{names, "name"}, column{numbers, "number"}}})
	w := parquet.NewGenericWriter[any](&file, schema, parquet.PageBufferSize(pageBytes))
	group := w.BeginRowGroup()
	random := rand.New(rand.NewPCG(1, 2))
	for range 2 {
		for n := 0; n < manyRows; {
			id, rows := random.Int64N(100), 1+random.IntN(600)
			n += rows
			for i, values := range encode(strconv.AppendInt(nil, id, 10), float64(id), rows) {
				if _, err := group.ColumnWriters()[i].WriteRowValues(values); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, err := group.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}
