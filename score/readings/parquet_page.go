package readings

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// What a page may claim.
const (
	maxPageHeader = 64 << 10
	maxPage       = 1 << 30  // bytes, decompressed
	maxRatio      = 1 << 15  // of decompressed bytes to stored ones, in a larger one
	smallPage     = 16 << 20 // bytes, decompressed, that any page may have
)

// A page is one page of a column, decompressed and decoded. Its memory is used
// again for the next.
type page struct {
	rows   int
	levels []byte          // of the rows: 0 is null; nil: none is
	values encoding.Values // of the rows that are not null; ids where there is a dictionary
	dict   *dictionary

	text, flags []byte
	unpacked    []byte
	offsets     []uint32
	ids         []int32
}

// A dictionary is the values that the ids of a column chunk stand for.
type dictionary struct {
	values  encoding.Values
	decoded any // the values as the column's decoder wants them, once it has asked
}

// entriesOf gives the values of a dictionary as get makes them of it.
func entriesOf[T any](d *dictionary, get func(encoding.Values) []T) []T {
	entries, ok := d.decoded.([]T)
	if !ok {
		entries = get(d.values)
		d.decoded = entries
	}
	return entries
}

// pages reads the pages of one column, a chunk of each row group after the other.
// All that a page says of its size is checked before there is memory for it: the
// library, which decodes the values, takes it as it stands.
type pages struct {
	typ      parquet.Type
	optional bool
	in       *bufio.Reader
	unpacker unpacker
	packed   []byte

	bytes int64 // of the chunk that are to come
	rows  int64 // of the row group that are to come
	dict  *dictionary
}

func newPages() *pages {
	return &pages{in: bufio.NewReaderSize(nil, 0)}
}

// open starts with the chunk of a row group.
func (r *pages) open(file *parquetFile, chunk *format.ColumnMetaData, rows int64) error {
	start := chunk.DataPageOffset
	if d := chunk.DictionaryPageOffset; d > 0 && d < start {
		start = d
	}
	if start < 0 || start > file.size || chunk.TotalCompressedSize < 0 {
		return fmt.Errorf("its pages are said to be at byte %d of %d", start, file.size)
	}
	r.bytes = min(chunk.TotalCompressedSize, file.size-start)
	r.rows, r.dict = rows, nil
	if size := int(min(r.bytes, pageBuffer)); r.in.Size() < size {
		r.in = bufio.NewReaderSize(nil, size)
	}
	r.in.Reset(io.NewSectionReader(file.in, start, r.bytes))
	return r.unpacker.use(chunk.Codec, file.c)
}

// next reads the next page; io.EOF after the last.
func (r *pages) next(p *page) error {
	for {
		header, err := r.header()
		if err != nil {
			return err
		}
		switch {
		case header.Type == format.DictionaryPage && header.DictionaryPageHeader.Valid:
			if err = r.dictionary(header); err == nil {
				continue
			}
			err = fmt.Errorf("dictionary: %w", err)
		case header.Type == format.DataPage && header.DataPageHeader.Valid:
			err = r.first(p, header, &header.DataPageHeader.V)
		case header.Type == format.DataPageV2 && header.DataPageHeaderV2.Valid:
			err = r.second(p, header, &header.DataPageHeaderV2.V)
		default:
			err = fmt.Errorf("a page is of an unknown type, %d", header.Type)
		}
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
}

// header reads the header of a page, and checks the sizes that it gives.
func (r *pages) header() (*format.PageHeader, error) {
	for n := 1 << 10; ; n = maxPageHeader {
		n = min(n, r.in.Size())
		start, err := r.in.Peek(n)
		if len(start) == 0 || err != nil && err != io.EOF {
			return nil, err
		}
		in := new(thrift.CompactProtocol).NewReaderFromBytes(start)
		header := new(format.PageHeader)
		fault := thrift.NewDecoder(in).Decode(header)
		if fault == nil {
			_, _ = r.in.Discard(in.BytesRead())
			r.bytes -= int64(in.BytesRead())
			return header, r.sizes(header)
		}
		if n == min(maxPageHeader, r.in.Size()) || err == io.EOF {
			return nil, fmt.Errorf("a page has no readable header: %w", fault)
		}
	}
}

func (r *pages) sizes(header *format.PageHeader) error {
	packed, whole := int64(header.CompressedPageSize), int64(header.UncompressedPageSize)
	switch {
	case packed < 0 || packed > r.bytes:
		return fmt.Errorf("a page of %d bytes stands where %d are left", packed, r.bytes)
	case whole < 0 || whole > maxPage || whole > smallPage+maxRatio*packed:
		return fmt.Errorf("a page of %d bytes is said to have %d when decompressed", packed, whole)
	}
	r.bytes -= packed
	return nil
}

// first decodes a data page of version 1: the levels have their length before them
// and are compressed with the values.
func (r *pages) first(p *page, header *format.PageHeader, h *format.DataPageHeader) (err error) {
	if err := r.start(p, h.NumValues); err != nil {
		return err
	}
	if p.text, err = r.text(p.text, header, 0, true); err != nil {
		return err
	}
	if !r.optional {
		return r.decode(p, nil, p.text, h.Encoding)
	}
	if h.DefinitionLevelEncoding != format.RLE {
		return fmt.Errorf("a page says by %v which rows are null; only RLE is read", h.DefinitionLevelEncoding)
	}
	if len(p.text) < 4 {
		return errFewValues
	}
	length, rest := binary.LittleEndian.Uint32(p.text), p.text[4:]
	if int64(length) > int64(len(rest)) {
		return errFewValues
	}
	return r.decode(p, rest[:length], rest[length:], h.Encoding)
}

// second decodes a data page of version 2: the levels stand uncompressed before the values.
func (r *pages) second(p *page, header *format.PageHeader, h *format.DataPageHeaderV2) (err error) {
	if err := r.start(p, h.NumValues); err != nil {
		return err
	}
	skip, levels := int64(h.RepetitionLevelsByteLength), int64(h.DefinitionLevelsByteLength)
	if skip < 0 || levels < 0 || skip+levels > int64(header.CompressedPageSize) {
		return errFewValues
	}
	compressed := !h.IsCompressed.Valid || h.IsCompressed.V
	if p.text, err = r.text(p.text, header, int(skip+levels), compressed); err != nil {
		return err
	}
	return r.decode(p, p.text[skip:skip+levels], p.text[skip+levels:], h.Encoding)
}

// start takes the number of rows of a page.
func (r *pages) start(p *page, rows int32) error {
	if rows < 0 || int64(rows) > r.rows {
		return fmt.Errorf("a page of %d rows stands where %d of its row group are left", rows, r.rows)
	}
	r.rows -= int64(rows)
	p.rows, p.levels, p.dict = int(rows), nil, nil
	return nil
}
