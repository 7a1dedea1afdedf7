package window_test

import (
	"fmt"
	"time"

	"github.com/fleetscore/fleetscore/window"
)

// memory is where windows go, and where their states are found.
type memory map[string][]byte

func key(device, tag string, start int64) string { return fmt.Sprintf("%q %q %d", device, tag, start) }

func (m memory) Window(w *window.Window) {
	m[key(w.Device, w.Tag, w.Start)] = append([]byte(nil), w.State...)
	fmt.Printf("%s rev %d: %d readings, mean %.2f\n", time.Unix(0, w.Start).UTC().Format("15:04"), w.Rev, w.Count, w.Mean)
}

func (m memory) Reading(r *window.Reading, why window.Cause) {
	fmt.Printf("%s is %s\n", time.Unix(0, r.Time).UTC().Format("15:04:05"), why)
}

func (m memory) State(device, tag string, start int64) ([]byte, error) {
	return m[key(device, tag, start)], nil
}

func Example() {
	m := memory{}
	e, err := window.New(window.Defaults(), m)
	if err != nil {
		panic(err)
	}
	at := func(hour, minute, second int) int64 {
		return time.Date(2026, 11, 23, hour, minute, second, 0, time.UTC).UnixNano()
	}
	pump := func(time int64, value float64) []window.Reading {
		return []window.Reading{{Device: "pump-7", Tag: "temperature", Time: time, Value: value}}
	}
	_ = e.Add(at(13, 0, 10), pump(at(13, 0, 9), 71.3), m)
	_ = e.Add(at(13, 0, 40), pump(at(13, 0, 39), 71.5), m)
	_ = e.Add(at(13, 1, 6), pump(at(13, 1, 6), 71.4), m) // its watermark is 13:01:01
	_ = e.Add(at(13, 1, 7), pump(at(13, 0, 39), 71.5), m)
	_ = e.Add(at(13, 1, 8), pump(at(13, 0, 50), 71.7), m) // late, but within a day
	_ = e.Tick(at(13, 1, 20), m)
	_ = e.Tick(at(13, 2, 15), m) // nothing has come for a while
	// Output:
	// 13:00 rev 0: 2 readings, mean 71.40
	// 13:00:39 is duplicate
	// 13:00 rev 1: 3 readings, mean 71.50
	// 13:01 rev 0: 1 readings, mean 71.40
}
