package predictions

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/readings"
)

// Row is one prediction, as it is read again. It is good until the next one.
type Row struct {
	fleet.Sensor
	Time    int64    // nanoseconds since 1970
	Names   []string // of the features
	Values  []float64
	Score   float64 // NaN where the file has none
	Anomaly bool
	Model   string
	Run     string
	Rev     int
}

// Read calls each for every row of a file, which is Parquet or CSV by its name.
// It reads what this package writes, and is not for files of strangers.
func Read(name string, data []byte, each func(Row) error) error {
	read := readParquet
	if strings.HasSuffix(name, ".csv") {
		read = readCSV
	}
	if err := read(data, each); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// columnsOfRow are the columns that are no features, in both cases of CSV too.
var columnsOfRow = map[string]string{
	"time": "time", "device": "device", "tag": "tag", "score": "score", "anomaly": "anomaly", "model": "model", "run": "run", "rev": "rev",
	"TS": "time", "Device": "device", "Tag": "tag", "Prediction": "anomaly",
}

// set puts a value into the row; text is its text, and number what that is where
// it is one.
func (r *Row) set(column, text string, number float64) {
	switch column {
	case "device":
		r.Device = text
	case "tag":
		r.Tag = text
	case "score":
		r.Score = number
	case "anomaly":
		r.Anomaly = number != 0
	case "model":
		r.Model = text
	case "run":
		r.Run = text
	case "rev":
		r.Rev = int(number)
	default:
		r.Names, r.Values = append(r.Names, column), append(r.Values, number)
	}
}

func readCSV(data []byte, each func(Row) error) error {
	reader := csv.NewReader(bytes.NewReader(data))
	reader.ReuseRecord = true
	record, err := reader.Read()
	if err != nil {
		return fmt.Errorf("reading the header: %w", err)
	}
	header := make([]string, len(record))
	for i, name := range record {
		if header[i] = name; columnsOfRow[name] != "" {
			header[i] = columnsOfRow[name]
		}
	}
	var r Row
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		r = Row{Names: r.Names[:0], Values: r.Values[:0], Score: math.NaN()}
		for i, text := range record {
			if header[i] == "time" {
				if r.Time, err = readings.ParseTime(text); err != nil {
					return err
				}
				continue
			}
			number, err := strconv.ParseFloat(text, 64)
			if err != nil {
				number = math.NaN()
			}
			r.set(header[i], text, number)
		}
		if err := each(r); err != nil {
			return err
		}
	}
}

func readParquet(data []byte, each func(Row) error) (err error) {
	// The library has panics for files that are damaged.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("damaged: %v", p)
		}
	}()
	file, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return err
	}
	columns := file.Root().Columns()
	reader := parquet.NewReader(file)
	defer func() { _ = reader.Close() }()
	return eachRow(reader, columns, tickOf(columns), each)
}

// tickOf is how many nanoseconds the unit of the time has.
func tickOf(columns []*parquet.Column) int64 {
	for _, c := range columns {
		if c.Name() == "time" && c.Type().LogicalType() != nil {
			return tick(c.Type().LogicalType().String())
		}
	}
	return 1
}

// eachRow calls each for every row of a reader.
func eachRow(reader parquet.RowReader, columns []*parquet.Column, perTick int64, each func(Row) error) error {
	rows := make([]parquet.Row, 256)
	var r Row
	for {
		n, err := reader.ReadRows(rows)
		for _, row := range rows[:n] {
			r = Row{Names: r.Names[:0], Values: r.Values[:0], Score: math.NaN()}
			for _, v := range row {
				name := columns[v.Column()].Name()
				switch {
				case name == "time":
					r.Time = v.Int64() * perTick
				case v.Kind() == parquet.ByteArray:
					r.set(name, string(v.ByteArray()), 0)
				default:
					r.set(name, "", numberOf(v))
				}
			}
			if err := each(r); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func numberOf(v parquet.Value) float64 {
	switch v.Kind() {
	case parquet.Int32:
		return float64(v.Int32())
	case parquet.Int64:
		return float64(v.Int64())
	case parquet.Double:
		return v.Double()
	}
	return math.NaN()
}

// tick is how many nanoseconds the unit of a timestamp has.
func tick(logical string) int64 {
	switch {
	case strings.Contains(logical, "MILLIS"):
		return 1_000_000
	case strings.Contains(logical, "MICROS"):
		return 1_000
	}
	return 1
}
