package window

import (
	"bytes"
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func drawConfig(t *rapid.T) Config {
	seconds := func(name string, of ...int) time.Duration {
		return time.Duration(rapid.SampledFrom(of).Draw(t, name)) * time.Second
	}
	cfg := Config{
		Every: seconds("every", 10, 60), Tolerance: seconds("tolerance", 0, 5, 20), Lateness: seconds("lateness", 0, 30, 200, 100_000),
		Early: seconds("early", 1, 30), Idle: seconds("idle", 1, 15), Settle: seconds("settle", 1, 10), Forget: seconds("forget", 30, 300, 100_000),
		Keep: rapid.SampledFrom([]Keep{KeepLast, KeepBoth}).Draw(t, "keep"), MaxSensors: 100,
	}
	cfg.Hop = cfg.Every / time.Duration(rapid.SampledFrom([]int{1, 1, 2, 5}).Draw(t, "hops"))
	if rapid.Bool().Draw(t, "percentiles") {
		cfg.Percentiles, cfg.Expected = []float64{0, 0.5, 0.9, 1}, 700*time.Millisecond
	}
	return cfg
}

// drawReading makes a reading around a time, or one of those before it again, or one
// of those with another value.
func drawReading(t *rapid.T, at int64, before []Reading) Reading {
	value := rapid.SampledFrom([]float64{1, 2, 71.3, 71.25, -4, 0, math.Pi, 1e300, 5e-324, math.NaN(), math.Inf(1)})
	if len(before) > 0 {
		r := rapid.SampledFrom(before)
		switch rapid.IntRange(0, 5).Draw(t, "again") {
		case 0:
			return r.Draw(t, "before")
		case 1:
			x := r.Draw(t, "before")
			x.Value = value.Draw(t, "value")
			return x
		case 2:
			x := r.Draw(t, "before")
			x.Replayed = true
			return x
		}
	}
	unit := rapid.SampledFrom([]int64{1e9, 1e9, 1e6, 1}).Draw(t, "unit")
	span := rapid.SampledFrom([]int64{10e9, 100e9, 500e9}).Draw(t, "span")
	return Reading{
		Device: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "device"), Tag: rapid.SampledFrom([]string{"x", ""}).Draw(t, "tag"),
		Time: at + rapid.Int64Range(-span/unit, 40e9/unit).Draw(t, "time")*unit, Value: value.Draw(t, "value"),
		Seq: uint64(rapid.IntRange(0, 3).Draw(t, "seq")), HasSeq: rapid.IntRange(0, 3).Draw(t, "has seq") == 0,
		Received: rapid.IntRange(0, 7).Draw(t, "received") == 0, Replayed: rapid.IntRange(0, 7).Draw(t, "replayed") == 0,
	}
}

// TestOracle has readings in any order, doubled and late, and an engine that is
// restarted anywhere: all do what the oracle does, and the one that is restarted
// writes what the one that is not does, byte for byte.
func TestOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := drawConfig(t)
		steady, restarted := newRecorder(), newRecorder()
		a, err := New(cfg, steady)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := New(cfg, restarted)
		o := newOracle(cfg)
		at := rapid.SampledFrom([]int64{-100e9, 0, 1_800_000_000e9}).Draw(t, "epoch")
		var before []Reading
		ended := 0
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			at += rapid.SampledFrom([]int64{0, 1e9, 7e9, 30e9, 400e9, -5e9}).Draw(t, "step")
			var readings []Reading
			for range rapid.IntRange(0, 6).Draw(t, "readings") {
				readings = append(readings, drawReading(t, at, before))
				before = append(before, readings[len(readings)-1])
			}
			steady.windows, steady.outcomes, o.out, o.causes = nil, nil, nil, nil
			if err := a.Add(at, readings, steady); err != nil {
				t.Fatal(err)
			}
			// The restarted one has them in other batches.
			cut := rapid.IntRange(0, len(readings)).Draw(t, "cut")
			if err := cmp.Or(b.Add(at, readings[:cut], restarted), b.Add(at, readings[cut:], restarted)); err != nil {
				t.Fatal(err)
			}
			o.tick(at)
			for _, r := range readings {
				if why := o.add(r); why != Counted {
					o.causes = append(o.causes, why)
				}
			}
			if !slices.Equal(steady.outcomes, o.causes) {
				t.Fatalf("readings end as %v, want %v", steady.outcomes, o.causes)
			}
			compareWindows(t, steady.windows, o.out)
			ended += len(readings)
			if rapid.IntRange(0, 3).Draw(t, "restart") == 0 {
				b = restart(t, cfg, a, b, restarted)
			}
			if !bytes.Equal(steady.log, restarted.log) {
				t.Fatalf("the restarted engine wrote\n%s\nnot\n%s", restarted.log, steady.log)
			}
		}
		sum := uint64(0)
		for _, n := range a.Counts().Readings {
			sum += n
		}
		if sum != uint64(ended) || a.Counts() != b.Counts() {
			t.Fatalf("of %d readings, %d ended: %+v, restarted %+v", ended, sum, a.Counts(), b.Counts())
		}
	})
}

