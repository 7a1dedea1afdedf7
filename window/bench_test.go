package window

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"
)

// counter is a Sink that only counts.
type counter struct{ windows, bytes, others int }

func (c *counter) Window(w *Window)        { c.windows++; c.bytes += len(w.State) }
func (c *counter) Reading(*Reading, Cause) { c.others++ }

// nothing has been emitted before.
type nothing struct{}

func (nothing) State(string, string, int64) ([]byte, error) { return nil, nil }

// fleetOf makes readings of 100,000 sensors, 5 to a device, each once a second, in
// messages of 1,000: a device's tags come together, devices in some order.
type fleetOf struct {
	devices, tags []string
	levels        []float64
	order         []int
	random        *rand.Rand
	decimals      float64
	jitter        int64
	disorder      float64 // the share of devices of which a second is out of order, and of those of which it is one again
}

func newFleet(sensors int, shuffled bool, decimals float64, jitter int64, disorder float64) *fleetOf {
	f := &fleetOf{disorder: disorder, tags: []string{"temperature", "pressure", "vibration", "current", "flow"}, random: rand.New(rand.NewPCG(1, 2)), decimals: decimals, jitter: jitter}
	for i := range sensors / len(f.tags) {
		f.devices = append(f.devices, fmt.Sprintf("plant-%d/line-%d/pump-%d", i%7, i%83, i))
		f.order = append(f.order, i)
	}
	for range sensors {
		f.levels = append(f.levels, f.random.Float64()*100)
	}
	if shuffled {
		f.random.Shuffle(len(f.order), func(i, j int) { f.order[i], f.order[j] = f.order[j], f.order[i] })
	}
	return f
}

// second appends the readings of a second.
func (f *fleetOf) second(at int64, to []Reading) []Reading {
	for _, d := range f.order {
		t := at
		if f.jitter > 0 {
			t += f.random.Int64N(int64(time.Second)/f.jitter) * f.jitter
		}
		if f.disorder > 0 {
			switch x := f.random.Float64(); {
			case x < f.disorder:
				t -= 3.5e9
			case x < 2*f.disorder:
				t -= 1e9
			}
		}
		for i, tag := range f.tags {
			v := f.levels[d*len(f.tags)+i] + f.random.NormFloat64()*0.5
			if f.decimals > 0 {
				v = math.Round(v*f.decimals) / f.decimals
			}
			to = append(to, Reading{Device: f.devices[d], Tag: tag, Time: t, Value: v})
		}
	}
	return to
}

// BenchmarkEngine reports readings a second; the heap a sensor, at its greatest: when the
// tolerance has two windows open; that without identities and the text of keys, whose
// strings the fleet has; what identities take for each reading; and a State's size.
func BenchmarkEngine(b *testing.B) {
	const sensors = 100_000
	for _, c := range []struct {
		name     string
		shuffled bool
		decimals float64
		jitter   int64
		disorder float64
		change   func(*Config)
	}{
		{name: "in-order", decimals: 10},
		{name: "shuffled", shuffled: true, decimals: 10},
		{name: "millisecond-jitter", shuffled: true, decimals: 10, jitter: 1e6},
		{name: "disorder", shuffled: true, decimals: 10, disorder: 0.02},
		{name: "all-digits", shuffled: true},
		{name: "percentiles", shuffled: true, decimals: 10, change: func(c *Config) { c.Percentiles = []float64{0.5, 0.99} }},
	} {
		b.Run(c.name, func(b *testing.B) {
			cfg := Defaults()
			if c.change != nil {
				c.change(&cfg)
			}
			f := newFleet(sensors, c.shuffled, c.decimals, c.jitter, c.disorder)
			base := heapBytes()
			e, err := New(cfg, nothing{})
			if err != nil {
				b.Fatal(err)
			}
			var sink counter
			second := make([]Reading, 0, sensors)
			at, n := int64(1_800_000_000)*1e9, 0
			grow := func() {
				second = f.second(at, second[:0])
				at += 1e9
			}
			feed := func() {
				for from := 0; from < len(second); from += 1000 {
					if err := e.Add(at, second[from:from+1000], &sink); err != nil {
						b.Fatal(err)
					}
				}
				n += len(second)
			}
			// Memory is grown, and steady, before the clock starts.
			for range 130 {
				grow()
				feed()
			}
			n = 0
			b.ResetTimer()
			for n < b.N {
				b.StopTimer()
				grow()
				b.StartTimer()
				feed()
			}
			b.StopTimer()
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "readings/s")
			for at%60e9 != 0 { // to the end of a minute
				grow()
				feed()
			}
			second = nil
			held := heapBytes() - base - uint64(cap(second))*64
			chunks := uint64(e.chunks.used) * 32
			text := 0
			for _, d := range f.devices {
				text += (len(d) + 15) / 16 * 16
			}
			b.ReportMetric(float64(held)/sensors, "B/sensor-with-all")
			b.ReportMetric(float64(held-uint64(text)-uint64(len(e.chunks.list))*pageSize*32)/sensors, "B/sensor")
			b.ReportMetric(float64(chunks)/sensors/60, "B/identity")
			b.ReportMetric(float64(sink.bytes)/float64(sink.windows), "B/state")
			runtime.KeepAlive(e)
			runtime.KeepAlive(f)
		})
	}
}

func heapBytes() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkSnapshot is of 100,000 sensors with half a minute open.
func BenchmarkSnapshot(b *testing.B) {
	const sensors = 100_000
	f := newFleet(sensors, true, 10, 0, 0)
	e, err := New(Defaults(), nothing{})
	if err != nil {
		b.Fatal(err)
	}
	var sink counter
	for s := range int64(30) {
		if err := e.Add((1_800_000_000+s)*1e9, f.second((1_800_000_000+s)*1e9, nil), &sink); err != nil {
			b.Fatal(err)
		}
	}
	var snapshot []byte
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			snapshot, _ = e.AppendSnapshot(snapshot[:0])
		}
		b.ReportMetric(float64(len(snapshot))/sensors, "B/sensor")
	})
	b.Run("restore", func(b *testing.B) {
		for b.Loop() {
			if _, err := Restore(Defaults(), nothing{}, snapshot); err != nil {
				b.Fatal(err)
			}
		}
	})
}
