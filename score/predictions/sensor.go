package predictions

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"

	"github.com/fleetscore/fleetscore/fleet"
)

// ReadSensor calls each for every row of a sensor in a Parquet file of a size in bytes, in
// the order of the file. Of the file only the row groups are read that can have the sensor.
func ReadSensor(name string, file io.ReaderAt, size int64, sensor fleet.Sensor, each func(Row) error) (err error) {
	// The library has panics for files that are damaged.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: damaged: %v", name, p)
		}
	}()
	f, err := parquet.OpenFile(file, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	columns := f.Root().Columns()
	perTick := tickOf(columns)
	groups := f.Metadata().RowGroups
	for i, group := range f.RowGroups() {
		may := true
		for _, c := range groups[i].Columns {
			value, ok := map[string]string{"device": sensor.Device, "tag": sensor.Tag}[last(c.MetaData.PathInSchema)]
			if s := c.MetaData.Statistics; ok && len(s.MaxValue) > 0 && (bytes.Compare([]byte(value), s.MinValue) < 0 || bytes.Compare([]byte(value), s.MaxValue) > 0) {
				may = false
			}
		}
		if !may {
			continue
		}
		reader := group.Rows()
		err := eachRow(reader, columns, perTick, func(r Row) error {
			if r.Sensor != sensor {
				return nil
			}
			return each(r)
		})
		if err = errors.Join(err, reader.Close()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func last(path []string) string {
	if len(path) == 0 {
		return ""
	}
	return path[len(path)-1]
}
