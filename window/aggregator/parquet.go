package aggregator

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
)

// format is how rows are stored: which percentiles they have.
type format struct {
	quantiles []string // names of columns, as sorted there
	order     []int    // of each, its place in the settings
	schema    *parquet.Schema
}

// quantileName is the column of a quantile: 0.5 is p50, 0.999 p99.9.
func quantileName(q float64) string {
	return "p" + strconv.FormatFloat(q*100, 'f', -1, 64)
}

func newFormat(quantiles []float64) *format {
	group := parquet.Group{
		"device": parquet.Encoded(parquet.String(), &parquet.RLEDictionary), "tag": parquet.Encoded(parquet.String(), &parquet.RLEDictionary),
		"start": parquet.Timestamp(parquet.Millisecond), "end": parquet.Timestamp(parquet.Millisecond),
		"rev": parquet.Int(32), "count": parquet.Int(64), "state": parquet.Leaf(parquet.ByteArrayType),
	}
	for _, name := range []string{"sum", "mean", "min", "max", "first", "last", "stddev", "coverage"} {
		group[name] = parquet.Leaf(parquet.DoubleType)
	}
	f := &format{}
	for _, q := range quantiles {
		group[quantileName(q)] = parquet.Leaf(parquet.DoubleType)
	}
	f.schema = parquet.NewSchema("window", group)
	for _, column := range f.schema.Columns() {
		for i, q := range quantiles {
			if column[0] == quantileName(q) {
				f.quantiles, f.order = append(f.quantiles, column[0]), append(f.order, i)
			}
		}
	}
	return f
}

const perMilli = int64(time.Millisecond)

// encode writes a file of rows.
func (f *format) encode(rows []Row) ([]byte, error) {
	var body bytes.Buffer
	w := parquet.NewGenericWriter[any](&body, f.schema, parquet.Compression(&parquet.Snappy))
	values := make(parquet.Row, 0, len(f.schema.Columns()))
	for i := range rows {
		values = f.values(values[:0], &rows[i])
		if _, err := w.WriteRows([]parquet.Row{values}); err != nil {
			return nil, fmt.Errorf("writing windows: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("writing windows: %w", err)
	}
	return body.Bytes(), nil
}

// values appends the values of a row, in the order of columns.
func (f *format) values(to parquet.Row, r *Row) parquet.Row {
	q := 0
	for i, column := range f.schema.Columns() {
		var v parquet.Value
		switch column[0] {
		case "count":
			v = parquet.Int64Value(r.Count)
		case "coverage":
			v = parquet.DoubleValue(r.Coverage)
		case "device":
			v = parquet.ByteArrayValue([]byte(r.Device))
		case "end":
			v = parquet.Int64Value(r.End / perMilli)
		case "first":
			v = parquet.DoubleValue(r.First)
		case "last":
			v = parquet.DoubleValue(r.Last)
		case "max":
			v = parquet.DoubleValue(r.Max)
		case "mean":
			v = parquet.DoubleValue(r.Mean)
		case "min":
			v = parquet.DoubleValue(r.Min)
		case "rev":
			v = parquet.Int32Value(r.Rev)
		case "start":
			v = parquet.Int64Value(r.Start / perMilli)
		case "state":
			v = parquet.ByteArrayValue(r.State)
		case "stddev":
			v = parquet.DoubleValue(r.Stddev)
		case "sum":
			v = parquet.DoubleValue(r.Sum)
		case "tag":
			v = parquet.ByteArrayValue([]byte(r.Tag))
		default:
			v = parquet.DoubleValue(r.Percentiles[f.order[q]])
			q++
		}
		to = append(to, v.Level(0, 0, i))
	}
	return to
}

// decode reads the rows of a file that pick wants; nil wants all.
func (f *format) decode(data []byte, pick func(*Row) bool) (rows []Row, err error) {
	file, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)), parquet.SkipBloomFilters(true), parquet.SkipPageIndex(true))
	if err != nil {
		return nil, err
	}
	columns := file.Schema().Columns()
	into := make([]parquet.Row, 256)
	for _, group := range file.RowGroups() {
		reader := group.Rows()
		for {
			n, err := reader.ReadRows(into)
			for _, values := range into[:n] {
				r := f.row(columns, values)
				if pick == nil || pick(&r) {
					rows = append(rows, r.clone())
				}
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, errors.Join(err, reader.Close())
			}
		}
		if err := reader.Close(); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// row reads a row, of this format or of another; its texts are the reader's.
func (f *format) row(columns [][]string, values parquet.Row) Row {
	r := Row{Percentiles: make([]float64, len(f.quantiles))}
	for i := range r.Percentiles {
		r.Percentiles[i] = math.NaN() // the file may be from before they were asked for
	}
	for _, v := range values {
		switch name := columns[v.Column()][0]; name {
		case "count":
			r.Count = v.Int64()
		case "coverage":
			r.Coverage = v.Double()
		case "device":
			r.Device = string(v.ByteArray())
		case "end":
			r.End = v.Int64() * perMilli
		case "first":
			r.First = v.Double()
		case "last":
			r.Last = v.Double()
		case "max":
			r.Max = v.Double()
		case "mean":
			r.Mean = v.Double()
		case "min":
			r.Min = v.Double()
		case "rev":
			r.Rev = v.Int32()
		case "start":
			r.Start = v.Int64() * perMilli
		case "state":
			r.State = v.ByteArray()
		case "stddev":
			r.Stddev = v.Double()
		case "sum":
			r.Sum = v.Double()
		case "tag":
			r.Tag = string(v.ByteArray())
		default:
			for i, q := range f.quantiles {
				if q == name {
					r.Percentiles[f.order[i]] = v.Double()
				}
			}
		}
	}
	return r
}

// clone is the row with memory of its own.
func (r *Row) clone() Row {
	c := *r
	c.State = bytes.Clone(r.State)
	c.Device, c.Tag = strings.Clone(r.Device), strings.Clone(r.Tag)
	return c
}

// Decode reads the rows of a file, without its percentiles.
func Decode(data []byte) ([]Row, error) { return newFormat(nil).decode(data, nil) }
