package predictions

import (
	"io"

	"github.com/parquet-go/parquet-go"
)

// The library takes each number as a Value of 24 bytes, with its type, and packs
// them. Ours are packed when they come: a Value of bytes holds those of many rows.

// packed is a node of numbers. What is written to its column are packed numbers.
type packed struct{ parquet.Node }

func (n packed) Type() parquet.Type { return packedType{n.Node.Type()} }

// packedType is the type of packed numbers.
type packedType struct{ parquet.Type }

func (t packedType) NewColumnBuffer(column, size int) parquet.ColumnBuffer {
	buffer := t.Type.NewColumnBuffer(column, size)
	return packedBuffer{buffer, buffer.(io.Writer)}
}

// packedBuffer is the numbers of a page that is being filled.
type packedBuffer struct {
	parquet.ColumnBuffer
	packed io.Writer // the same
}

// WriteValues writes packed numbers, and says how many values they were.
func (b packedBuffer) WriteValues(values []parquet.Value) (int, error) {
	for i, v := range values {
		if _, err := b.packed.Write(v.ByteArray()); err != nil {
			return i, err
		}
	}
	return len(values), nil
}
