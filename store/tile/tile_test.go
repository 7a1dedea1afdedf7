package tile_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store/memstore"
	"github.com/fleetscore/fleetscore/store/tile"
)

func drawEntries(t *rapid.T) []tile.Entry {
	name := rapid.OneOf(rapid.StringN(1, 12, 200), rapid.SampledFrom([]string{"a", "aa", "ab", "a\x00", "a\x00b", "\x00", "pump-7", "pump-71", "温度", "a\U0010ffff"}))
	entries := rapid.SliceOfDistinct(rapid.Custom(func(t *rapid.T) tile.Entry {
		fate := rapid.SampledFrom([]tile.Fate{tile.Normal, tile.Anomalous, tile.Silent, tile.Skipped,
			tile.Failed(rapid.SampledFrom(fleet.Causes()).Draw(t, "cause"), rapid.Bool().Draw(t, "partly"))}).Draw(t, "fate")
		return tile.Entry{Sensor: fleet.Sensor{Device: name.Draw(t, "device"), Tag: name.Draw(t, "tag")}, Fate: fate,
			Cost: tile.CostOf(time.Duration(rapid.Int64Range(0, 1e12).Draw(t, "cost")))}
	}), func(e tile.Entry) fleet.Sensor { return e.Sensor }).Draw(t, "entries")
	slices.SortFunc(entries, func(a, b tile.Entry) int { return a.Sensor.Compare(b.Sensor) })
	return entries
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		entries := drawEntries(rt)
		again, err := tile.ReadEntries(tile.AppendEntries(nil, entries))
		if err != nil || len(again) != len(entries) || len(entries) > 0 && !reflect.DeepEqual(again, entries) {
			rt.Fatalf("%v, %v; want %v", again, err, entries)
		}
		s := memstore.New()
		for range 2 { // the second finds the roster
			if err := tile.Write(t.Context(), s, "tiles/j/i.tile", entries); err != nil {
				rt.Fatal(err)
			}
		}
		read, err := tile.Read(t.Context(), s, "tiles/j/i.tile")
		if err != nil || read.Len() != len(entries) {
			rt.Fatal(read.Len(), err)
		}
		total := 0
		for _, n := range read.Count() {
			total += n
		}
		for i, e := range entries {
			if found, ok := read.Find(e.Sensor); !ok || found != e || read.At(i) != e || read.Search(e.Sensor) != i {
				rt.Fatalf("%v is %v, %v", e, found, ok)
			}
		}
		if _, ok := read.Find(fleet.Sensor{Device: "nobody"}); ok || total != len(entries) {
			rt.Fatal("a sensor that is not there is found, or counts are wrong")
		}
	})
}

func TestFates(t *testing.T) {
	seen := map[tile.Fate]bool{}
	for _, cause := range fleet.Causes() {
		for _, has := range []bool{false, true} {
			f := tile.Failed(cause, has)
			if got, ok := f.Cause(); !ok || got != cause || f.HasPredictions() != has || f.String() != string(cause) || seen[f] {
				t.Errorf("%s, %v: fate %d is %v", cause, has, f, f)
			}
			seen[f] = true
		}
	}
	for f, has := range map[tile.Fate]bool{tile.Normal: true, tile.Anomalous: true, tile.Silent: false, tile.Skipped: false, tile.Unknown: false, 5: false, 15: false, 128: false} {
		if _, failed := f.Cause(); failed || f.HasPredictions() != has {
			t.Errorf("%v", f)
		}
	}
}

func TestCost(t *testing.T) {
	for d := time.Duration(100); d < 4*time.Minute; d = d*3/2 + 1 {
		if again := tile.CostOf(d).Duration(); float64(again) < 0.95*float64(d) || float64(again) > 1.05*float64(d) {
			t.Errorf("%v is kept as %v", d, again)
		}
	}
}

func FuzzReadEntries(f *testing.F) {
	f.Add(tile.AppendEntries(nil, []tile.Entry{{Sensor: fleet.Sensor{Device: "a", Tag: "b"}, Fate: tile.Normal}, {Sensor: fleet.Sensor{Device: "a", Tag: "c"}}}))
	f.Add([]byte{0})
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := tile.ReadEntries(data)
		if err != nil {
			return
		}
		if again, err := tile.ReadEntries(tile.AppendEntries(nil, entries)); err != nil || len(again) != len(entries) {
			t.Fatal(err)
		}
	})
}

func FuzzRead(f *testing.F) {
	s := memstore.New()
	if err := tile.Write(f.Context(), s, "tiles/x", []tile.Entry{{Sensor: fleet.Sensor{Device: "a", Tag: "b"}}}); err != nil {
		f.Fatal(err)
	}
	data, err := s.Get(f.Context(), "tiles/x", nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := s.Put(t.Context(), "tiles/y", bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		_, _ = tile.Read(t.Context(), s, "tiles/y")
	})
}

func BenchmarkRead(b *testing.B) {
	entries := make([]tile.Entry, 1_000_000)
	for i := range entries {
		entries[i] = tile.Entry{Sensor: fleet.Sensor{Device: fmt.Sprintf("device-%06d", i/5), Tag: fmt.Sprintf("tag-%d", i%5)}, Fate: tile.Fate(1 + rand.IntN(3)), Cost: 100}
	}
	s := memstore.New()
	if err := tile.Write(b.Context(), s, "tiles/x", entries); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := tile.Read(b.Context(), s, "tiles/x"); err != nil {
			b.Fatal(err)
		}
	}
}