// restart returns what b is after a restart, of which a's snapshot must have the bytes.
func restart(t *rapid.T, cfg Config, a, b *Engine, states States) *Engine {
	want, err := a.AppendSnapshot(nil)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := b.AppendSnapshot(nil)
	c, err := Restore(cfg, states, got)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := c.AppendSnapshot(nil)
	if !bytes.Equal(got, want) || !bytes.Equal(again, want) {
		t.Fatalf("snapshots differ:\n%q\n%q\n%q", want, got, again)
	}
	return c
}

func compareWindows(t *rapid.T, got, want []Window) {
	order := func(a, b Window) int {
		return cmp.Or(cmp.Compare(a.Device, b.Device), cmp.Compare(a.Tag, b.Tag), cmp.Compare(a.Start, b.Start), cmp.Compare(a.Rev, b.Rev))
	}
	got = slices.Clone(got)
	slices.SortFunc(got, order)
	slices.SortFunc(want, order)
	if len(got) != len(want) {
		t.Fatalf("%d windows, want %d:\n%+v\n%+v", len(got), len(want), got, want)
	}
	for i := range got {
		g, w := got[i], want[i]
		scale := max(math.Abs(w.Min), math.Abs(w.Max))
		near := func(a, b, within float64) bool {
			return a == b || math.Abs(a-b) <= within || math.IsNaN(a) && math.IsNaN(b)
		}
		ok := order(g, w) == 0 && g.End == w.End && g.Count == w.Count && g.Min == w.Min && g.Max == w.Max &&
			g.First == w.First && g.FirstTime == w.FirstTime && g.Last == w.Last && g.LastTime == w.LastTime &&
			near(g.Sum, w.Sum, 1e-13*scale*float64(w.Count)) && near(g.Mean, w.Mean, 1e-13*scale) && near(g.Coverage, w.Coverage, 1e-12) &&
			(scale > 1e150 || near(g.Stddev, w.Stddev, 1e-7*scale)) && len(g.Percentiles) == len(w.Percentiles)
		for j := range g.Percentiles {
			ok = ok && near(g.Percentiles[j], w.Percentiles[j], math.Abs(w.Percentiles[j])/128+1e-300)
		}
		if !ok {
			t.Fatalf("window\n%+v, want\n%+v", g, w)
		}
	}
}

// TestOrder: any order within the tolerance gives the same windows, to the bit.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := Defaults()
		cfg.Hop = rapid.SampledFrom([]time.Duration{time.Minute, 20 * time.Second}).Draw(t, "hop")
		cfg.Percentiles = []float64{0.25, 0.75}
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		digits := rapid.SampledFrom([]float64{10, 1000, 1e16}).Draw(t, "digits")
		const base = int64(1_800_000_000e9)
		var readings []Reading
		for i := range rapid.IntRange(1, 3000).Draw(t, "readings") {
			readings = append(readings, Reading{Device: "d", Tag: "t", Time: base + int64(i)*100e6 + random.Int64N(50)*1e6, Value: math.Round(random.NormFloat64()*digits) / digits})
		}
		// Those that sorting puts no further than the tolerance from their place.
		shuffled := slices.Clone(readings)
		keys := map[int64]int64{}
		for i := range shuffled {
			keys[shuffled[i].Time] = shuffled[i].Time + random.Int64N(int64(cfg.Tolerance)-50e6)
		}
		slices.SortStableFunc(shuffled, func(a, b Reading) int { return cmp.Compare(keys[a.Time], keys[b.Time]) })
		run := func(readings []Reading) []Window {
			r := newRecorder()
			e, _ := New(cfg, r)
			for len(readings) > 0 {
				n := min(len(readings), 1+random.IntN(200))
				if err := e.Add(base+400e9, readings[:n], r); err != nil {
					t.Fatal(err)
				}
				readings = readings[n:]
			}
			if err := e.Tick(base+9000e9, r); err != nil {
				t.Fatal(err)
			}
			if len(r.outcomes) > 0 {
				t.Fatalf("some end as %v", r.outcomes)
			}
			for i := range r.windows {
				r.windows[i].State = nil
			}
			return r.windows
		}
		cfg.Early = time.Hour
		a, b := run(readings), run(shuffled)
		if !slices.EqualFunc(a, b, func(x, y Window) bool {
			x.Coverage, y.Coverage = 0, 0
			return same(x, y)
		}) {
			t.Fatalf("in order\n%+v\nshuffled\n%+v", a, b)
		}
	})
}

func same(x, y Window) bool {
	bits := func(w Window) (b []uint64) {
		for _, v := range append([]float64{w.Sum, w.Mean, w.Min, w.Max, w.First, w.Last, w.Stddev}, w.Percentiles...) {
			b = append(b, math.Float64bits(v))
		}
		return append(b, uint64(w.Start), uint64(w.Rev), uint64(w.Count), uint64(w.FirstTime), uint64(w.LastTime))
	}
	return slices.Equal(bits(x), bits(y))
}
