package objects

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/fleetscore/fleetscore/store"
)

// mostParquet is the size of the largest Parquet file that is looked into.
const mostParquet = 1 << 30

func (p *Preview) parquet(ctx context.Context, s store.Opener, skip, n int) (err error) {
	if p.Size > mostParquet {
		return fmt.Errorf("%w: it has %d bytes, and Parquet is shown up to %d", ErrUnreadable, p.Size, int64(mostParquet))
	}
	object, err := s.Open(ctx, p.Key)
	if err != nil {
		return err
	}
	defer object.Close()
	// The library has panics for files that are damaged.
	defer func() {
		if bug := recover(); bug != nil {
			err = fmt.Errorf("%w: it is damaged: %v", ErrUnreadable, bug)
		}
	}()
	file, err := parquet.OpenFile(object, p.Size, parquet.SkipBloomFilters(true), parquet.SkipPageIndex(true))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	p.Total = file.NumRows()
	columns := file.Schema().Columns()
	for _, c := range columns[:min(len(columns), mostColumns)] {
		leaf, _ := file.Schema().Lookup(c...)
		name := ObjectName{Name: clip(strings.Join(c, "."))}
		if leaf.Node != nil {
			name.Type = clip(leaf.Node.Type().String())
		}
		p.Columns = append(p.Columns, name)
	}
	from := int64(skip)
	for _, group := range file.RowGroups() {
		if from >= group.NumRows() {
			from -= group.NumRows()
			continue
		}
		if err := p.rows(group, from, n); err != nil {
			return fmt.Errorf("%w: %w", ErrUnreadable, err)
		}
		if from = 0; len(p.Rows) == n {
			break
		}
	}
	p.Cut = int64(skip)+int64(len(p.Rows)) < p.Total
	return nil
}

// rows adds rows of a group, up to n in all.
func (p *Preview) rows(group parquet.RowGroup, from int64, n int) error {
	reader := group.Rows()
	defer reader.Close()
	if err := reader.SeekToRow(from); err != nil {
		return err
	}
	buf := make([]parquet.Row, min(n, 64))
	for len(p.Rows) < n {
		got, err := reader.ReadRows(buf[:min(len(buf), n-len(p.Rows))])
		for _, values := range buf[:got] {
			row := make([]string, len(p.Columns))
			for _, v := range values {
				if c := v.Column(); c >= 0 && c < len(row) && row[c] == "" { // of a list, the first
					row[c] = cell(v)
				}
			}
			p.Rows = append(p.Rows, row)
		}
		if errors.Is(err, io.EOF) || err == nil && got == 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// cell is a value as text; bytes that are none in hexadecimal digits.
func cell(v parquet.Value) string {
	if v.IsNull() {
		return ""
	}
	if k := v.Kind(); k == parquet.ByteArray || k == parquet.FixedLenByteArray {
		b := v.ByteArray()
		if text := string(b[:min(len(b), mostCell)]); strings.ToValidUTF8(text, "") == text && !strings.ContainsRune(text, 0) {
			return clip(string(b[:min(len(b), mostCell+1)]))
		}
		return clip(hex.EncodeToString(b[:min(len(b), mostCell)]))
	}
	return clip(v.String())
}
