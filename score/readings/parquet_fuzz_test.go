package readings

import (
	"bytes"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// smallParquet are whole files with dictionaries, nulls and several pages.
func smallParquet(tb testing.TB) [][]byte {
	type reading struct {
		Time   *int64   `parquet:"ts,timestamp(microsecond)"`
		Device *string  `parquet:"device,dict"`
		Tag    string   `parquet:"tag"`
		Value  *float64 `parquet:"value"`
	}
	at, device, value := int64(1e15), "pump-7", 71.5
	var files [][]byte
	for version := 1; version <= 2; version++ {
		for _, codec := range []parquet.WriterOption{parquet.Compression(&parquet.Uncompressed), parquet.Compression(&parquet.Snappy)} {
			var file bytes.Buffer
			w := parquet.NewGenericWriter[reading](&file, codec, parquet.DataPageVersion(version), parquet.MaxRowsPerRowGroup(3), parquet.PageBufferSize(1))
			for range 3 {
				if _, err := w.Write([]reading{{&at, &device, "temperature", &value}, {nil, nil, "", nil}}); err != nil {
					tb.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				tb.Fatal(err)
			}
			files = append(files, file.Bytes())
		}
	}
	return files
}

// Whatever the bytes, there is an error or a set that adds up, never a panic.
func FuzzParquet(f *testing.F) {
	for _, file := range smallParquet(f) {
		f.Add(file)
	}
	for _, file := range hostileParquet(f) {
		if len(file) < 1<<10 {
			f.Add(file)
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		c := NewCollector(Options{})
		err := c.ReadAt(t.Context(), "f", bytes.NewReader(file), int64(len(file)))
		set := c.Finish()
		rows := int64(0)
		for _, s := range set.Series {
			rows += int64(s.Rows())
			for _, b := range s.Blocks() {
				for i := range b.Times {
					b.AppendTime(nil, i)
				}
			}
		}
		if rows != set.Rows {
			t.Fatalf("%d rows in series, %d in all; %v", rows, set.Rows, err)
		}
	})
}

// A file that is cut anywhere is an error that names it.
func TestTruncatedParquet(t *testing.T) {
	for _, file := range smallParquet(t) {
		for n := len(parquetMagic); n < len(file); n++ {
			err := NewCollector(Options{}).ReadAt(t.Context(), "cut.parquet", bytes.NewReader(file[:n]), int64(n))
			if err == nil || !bytes.HasPrefix([]byte(err.Error()), []byte("cut.parquet: not a whole Parquet file")) {
				t.Fatalf("%d of %d bytes: %v", n, len(file), err)
			}
		}
	}
}

// Damage in the middle is told as damage, or not at all where it hits a value.
func TestDamagedParquet(t *testing.T) {
	for _, file := range smallParquet(t) {
		for i := range file {
			damaged := bytes.Clone(file)
			damaged[i] ^= 0x55
			c := NewCollector(Options{})
			_ = c.ReadAt(t.Context(), "f", bytes.NewReader(damaged), int64(len(damaged)))
			c.Finish()
		}
	}
}
