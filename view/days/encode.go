package days

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

const (
	magic   = "FSDAY1\n"
	trailer = sha256.Size + 8 + len(magic) + 1
)

// Window is what is kept of one.
type Window struct {
	Start          int64 // nanoseconds since 1970
	Count          int64
	Rev            int32
	Mean, Min, Max float64
}

// Fingerprint names the files that a day is made of.
type Fingerprint [sha256.Size]byte

// FingerprintOf is that of keys, in their order.
func FingerprintOf(keys []string) Fingerprint {
	hash := sha256.New()
	for _, key := range keys {
		fmt.Fprintln(hash, key)
	}
	return Fingerprint(hash.Sum(nil))
}

// Key is where the day of a partition is, that begins at a time.
func Key(window string, begin time.Time, partition int) string {
	return fmt.Sprintf("days/window=%s/date=%s/p=%03d.day", window, begin.UTC().Format("2006-01-02"), partition)
}

// Builder puts a day together.
type Builder struct {
	begin   int64
	windows map[fleet.Sensor]map[int64]Window
}

// NewBuilder makes a day that begins at a time.
func NewBuilder(begin time.Time) *Builder {
	return &Builder{begin.UnixNano(), map[fleet.Sensor]map[int64]Window{}}
}

// Add adds a window of a sensor. Of one that was added before the higher revision stays.
func (b *Builder) Add(s fleet.Sensor, w Window) {
	of := b.windows[s]
	if of == nil {
		of = map[int64]Window{}
		b.windows[s] = of
	}
	if old, ok := of[w.Start]; !ok || w.Rev >= old.Rev {
		of[w.Start] = w
	}
}

// Encode is the file.
func (b *Builder) Encode(f Fingerprint) []byte {
	sensors := make([]fleet.Sensor, 0, len(b.windows))
	for s := range b.windows {
		sensors = append(sensors, s)
	}
	slices.SortFunc(sensors, fleet.Sensor.Compare)
	out := []byte(magic)
	var index []byte
	for _, s := range sensors {
		from := len(out)
		out = b.block(out, b.windows[s])
		index = binary.AppendUvarint(index, uint64(len(s.Device)))
		index = append(index, s.Device...)
		index = binary.AppendUvarint(index, uint64(len(s.Tag)))
		index = append(index, s.Tag...)
		index = binary.AppendUvarint(index, uint64(len(out)-from))
	}
	at := len(out)
	out = append(append(out, index...), f[:]...)
	out = binary.LittleEndian.AppendUint64(out, uint64(at))
	return append(append(out, magic...), 0)
}

func (b *Builder) block(out []byte, of map[int64]Window) []byte {
	all := make([]Window, 0, len(of))
	for _, w := range of {
		all = append(all, w)
	}
	slices.SortFunc(all, func(a, b Window) int { return int(a.Start/1e6 - b.Start/1e6) })
	out = binary.AppendUvarint(out, uint64(len(all)))
	before := b.begin
	for _, w := range all {
		out = binary.AppendUvarint(out, uint64(max(0, w.Start-before)/1e6))
		out = binary.AppendUvarint(out, uint64(max(0, w.Count)))
		out = binary.AppendUvarint(out, uint64(max(0, w.Rev)))
		before = w.Start
	}
	for _, value := range []func(Window) float64{func(w Window) float64 { return w.Mean }, func(w Window) float64 { return w.Min }, func(w Window) float64 { return w.Max }} {
		for _, w := range all {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(value(w))))
		}
	}
	return out
}
