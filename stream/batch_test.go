package stream_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/stream"
)

// same compares by the bits of the value, so that a NaN is itself.
func same(a, b fleet.Reading) bool {
	x, y := math.Float64bits(a.Value), math.Float64bits(b.Value)
	a.Value, b.Value = 0, 0
	return a == b && x == y
}

func anyReading(t *rapid.T) fleet.Reading {
	r := fleet.Reading{
		Device:   rapid.OneOf(rapid.SampledFrom([]string{"a", "b", "pump-7", ""}), rapid.String()).Draw(t, "device"),
		Tag:      rapid.OneOf(rapid.SampledFrom([]string{"a", "temperature"}), rapid.String()).Draw(t, "tag"),
		Received: rapid.Bool().Draw(t, "received"),
		HasSeq:   rapid.Bool().Draw(t, "has seq"),
	}
	if r.HasSeq {
		r.Seq = rapid.Uint64().Draw(t, "seq")
	}
	r.Time = rapid.Int64().Draw(t, "time")
	if unit := rapid.SampledFrom([]int64{1, 1e3, 1e6, 1e9}).Draw(t, "unit"); unit > 1 {
		r.Time = r.Time / unit * unit
	}
	switch rapid.IntRange(0, 3).Draw(t, "value") {
	case 0:
		r.Value = math.Float64frombits(rapid.Uint64().Draw(t, "bits"))
	case 1:
		r.Value = float64(rapid.Int64Range(-1e7, 1e7).Draw(t, "decimals")) / 1e3
	case 2:
		r.Value = float64(rapid.Float32().Draw(t, "float32"))
	default:
		r.Value = rapid.SampledFrom([]float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), 1e22, 5e-324}).Draw(t, "special")
	}
	return r
}

// TestRoundTrip: what goes in comes out, to the bit, after what is there already,
// through one encoder and one decoder whose table is far too small.
func TestRoundTrip(t *testing.T) {
	var encoder stream.Encoder
	decoder := stream.Decoder{Names: 2}
	rapid.Check(t, func(t *rapid.T) {
		readings := rapid.SliceOfN(rapid.Custom(anyReading), 0, 40).Draw(t, "readings")
		if rapid.Bool().Draw(t, "replayed") {
			for i := range readings {
				readings[i].Replayed = true
			}
		}
		before := rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(t, "before")
		dst := encoder.Append(slices.Clone(before), readings)
		if !slices.Equal(dst[:len(before)], before) {
			t.Fatalf("what was there is %v now, was %v", dst[:len(before)], before)
		}
		body := dst[len(before):]
		first := fleet.Reading{Device: "first"}
		got, err := decoder.Decode(body, []fleet.Reading{first})
		if err != nil {
			t.Fatal(err)
		}
		clear(body) // the readings must not refer to it
		if want := append([]fleet.Reading{first}, readings...); !slices.EqualFunc(got, want, same) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
	})
}

// FuzzDecode: whatever a body is, decoding it ends, takes memory in proportion to
// it, and what it gives can be encoded and decoded again.
func FuzzDecode(f *testing.F) {
	f.Add(stream.Append(nil, fleetReadings(3, 4)))
	f.Add(stream.Append(nil, []fleet.Reading{{Device: "d", Tag: "t", Time: -1, Value: math.NaN(), Seq: 7, HasSeq: true, Received: true}}))
	f.Add(stream.Append(nil, []fleet.Reading{{Device: "d", Tag: "t", Value: 1, Replayed: true}, {Device: "d", Tag: "t", Value: 2, Replayed: true}}))
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xf, 0, 1, 0})
	f.Fuzz(func(t *testing.T, body []byte) {
		var d stream.Decoder
		got, err := d.Decode(body, nil)
		if err != nil {
			if got != nil || !errors.Is(err, stream.ErrCorrupt) {
				t.Fatalf("%d readings, %v", len(got), err)
			}
			return
		}
		if cap(got) > len(body) {
			t.Fatalf("memory for %d readings of %d bytes", cap(got), len(body))
		}
		again, err := d.Decode(stream.Append(nil, got), nil)
		if err != nil || !slices.EqualFunc(got, again, same) {
			t.Fatalf("%v\ngot  %+v\nthen %+v", err, got, again)
		}
	})
}

// fleetReadings are readings as a fleet sends them: each sensor once a second,
// with a jitter of milliseconds, and values of a decimal or of a float32.
func fleetReadings(devices, seconds int) []fleet.Reading {
	rng := rand.New(rand.NewPCG(1, 2))
	var readings []fleet.Reading
	for s := range seconds {
		for d := range devices {
			for tag, name := range []string{"temperature", "pressure", "vibration", "current", "flow"} {
				value := math.Round(rng.NormFloat64()*1000) / 10
				if tag == 2 {
					value = float64(float32(rng.NormFloat64()))
				}
				readings = append(readings, fleet.Reading{
					Device: fmt.Sprintf("pump-%d", d), Tag: name, Value: value,
					Time: 1_790_000_000_000_000_000 + int64(s)*1e9 + int64(rng.IntN(1000))*1e6,
				})
			}
		}
	}
	return readings
}

func BenchmarkBatch(b *testing.B) {
	ordered := fleetReadings(200, 1)
	shuffled := slices.Clone(ordered)
	rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	for _, of := range []struct {
		name     string
		readings []fleet.Reading
	}{{"ordered", ordered}, {"shuffled", shuffled}} {
		body := stream.Append(nil, of.readings)
		report := func(b *testing.B) {
			b.ReportMetric(float64(b.N)*float64(len(of.readings))/b.Elapsed().Seconds(), "readings/s")
			b.ReportMetric(float64(len(body))/float64(len(of.readings)), "B/reading")
		}
		b.Run("decode/"+of.name, func(b *testing.B) {
			var d stream.Decoder
			var into []fleet.Reading
			b.ReportAllocs()
			for b.Loop() {
				into, _ = d.Decode(body, into[:0])
			}
			report(b)
		})
		b.Run("encode/"+of.name, func(b *testing.B) {
			var e stream.Encoder
			var dst []byte
			b.ReportAllocs()
			for b.Loop() {
				dst = e.Append(dst[:0], of.readings)
			}
			report(b)
		})
	}
}
