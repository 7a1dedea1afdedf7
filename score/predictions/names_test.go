package predictions

import (
	"bytes"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// TestNames: a column of names has the very bytes, bounds included, that the
// library writes, over several pages and row groups.
func TestNames(t *testing.T) {
	const rows = 50_000
	write := func(node parquet.Node) []byte {
		var file bytes.Buffer
		schema := parquet.NewSchema("names", table{columns: []parquet.Field{column{node, "name"}}})
		w := parquet.NewGenericWriter[any](&file, schema, parquet.PageBufferSize(pageBytes))
		group := w.BeginRowGroup()
		random := rand.New(rand.NewPCG(1, 2))
		for range 2 {
			for n := 0; n < rows; {
				// A call has a run or several; the same name may come again at once.
				values := make([]parquet.Value, 1+random.IntN(600))
				for i := 0; i < len(values); {
					value := parquet.ByteArrayValue(strconv.AppendInt(nil, random.Int64N(100), 10))
					for end := min(len(values), i+1+random.IntN(300)); i < end; i++ {
						values[i] = value
					}
				}
				if _, err := group.ColumnWriters()[0].WriteRowValues(values); err != nil {
					t.Fatal(err)
				}
				n += len(values)
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
	got, want := write(newNames()), write(parquet.Encoded(parquet.String(), &parquet.RLEDictionary))
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes, which differ from the library's %d", len(got), len(want))
	}
	file, err := parquet.OpenFile(bytes.NewReader(got), int64(len(got)))
	if err != nil || len(file.RowGroups()) != 2 || file.NumRows() < 2*rows {
		t.Errorf("a file of %d rows: %v", file.NumRows(), err)
	}
}
