package predictions

import (
	"fmt"
	"io"

	"github.com/klauspost/compress/s2"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
)

// RowGroupRows is how many rows a row group has at most, or a few thousand more;
// it bounds the memory of writer and reader.
const RowGroupRows = 1 << 18

// pageBytes is the size of a page before compression: small, as each row group that is being filled has one for each column.
const pageBytes = 64 << 10

// Parquet writes one file. Row groups may be filled by several goroutines at
// once, each by one; all else is for one goroutine.
type Parquet struct {
	columns Columns
	out     *parquet.GenericWriter[any]
	group   *RowGroup // of Append
}

// fastSnappy compresses a little less than the library's Snappy, in half the time.
type fastSnappy struct{ compress.Codec }

func (fastSnappy) Encode(dst, src []byte) ([]byte, error) {
	return s2.EncodeSnappy(dst[:cap(dst)], src), nil
}

// NewParquet starts a file on w.
func NewParquet(w io.Writer, columns Columns) *Parquet {
	return &Parquet{columns: columns, out: parquet.NewGenericWriter[any](w, schemaOf(columns), parquet.Compression(fastSnappy{&parquet.Snappy}), parquet.PageBufferSize(pageBytes))}
}

// NewRowGroup starts a row group. It is in the file once it is committed.
func (p *Parquet) NewRowGroup() *RowGroup {
	group := p.out.BeginRowGroup()
	return &RowGroup{columns: p.columns, group: group, writers: group.ColumnWriters(), perUnit: perUnit(p.columns.Unit)}
}

// Commit writes a row group to the file, if it has rows. It is empty then, and
// may be filled again.
func (p *Parquet) Commit(g *RowGroup) error {
	g.rows = 0
	if _, err := g.group.Commit(); err != nil {
		return fmt.Errorf("writing a row group: %w", err)
	}
	return nil
}

// Append writes the scored rows of b, in row groups of its own.
func (p *Parquet) Append(b Batch) error {
	if p.group == nil {
		p.group = p.NewRowGroup()
	}
	if err := p.group.Append(b); err != nil {
		return err
	}
	if p.group.rows < RowGroupRows {
		return nil
	}
	return p.Commit(p.group)
}

// Reset starts another file, on w, with the memory of the one before, which may
// have been given up.
func (p *Parquet) Reset(w io.Writer) {
	if p.group != nil && p.group.rows > 0 {
		p.group = nil
	}
	p.out.Reset(w)
}

// Close writes what is still buffered and the footer. Without it there is no file.
func (p *Parquet) Close() error {
	if p.group != nil {
		if err := p.Commit(p.group); err != nil {
			return err
		}
	}
	return p.out.Close()
}
