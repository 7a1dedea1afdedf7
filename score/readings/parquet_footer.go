package readings

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/encoding/thrift"
)

// What a footer may claim.
const (
	maxSchemaDepth = 32
	maxRows        = 1 << 20 // of any file
	maxRowsPerByte = 1 << 10 // beside those: a run of equal values takes little
)

var errNotWhole = errors.New("not a whole Parquet file")

// readFooter reads the footer and checks it: the library has memory for all that
// it claims before it looks whether that is there. It gives the file with its
// footer in memory.
func readFooter(r io.ReaderAt, size int64) (io.ReaderAt, error) {
	end := make([]byte, 8)
	if size < int64(len(parquetMagic)+len(end)) {
		return nil, fmt.Errorf("%w: it has %d bytes", errNotWhole, size)
	}
	if n, err := r.ReadAt(end, size-int64(len(end))); n < len(end) {
		return nil, fmt.Errorf("reading the footer: %w", err)
	}
	if magic := string(end[4:]); magic != parquetMagic {
		return nil, fmt.Errorf("%w: it does not end with %s; was it cut, or is it still being written?", errNotWhole, parquetMagic)
	}
	length := int64(binary.LittleEndian.Uint32(end))
	start := size - int64(len(end)) - length
	if start < int64(len(parquetMagic)) {
		return nil, fmt.Errorf("%w: it has %d bytes, its footer alone %d", errNotWhole, size, length)
	}
	footer := make([]byte, length, length+int64(len(end)))
	if n, err := r.ReadAt(footer, start); int64(n) < length {
		return nil, fmt.Errorf("reading the footer: %w", err)
	}
	if err := checkThrift(footer); err != nil {
		return nil, fmt.Errorf("%w: %w", errNotWhole, err)
	}
	var s shape
	if err := thrift.NewDecoder(new(thrift.CompactProtocol).NewReaderFromBytes(footer)).Decode(&s); err != nil {
		return nil, fmt.Errorf("%w: %w", errNotWhole, err)
	}
	return &footedFile{r, start, append(footer, end...)}, s.check(size)
}

// A footedFile has its end in memory.
type footedFile struct {
	io.ReaderAt
	start int64
	end   []byte
}

func (f *footedFile) ReadAt(p []byte, at int64) (int, error) {
	if at < f.start {
		return f.ReaderAt.ReadAt(p, at)
	}
	n := copy(p, f.end[min(at-f.start, int64(len(f.end))):])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// A shape is as much of a footer as says how large the rest is.
type shape struct {
	Schema []struct {
		Type     thrift.Null[int32] `thrift:"1,optional"` // of a column; others have children
		Children int32              `thrift:"5,optional"`
	} `thrift:"2,required"`
	RowGroups []struct {
		Columns []struct {
			Offset int64 `thrift:"2,optional"`
		} `thrift:"1,required"`
		Rows int64 `thrift:"3,required"`
	} `thrift:"4,required"`
}

func (s *shape) check(size int64) error {
	columns := 0
	var open []int32 // children to come, by depth
	for _, element := range s.Schema {
		if element.Type.Valid {
			columns++
		}
		for len(open) > 0 && open[len(open)-1] <= 0 {
			open = open[:len(open)-1]
		}
		if len(open) > 0 {
			open[len(open)-1]--
		}
		if element.Children > 0 {
			open = append(open, element.Children)
		}
		if len(open) > maxSchemaDepth {
			return fmt.Errorf("its columns are nested more than %d deep", maxSchemaDepth)
		}
	}
	rows, most := int64(0), maxRows+maxRowsPerByte*size
	for _, group := range s.RowGroups {
		if len(group.Columns) != columns {
			return fmt.Errorf("%w: it has %d columns, a row group of it %d", errNotWhole, columns, len(group.Columns))
		}
		if group.Rows < 0 || group.Rows > most-rows {
			return fmt.Errorf("its %d bytes are said to hold more than %d rows", size, most)
		}
		rows += group.Rows
	}
	return nil
}
