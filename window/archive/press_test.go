package archive

import (
	"bytes"
	"cmp"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/readings"
	"github.com/fleetscore/fleetscore/stream"
)

// someHeld is messages of a fleet as its partition has them: a reading of each sensor a second.
func someHeld(readings int) *held {
	h := &held{}
	random := rand.New(rand.NewPCG(1, 2))
	const base = 1_795_000_000_000_000_000
	var some []fleet.Reading
	for i := range readings {
		second, sensor := i/1500, i%1500
		at := int64(base + second*1e9 + sensor*1e6/2*1000)
		some = append(some, fleet.Reading{
			Device: fmt.Sprintf("device-%05d", sensor/5), Tag: []string{"flow", "power", "pressure", "temperature", "vibration"}[sensor%5],
			Time: at / 1e6 * 1e6, Value: math.Round(100*(60+10*math.Sin(float64(second+sensor)/3600)+random.NormFloat64())) / 100,
		})
		if len(some) == 15 || i == readings-1 {
			h.add(&stream.Entry{Position: stream.Position(i + 1), Time: at + 5e6, Body: stream.Append(nil, some)})
			some = some[:0]
		}
	}
	return h
}

// What readings are is what the file has, whatever they are, in the one order; and our
// own reader knows its columns.
func TestPress(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	names := []string{"a", "A", "", "a/b", "ü\x00", "\xff", "b"}
	values := []float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(-1), math.MaxFloat64, 5e-324, 71.3}
	p := newPress()
	for round := range 50 {
		h := &held{}
		type sent struct {
			fleet.Reading
			at int64
		}
		var all []sent
		for i := range 1 + random.IntN(20*(1+round)) {
			at := int64(1_795_000_000_000_000_000) + int64(i)*1_234_567
			var some []fleet.Reading
			for range 1 + random.IntN(5) {
				r := fleet.Reading{
					Device: names[random.IntN(len(names))], Tag: names[random.IntN(len(names))], Value: values[random.IntN(len(values))],
					Time: at - int64(random.IntN(4))*1_000, Seq: random.Uint64(), HasSeq: random.IntN(2) == 0, Received: random.IntN(2) == 0,
				}
				if !r.HasSeq {
					r.Seq = 0
				}
				if random.IntN(10) == 0 {
					r.Time = []int64{math.MinInt64, math.MaxInt64, -1, 0}[random.IntN(4)]
				}
				some = append(some, r)
				all = append(all, sent{r, at})
			}
			h.add(&stream.Entry{Position: stream.Position(i + 1), Time: at, Body: stream.Append(nil, some)})
		}
		slices.SortStableFunc(all, func(a, b sent) int {
			return cmp.Or(cmp.Compare(a.Device, b.Device), cmp.Compare(a.Tag, b.Tag), cmp.Compare(a.Time, b.Time))
		})
		body, n, err := p.make(h, slog.New(slog.DiscardHandler))
		if err != nil || n != len(all) {
			t.Fatalf("%d readings of %d, %v", n, len(all), err)
		}
		type row struct {
			Device   string  `parquet:"device"`
			Tag      string  `parquet:"tag"`
			Time     int64   `parquet:"ts,timestamp(microsecond)"`
			Value    float64 `parquet:"value"`
			Seq      *uint64 `parquet:"seq"`
			Received int64   `parquet:"received,timestamp(millisecond)"`
		}
		rows, err := parquet.Read[row](bytes.NewReader(body), int64(len(body)))
		if err != nil || len(rows) != n {
			t.Fatalf("%d rows of %d, %v", len(rows), n, err)
		}
		for i, got := range rows {
			want := all[i]
			us := time.Unix(0, want.Time).UnixMicro()
			if got.Device != want.Device || got.Tag != want.Tag || got.Time != us || math.Float64bits(got.Value) != math.Float64bits(want.Value) ||
				(got.Seq != nil) != want.HasSeq || want.HasSeq && *got.Seq != want.Seq || got.Received != want.at/1e6 {
				t.Fatalf("row %d is %+v, and was %+v", i, got, want)
			}
		}
		c := readings.NewCollector(readings.Options{})
		if err := c.ReadAt(t.Context(), "x.parquet", bytes.NewReader(body), int64(len(body))); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkPress(b *testing.B) {
	const readings = 200_000
	h := someHeld(readings)
	p := newPress()
	size := 0
	for b.Loop() {
		body, n, err := p.make(h, slog.Default())
		if n != readings || err != nil {
			b.Fatal(n, err)
		}
		size = len(body)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/readings, "ns/reading")
	b.ReportMetric(float64(size)/readings, "B/reading")
	b.ReportMetric(float64(h.size)/readings, "held-B/reading")
}
