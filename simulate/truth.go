package simulate

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// Kind is what is wrong.
type Kind string

// What is planted in a sensor.
const (
	Spike Kind = "spike" // for a moment, values are far away
	Shift Kind = "shift" // values are all off by as much
	Flat  Kind = "flat"  // the value does not change any more
	Drift Kind = "drift" // values go away, steadily, and come back at once
)

// What is wrong with a device as a whole; its values are sound.
const (
	Outage Kind = "outage" // it is cut off, and sends afterwards
	Clock  Kind = "clock"  // its clock is wrong, for ever
)

// AnomalyKinds are those that can be planted in a sensor.
func AnomalyKinds() []Kind { return []Kind{Spike, Shift, Flat, Drift} }

// Truth is something that was planted, in times as the device stamps them.
type Truth struct {
	Device string    `json:"device"`
	Tag    string    `json:"tag,omitempty"` // none: the device
	Kind   Kind      `json:"kind"`
	Start  time.Time `json:"start"`
	End    time.Time `json:"end,omitzero"` // not included; zero: for ever
	// Size is what is added to values, by a drift to the last; of a flat line it is the
	// value that stays; of a clock the seconds by which it is ahead.
	Size float64 `json:"size"`
}

// Anomaly reports whether it shows in values.
func (t *Truth) Anomaly() bool { return t.Kind != Outage && t.Kind != Clock }

// WriteTruth writes one line of JSON for each.
func WriteTruth(w io.Writer, all []Truth) error {
	encoder := json.NewEncoder(w)
	for i := range all {
		if err := encoder.Encode(&all[i]); err != nil {
			return fmt.Errorf("writing the truth: %w", err)
		}
	}
	return nil
}

// ReadTruth reads what WriteTruth writes.
func ReadTruth(r io.Reader) ([]Truth, error) {
	var all []Truth
	decoder := json.NewDecoder(bufio.NewReader(r))
	for {
		var t Truth
		err := decoder.Decode(&t)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, fmt.Errorf("reading the truth, entry %d: %w", len(all)+1, err)
		}
		all = append(all, t)
	}
}
