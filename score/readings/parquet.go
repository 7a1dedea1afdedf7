package readings

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

const parquetMagic = "PAR1"

// pageBuffer is how many bytes of a column are read from the file at a time.
const pageBuffer = 512 << 10

// ReadAt is [Collector.Read] for a file of size bytes that can be read at any
// place, which Parquet needs; r may be read by several goroutines at once. When
// ctx ends, reads of r should end too: ReadAt waits for them.
func (c *Collector) ReadAt(ctx context.Context, name string, r io.ReaderAt, size int64) error {
	if !IsParquet(r) {
		return c.Read(ctx, name, io.NewSectionReader(r, 0, size))
	}
	if err := c.readParquet(ctx, name, r, size); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// IsParquet reports whether r starts like a Parquet file.
func IsParquet(r io.ReaderAt) bool {
	start := make([]byte, len(parquetMagic))
	n, _ := r.ReadAt(start, 0)
	return string(start[:n]) == parquetMagic
}

// ParquetColumns lists the names of a file's columns.
func ParquetColumns(r io.ReaderAt, size int64) (names []string, err error) {
	defer asError(&err)
	file, err := openParquet(r, size)
	if err != nil {
		return nil, err
	}
	return columnNames(file), nil
}

// openParquet opens a file whose footer is believed only once it is checked.
func openParquet(r io.ReaderAt, size int64) (*parquet.File, error) {
	footed, err := readFooter(r, size)
	if err != nil {
		return nil, err
	}
	file, err := parquet.OpenFile(footed, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNotWhole, err)
	}
	return file, nil
}

func columnNames(file *parquet.File) []string {
	columns := file.Root().Columns()
	header := make([]string, len(columns))
	for i, column := range columns {
		header[i] = column.Name()
	}
	return header
}

// A parquetFile is where pages are read from.
type parquetFile struct {
	c    *Collector
	in   io.ReaderAt
	size int64
}

func (c *Collector) readParquet(ctx context.Context, name string, r io.ReaderAt, size int64) (err error) {
	defer asError(&err)
	file, err := openParquet(r, size)
	if err != nil {
		return err
	}
	rows, err := c.newParquetRows(name, file)
	if err != nil {
		return err
	}
	if err := checkCodecs(file, rows.columns); err != nil {
		return err
	}
	var done int64
	from := &parquetFile{c: c, in: r, size: size}
	groups := file.Metadata().RowGroups
	for i := range groups {
		if err := rows.read(ctx, from, &groups[i]); err != nil {
			return err
		}
		done += groups[i].NumRows
		if c.opt.Progress != nil {
			c.opt.Progress(int64(float64(size) * float64(done) / float64(max(file.NumRows(), 1))))
		}
	}
	return nil
}

// checkCodecs refuses what an unpacker does not know.
func checkCodecs(file *parquet.File, columns []*columnReader) error {
	for _, group := range file.Metadata().RowGroups {
		for _, column := range columns {
			if column.index >= len(group.Columns) {
				return fmt.Errorf("%w: a row group has %d columns", errNotWhole, len(group.Columns))
			}
			switch codec := group.Columns[column.index].MetaData.Codec; codec {
			case format.Uncompressed, format.Snappy, format.Gzip, format.Brotli, format.Zstd:
			default:
				return fmt.Errorf("column %s is compressed with %v, which cannot be read; write it with snappy, zstd, gzip, brotli or without compression",
					excerpt([]byte(column.name)), codec)
			}
		}
	}
	return nil
}

// asError makes an error of a panic: the Parquet library has them for damage
// that it does not look for.
func asError(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("damaged Parquet file: %v", p)
	}
}

// newParquetRows finds the columns in the schema.
func (c *Collector) newParquetRows(name string, file *parquet.File) (*parquetRows, error) {
	columns, header := file.Root().Columns(), columnNames(file)
	at, err := findPlaces(header, c.opt, c.columns)
	if err != nil {
		return nil, err
	}
	p := &parquetRows{source: newSource(c, name, byRow)}
	add := func(i int, what string, decoder func(column *parquet.Column) (decoder, error)) {
		if err != nil {
			return
		}
		column := columns[i]
		if !column.Leaf() || column.Repeated() {
			err = fmt.Errorf("column %s (for %s) is nested; a plain column is needed", excerpt([]byte(column.Name())), what)
			return
		}
		reader := c.columnReader(len(p.columns))
		reader.index, reader.name = column.Index(), column.Name()
		reader.pages.typ, reader.pages.optional = column.Type(), column.Optional()
		if reader.decoder, err = decoder(column); err != nil {
			err = fmt.Errorf("column %s cannot be the %s: %w", excerpt([]byte(column.Name())), what, err)
		}
		p.columns = append(p.columns, reader)
	}
	add(at.role[deviceRole], deviceRole.String(), newNameDecoder)
	add(at.role[tagRole], tagRole.String(), newNameDecoder)
	add(at.role[timeRole], timeRole.String(), func(column *parquet.Column) (decoder, error) {
		d, form, err := newTimeDecoder(column)
		p.form = form
		return d, err
	})
	for j, i := range at.value {
		add(i, c.columnName(j), newValueDecoder)
	}
	return p, err
}

// typeName is how messages call the type of a column.
func typeName(column *parquet.Column) string {
	if logical := column.Type().LogicalType(); logical != nil && logical.Value != nil {
		return logical.String()
	}
	return strings.ToUpper(column.Type().Kind().String())
}

func errType(column *parquet.Column, wanted string) error {
	return fmt.Errorf("it is of type %s; wanted: %s", typeName(column), wanted)
}

var errRagged = errors.New("damaged Parquet file: the columns of a row group differ in length")
