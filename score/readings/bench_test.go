package readings

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
)

// fleetText writes rows as a plant's historian does: every five seconds one row
// of each sensor. It is an io.Reader, so that large inputs need no memory.
type fleetText struct {
	sensors, rows int // rows of each sensor
	format        func(dst []byte, second, sensor int, r *rand.Rand) []byte
	next          int
	text, rest    []byte
	random        *rand.Rand
}

func newFleetText(sensors, rows int) *fleetText {
	f := &fleetText{sensors: sensors, rows: rows, format: formatRow, random: rand.New(rand.NewPCG(1, 2))}
	f.text = append(f.text, "TS,Device,Tag,Value\n"...)
	f.rest = f.text
	return f
}

func formatRow(dst []byte, second, sensor int, r *rand.Rand) []byte {
	at := time.Date(2018, 8, 28, 23, 0, 5, 0, time.UTC).Add(time.Duration(second) * 5 * time.Second)
	dst = at.AppendFormat(dst, "2006-01-02 15:04:05.000,")
	dst = append(strconv.AppendInt(dst, int64(sensor/5+1), 10), ',')
	dst = append(strconv.AppendInt(dst, int64(sensor%5+1), 10), ',')
	return append(strconv.AppendFloat(dst, 60+40*r.Float64(), 'f', 2, 64), '\n')
}

func (f *fleetText) Read(p []byte) (int, error) {
	if len(f.rest) == 0 {
		if f.next == f.sensors*f.rows {
			return 0, io.EOF
		}
		f.text = f.text[:0]
		for ; f.next < f.sensors*f.rows && len(f.text) < 32<<10; f.next++ {
			f.text = f.format(f.text, f.next/f.sensors, f.next%f.sensors, f.random)
		}
		f.rest = f.text
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

func BenchmarkRead(b *testing.B) {
	plain := read(b, newFleetText(1000, 1000))
	lone := read(b, newFleetText(1, 1_000_000))
	many := read(b, newFleetText(500_000, 4))
	quoted := bytes.ReplaceAll(plain, []byte("\n"), []byte("\"\n\""))
	quoted = append([]byte(`"`), bytes.ReplaceAll(quoted, []byte(","), []byte(`","`))...)
	quoted = quoted[:len(quoted)-1]
	for _, file := range []struct {
		name string
		data []byte
		text int
	}{
		{"plain", plain, len(plain)},
		{"one-sensor", lone, len(lone)},
		{"many-sensors", many, len(many)},
		{"all-quoted", quoted, len(quoted)},
		{"gzip", gzipped(b, string(plain)), len(plain)},
		{"zstd", zstandard(b, string(plain)), len(plain)},
		{"ndjson", asNDJSON(plain), len(plain)},
	} {
		b.Run(file.name, func(b *testing.B) {
			b.SetBytes(int64(file.text))
			b.ReportAllocs()
			var rows int64
			for b.Loop() {
				c := NewCollector(Options{})
				if err := c.Read(b.Context(), file.name, bytes.NewReader(file.data)); err != nil {
					b.Fatal(err)
				}
				rows += c.Finish().Rows
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}

// asNDJSON writes the rows of CSV as JSON lines.
func asNDJSON(csv []byte) []byte {
	var out []byte
	for line := range bytes.Lines(csv) {
		f := bytes.Split(bytes.TrimSpace(line), []byte(","))
		if string(f[0]) != "TS" {
			out = fmt.Appendf(out, "{\"ts\":%q,\"device\":%q,\"tag\":%q,\"value\":%s}\n", f[0], f[1], f[2], f[3])
		}
	}
	return out
}

// BenchmarkReadParquet reads what a stream of windows would be: rows in the order of time.
func BenchmarkReadParquet(b *testing.B) {
	type reading struct {
		Time   int64   `parquet:"ts,timestamp(millisecond),optional"`
		Device string  `parquet:"device,dict,optional"`
		Tag    string  `parquet:"tag,dict,optional"`
		Value  float64 `parquet:"value,optional"`
	}
	for _, f := range []struct{ sensors, rows int }{{10_000, 60}, {1000, 1000}, {10_000, 400}} {
		b.Run(fmt.Sprintf("%dx%d", f.sensors, f.rows), func(b *testing.B) {
			var file bytes.Buffer
			w := parquet.NewGenericWriter[reading](&file, parquet.Compression(&parquet.Snappy), parquet.MaxRowsPerRowGroup(1<<20))
			for i := range f.sensors * f.rows {
				sensor := i % f.sensors
				row := reading{1e12 + int64(i/f.sensors)*60_000, "device-" + strconv.Itoa(sensor/5), "tag-" + strconv.Itoa(sensor%5), rand.Float64()}
				if _, err := w.Write([]reading{row}); err != nil {
					b.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			var rows int64
			for b.Loop() {
				c := NewCollector(Options{})
				if err := c.ReadAt(b.Context(), "f", bytes.NewReader(file.Bytes()), int64(file.Len())); err != nil {
					b.Fatal(err)
				}
				rows += c.Finish().Rows
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}

// BenchmarkMemory reports bytes a reading: held when all is read, and at the
// peak, garbage included.
func BenchmarkMemory(b *testing.B) {
	for _, f := range []struct{ sensors, rows int }{{1_000_000, 5}, {100_000, 60}, {1000, 1000}, {100, 100_000}} {
		b.Run(fmt.Sprintf("%dx%d", f.sensors, f.rows), func(b *testing.B) {
			var held, peak float64
			for b.Loop() {
				held, peak = memoryOf(b, newFleetText(f.sensors, f.rows))
			}
			b.ReportMetric(held, "B/reading")
			b.ReportMetric(peak, "peak-B/reading")
		})
	}
}

// memoryOf reads text and returns the bytes of heap a reading, when all is read
// and at the peak.
func memoryOf(tb testing.TB, text io.Reader) (held, peak float64) {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	before, most, blocks := stats.HeapAlloc, uint64(0), 0
	c := NewCollector(Options{Progress: func(int64) {
		if blocks++; blocks%4 == 0 {
			runtime.ReadMemStats(&stats)
			most = max(most, stats.HeapAlloc)
		}
	}})
	if err := c.Read(tb.Context(), "memory.csv", text); err != nil {
		tb.Fatal(err)
	}
	set := c.Finish()
	runtime.GC()
	runtime.ReadMemStats(&stats)
	rows := float64(set.Rows)
	held = float64(stats.HeapAlloc-before) / rows
	peak = float64(max(most, stats.HeapAlloc)-before) / rows
	runtime.KeepAlive(set)
	return held, peak
}

// The growth of spans leaves the most empty when a span was just begun, as with
// 1,022 rows (the first 1,021 fill 13 spans).
func TestMemory(t *testing.T) {
	for _, rows := range []int{1000, 1022, 1100} {
		held, peak := memoryOf(t, newFleetText(1000, rows))
		t.Logf("%d rows a sensor: %.1f bytes a reading, %.1f at the peak", rows, held, peak)
		if held > 26 || peak > 40 {
			t.Errorf("%d rows a sensor: %.1f bytes a reading, %.1f at the peak; the most is 26 and 40", rows, held, peak)
		}
	}
}

func read(tb testing.TB, r io.Reader) []byte {
	data, err := io.ReadAll(r)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}
