package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/parquet-go/parquet-go"
	"golang.org/x/sync/errgroup"

	"github.com/fleetscore/fleetscore/fleet"
)

// windows is how many windows a sensor has in the hour that is scored.
const windows = 60

// hour is the interval that is scored.
var hour = fleet.NewInterval(time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC), time.Date(2026, 6, 1, 13, 0, 0, 0, time.UTC))

// madeFleet is a folder with the models and windows of a fleet.
type madeFleet struct {
	folder  string
	sensors int
}

// window is a row of a file of windows.
type window struct {
	Device string  `parquet:"device,dict"`
	Tag    string  `parquet:"tag,dict"`
	Start  int64   `parquet:"start,timestamp,delta"`
	End    int64   `parquet:"end,timestamp,delta"`
	Rev    int32   `parquet:"rev"`
	Count  int64   `parquet:"count"`
	Sum    float64 `parquet:"sum"`
	Mean   float64 `parquet:"mean"`
	Min    float64 `parquet:"min"`
	Max    float64 `parquet:"max"`
	First  float64 `parquet:"first"`
	Last   float64 `parquet:"last"`
	Stddev float64 `parquet:"stddev"`
}

// reading is a row of the one file that the Python program reads.
type reading struct {
	TS     int64   `parquet:"ts,timestamp"`
	Device string  `parquet:"device,dict"`
	Tag    string  `parquet:"tag,dict"`
	Value  float64 `parquet:"value"`
}

func sensorOf(i int) fleet.Sensor {
	return fleet.Sensor{Device: fmt.Sprintf("device-%d", i/5), Tag: fmt.Sprintf("tag-%d", i%5)}
}

// newFleet makes a fleet, unless it is there. Of what a service keeps in it only
// models and windows stay.
func newFleet(folder string, sensors, rows int) (*madeFleet, error) {
	f := &madeFleet{folder, sensors}
	data := filepath.Join(folder, "data")
	if _, err := os.Stat(filepath.Join(folder, "made")); err == nil {
		for _, name := range []string{".fleetscore", "commits", "logs", "packs", "predictions", "runs", "tiles"} {
			if err := os.RemoveAll(filepath.Join(data, name)); err != nil {
				return nil, err
			}
		}
		return f, nil
	}
	if err := f.models(filepath.Join(data, "models")); err != nil {
		return nil, err
	}
	if rows > 0 {
		if err := f.windows(filepath.Join(data, "windows", "window=1m", "date=2026-06-01", "hour=12")); err != nil {
			return nil, err
		}
	}
	return f, os.WriteFile(filepath.Join(folder, "made"), nil, 0o600)
}

func (f *madeFleet) single() string { return filepath.Join(f.folder, "readings.parquet") }

// models writes a model for each sensor: one of the example's, its support
// vectors moved a little, each model's otherwise.
func (f *madeFleet) models(folder string) error {
	model, err := os.ReadFile(filepath.Join("examples", "pumps", "models", "pump-1", "temperature.pkl"))
	if err != nil {
		return err
	}
	at, n := vectors(model)
	if n == 0 {
		return errors.New("no support vectors are found in the example's model")
	}
	var writes errgroup.Group
	writes.SetLimit(2 * runtime.NumCPU())
	for first := 0; first < f.sensors; first += 1000 {
		writes.Go(func() error {
			own := append([]byte(nil), model...)
			for i := first; i < min(first+1000, f.sensors); i++ {
				for v := range n {
					place := own[at+8*v:]
					x := math.Float64frombits(binary.LittleEndian.Uint64(model[at+8*v:]))
					binary.LittleEndian.PutUint64(place, math.Float64bits(x+float64(i)*1e-7))
				}
				s := sensorOf(i)
				path := filepath.Join(folder, s.Device, s.Tag+".pkl")
				if i%5 == 0 {
					if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
						return err
					}
				}
				if err := os.WriteFile(path, own, 0o644); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return writes.Wait()
}

// vectors finds the largest array of numbers in a pickle: where its bytes begin,
// and how many numbers it has.
func vectors(model []byte) (at, n int) {
	for i := range len(model) - 5 {
		size := 0
		from := i + 5
		switch model[i] {
		case 'B': // BINBYTES
			size = int(binary.LittleEndian.Uint32(model[i+1:]))
		case 'C': // SHORT_BINBYTES
			size, from = int(model[i+1]), i+2
		}
		if size%8 != 0 || size/8 <= n || size > len(model)-from {
			continue
		}
		plain := true
		for v := range size / 8 {
			x := math.Float64frombits(binary.LittleEndian.Uint64(model[from+8*v:]))
			plain = plain && math.Abs(x) < 100 && math.Abs(x) > 1e-9
		}
		if plain {
			at, n = from, size/8
		}
	}
	return at, n
}

// windows writes a file for each partition, and all in one for Python.
func (f *madeFleet) windows(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(1, 2))
	parts := make([][]window, fleet.DefaultPartitions)
	all := make([]reading, 0, f.sensors*windows)
	for i := range f.sensors {
		s := sensorOf(i)
		p := fleet.Partition(s.Device, len(parts))
		for minute := range windows {
			start := hour.From.Add(time.Duration(minute) * time.Minute).UnixMilli()
			mean := 60 + 3*rng.NormFloat64()
			parts[p] = append(parts[p], window{s.Device, s.Tag, start, start + 60_000, 0, 60, 60 * mean, mean, mean - 1, mean + 1, mean, mean, 0.5})
			all = append(all, reading{start, s.Device, s.Tag, mean})
		}
	}
	for p, rows := range parts {
		if len(rows) == 0 {
			continue
		}
		if err := parquet.WriteFile(filepath.Join(folder, fmt.Sprintf("p=%03d-000001.parquet", p)), rows, parquet.Compression(&parquet.Snappy)); err != nil {
			return err
		}
	}
	return parquet.WriteFile(f.single(), all, parquet.Compression(&parquet.Snappy))
}
