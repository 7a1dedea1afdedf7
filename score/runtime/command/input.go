package command

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/fleetscore/fleetscore/score/predictions"
	"github.com/fleetscore/fleetscore/score/runtime"
)

// The names of files by what a job says of its input and output; without one, it is a pipe.
var (
	inputs  = map[string]string{"csv": "input.csv", "parquet": "input.parquet"}
	outputs = map[string]string{"csv": "output.csv", "parquet": "output.parquet"}
)

// features are the names of the columns of values.
func features(q *runtime.Request) []string {
	if len(q.Features) == 1 && q.Features[0] == "value" {
		return []string{"Value"} // beside TS, Device and Tag
	}
	return q.Features
}

// addInput writes the rows of requests, one after the other.
func (w *workspace) addInput(requests []runtime.Request) error {
	var data bytes.Buffer
	encode := encodeCSV
	if w.input == inputs["parquet"] {
		encode = encodeParquet
	}
	if err := encode(&data, requests); err != nil {
		return fmt.Errorf("encoding the input: %w", err)
	}
	if w.input != "" {
		return w.write(w.input, data.Bytes())
	}
	w.spec.Stdin = &data
	return nil
}

func encodeCSV(to *bytes.Buffer, requests []runtime.Request) error {
	out := csv.NewWriter(to)
	tagged := requests[0].Sensor.Tag != ""
	record := []string{"TS", "Device"}
	if tagged {
		record = append(record, "Tag")
	}
	if err := out.Write(append(record, features(&requests[0])...)); err != nil {
		return err
	}
	for i := range requests {
		q := &requests[i]
		for row, ns := range q.Times {
			record = append(record[:0], time.Unix(0, ns).UTC().Format(time.RFC3339Nano), q.Sensor.Device)
			if tagged {
				record = append(record, q.Sensor.Tag)
			}
			for _, v := range q.Row(row) {
				record = append(record, strconv.FormatFloat(v, 'g', -1, 64))
			}
			if err := out.Write(record); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

func encodeParquet(to *bytes.Buffer, requests []runtime.Request) error {
	text := parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
	columns := []parquet.Field{
		predictions.Column("TS", parquet.Timestamp(parquet.Nanosecond)),
		predictions.Column("Device", text),
	}
	tagged := requests[0].Sensor.Tag != ""
	if tagged {
		columns = append(columns, predictions.Column("Tag", text))
	}
	for _, name := range features(&requests[0]) {
		columns = append(columns, predictions.Column(name, parquet.Leaf(parquet.DoubleType)))
	}
	out := parquet.NewGenericWriter[any](to, predictions.Schema("input", columns), parquet.Compression(&parquet.Snappy))
	var row parquet.Row
	for i := range requests {
		q := &requests[i]
		for at, ns := range q.Times {
			row = append(row[:0], parquet.Int64Value(ns), parquet.ByteArrayValue([]byte(q.Sensor.Device)))
			if tagged {
				row = append(row, parquet.ByteArrayValue([]byte(q.Sensor.Tag)))
			}
			for _, v := range q.Row(at) {
				row = append(row, parquet.DoubleValue(v))
			}
			for column := range row {
				row[column] = row[column].Level(0, 0, column)
			}
			if _, err := out.WriteRows([]parquet.Row{row}); err != nil {
				return err
			}
		}
	}
	return out.Close()
}
