package window

import (
	"bytes"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// sampleSnapshot is of an engine that has a bit of everything open.
func sampleSnapshot(cfg Config) []byte {
	r := newRecorder()
	e, err := New(cfg, r)
	if err != nil {
		panic(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	var readings []Reading
	for i := range 400 {
		readings = append(readings, Reading{
			Device: []string{"a", "b"}[i%2], Tag: []string{"x", "", "y"}[i%3], Time: int64(i)*1e9 + random.Int64N(2)*1e6,
			Value: []float64{float64(i) / 10, random.Float64(), 7}[i/2%3], HasSeq: i%7 == 0, Seq: uint64(i), Received: i%11 == 0,
		})
	}
	random.Shuffle(len(readings), func(i, j int) { readings[i], readings[j] = readings[j], readings[i] })
	if err := e.Add(410e9, readings, r); err != nil {
		panic(err)
	}
	b, _ := e.AppendSnapshot(nil)
	return b
}

// FuzzRestore: whatever a snapshot holds, it is refused, or what comes of it can be
// written, and read as the same, and goes on without end or panic.
func FuzzRestore(f *testing.F) {
	cfg := Defaults()
	hopping := cfg
	hopping.Hop, hopping.Percentiles = 20*time.Second, []float64{0.5}
	for _, c := range []Config{cfg, hopping} {
		s := sampleSnapshot(c)
		f.Add(s[:len(s)-4], c.Hop != 0)
		f.Add(s[:len(s)/2], c.Hop != 0)
	}
	f.Fuzz(func(t *testing.T, body []byte, hops bool) {
		c := cfg
		if hops {
			c = hopping
		}
		sum := crc32.Checksum(body, castagnoli)
		r := newRecorder()
		e, err := Restore(c, r, append(bytes.Clone(body), byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24)))
		if err != nil {
			return
		}
		first, err := e.AppendSnapshot(nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(first) > 16*len(body)+1000 {
			t.Fatalf("%d bytes make a snapshot of %d", len(body), len(first))
		}
		again, err := Restore(c, r, first)
		if err != nil {
			t.Fatalf("what it wrote is refused: %v", err)
		}
		if second, _ := again.AppendSnapshot(nil); !bytes.Equal(first, second) {
			t.Fatal("what it wrote is read as something else")
		}
		_ = e.Add(math.MaxInt64, []Reading{{Device: "a", Tag: "x", Time: 400e9, Value: 1}, {Device: "a", Tag: "x", Time: maxTime, Value: 1}}, r)
		_ = e.Tick(math.MaxInt64, r)
	})
}

// FuzzState: the same of the state of a window that a late reading needs.
func FuzzState(f *testing.F) {
	cfg := Defaults()
	r := newRecorder()
	e, _ := New(cfg, r)
	readings := []Reading{{Device: "d", Tag: "t", Time: 1e9, Value: 1}, {Device: "d", Tag: "t", Time: 2e9, Value: 1.5}, {Device: "d", Tag: "t", Time: 3e9, Value: 2, Received: true}}
	_ = e.Add(10e9, readings, r)
	_ = e.Tick(200e9, r)
	f.Add(r.windows[0].State)
	f.Fuzz(func(t *testing.T, state []byte) {
		r := newRecorder()
		e, _ := New(cfg, r)
		r.states[stateKey("d", "t", 0)] = state
		mark := Reading{Device: "d", Tag: "t", Time: 200_000e9, Value: 1}
		late := Reading{Device: "d", Tag: "t", Time: 2e9, Value: 1.5}
		cfg := e.cfg
		cfg.Lateness = 300 * time.Hour
		e.lateness = int64(cfg.Lateness)
		if err := e.Add(200_000e9, []Reading{mark}, r); err != nil {
			t.Fatal(err)
		}
		if e.Add(200_000e9, []Reading{late}, r) == nil {
			if err := e.Tick(300_000e9, r); err != nil {
				t.Fatal(err)
			}
		}
	})
}
