package objects

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/fleetscore/fleetscore/store"
)

// The kinds of previews.
const (
	KindParquet = "parquet"
	KindCSV     = "csv"
	KindText    = "text"
	KindModel   = "model"
	KindBinary  = "binary"
)

// Preview is the beginning of an object, or a part of its rows.
type Preview struct {
	Object
	Kind    string       `json:"kind" enum:"parquet,csv,text,model,binary" doc:"by its name and what it begins with; of a model and of what is binary there is nothing to see here"`
	Columns []ObjectName `json:"columns,omitempty" nullable:"false"`
	Rows    [][]string   `json:"rows,omitempty" nullable:"false" doc:"the text of each cell, 256 bytes at most; numbers as they are"`
	Total   int64        `json:"total_rows,omitempty" doc:"of Parquet"`
	Text    string       `json:"text,omitempty" doc:"64 KiB at most"`
	Cut     bool         `json:"cut" doc:"there is more"`
}

// ObjectName is a column of an object.
type ObjectName struct {
	Name string `json:"name"`
	Type string `json:"type,omitempty"`
}

// Bounds of a preview.
const (
	mostText    = 64 << 10
	mostCSV     = 4 << 20 // that is read for rows
	mostCell    = 256
	mostColumns = 256
)

// ErrUnreadable is that an object is not what its name says.
var ErrUnreadable = errors.New("it cannot be read")

// Look reads n rows from one on, or the beginning of an object.
func Look(ctx context.Context, s store.Store, key string, skip, n int) (*Preview, error) {
	info, err := s.Stat(ctx, key)
	if err != nil {
		return nil, err
	}
	p := &Preview{Object: Object{key, info.Size, info.ModTime.UTC()}}
	switch strings.ToLower(path.Ext(key)) {
	case ".parquet":
		p.Kind = KindParquet
		return p, p.parquet(ctx, s, skip, n)
	case ".csv":
		p.Kind = KindCSV
		return p, p.csv(ctx, s, skip, n)
	case ".pkl", ".pickle", ".joblib":
		p.Kind = KindModel
		return p, nil
	}
	return p, p.text(ctx, s)
}

func head(ctx context.Context, s store.Reader, key string, n int64) ([]byte, error) {
	body, err := s.GetRange(ctx, key, 0, n)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(io.LimitReader(body, n))
}

func (p *Preview) text(ctx context.Context, s store.Reader) error {
	data, err := head(ctx, s, p.Key, mostText)
	if err != nil {
		return err
	}
	p.Cut = int64(len(data)) < p.Size
	for n := 0; p.Cut && n < utf8.UTFMax && len(data) > 0 && !utf8.Valid(data); n++ {
		data = data[:len(data)-1] // it may end within a character
	}
	p.Kind = KindBinary
	if utf8.Valid(data) && !strings.Contains(string(data), "\x00") {
		p.Kind, p.Text = KindText, string(data)
	}
	return nil
}

func (p *Preview) csv(ctx context.Context, s store.Reader, skip, n int) error {
	data, err := head(ctx, s, p.Key, mostCSV)
	if err != nil {
		return err
	}
	p.Cut = int64(len(data)) < p.Size
	if p.Cut {
		data = data[:strings.LastIndexByte(string(data), '\n')+1]
	}
	r := csv.NewReader(strings.NewReader(string(data)))
	r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = -1, true, true
	for line := -1; ; line++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrUnreadable, err)
		}
		record = record[:min(len(record), mostColumns)]
		switch {
		case line < 0:
			for _, name := range record {
				p.Columns = append(p.Columns, ObjectName{Name: clip(name)})
			}
		case line < skip:
		case len(p.Rows) == n:
			p.Cut = true
			return nil
		default:
			row := make([]string, len(record))
			for i := range record {
				row[i] = clip(record[i])
			}
			p.Rows = append(p.Rows, row)
		}
	}
}

// clip is the beginning of a text, as text.
func clip(text string) string {
	if len(text) > mostCell {
		text = text[:mostCell] + "…"
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
