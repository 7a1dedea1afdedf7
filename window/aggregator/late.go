package aggregator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/window"
)

// LateReading is a reading that no window takes: too late, or too far in the future.
type LateReading struct {
	Device   string    `json:"device"`
	Tag      string    `json:"tag"`
	Time     time.Time `json:"ts"`
	Value    float64   `json:"value"`
	Seq      *uint64   `json:"seq,omitempty"`
	Received bool      `json:"received,omitempty"` // the time is when it was received
	Cause    string    `json:"cause"`              // late or early

	Stored time.Time `json:"-"` // zero: it is not yet
}

func newLateReading(r *window.Reading, why window.Cause) LateReading {
	l := LateReading{
		Device: strings.Clone(r.Device), Tag: strings.Clone(r.Tag), Time: time.Unix(0, r.Time).UTC(), Value: r.Value,
		Received: r.Received, Cause: why.String(),
	}
	if r.HasSeq {
		seq := r.Seq
		l.Seq = &seq
	}
	return l
}

// replayed is the reading as it goes into the stream again.
func (l *LateReading) replayed() fleet.Reading {
	r := fleet.Reading{Device: l.Device, Tag: l.Tag, Time: l.Time.UnixNano(), Value: l.Value, Received: l.Received, Replayed: true}
	if l.Seq != nil {
		r.Seq, r.HasSeq = *l.Seq, true
	}
	return r
}

func (l *LateReading) size() int { return 120 + len(l.Device) + len(l.Tag) }

// encodeLate writes a line of JSON for each.
func encodeLate(late []LateReading) []byte {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	for i := range late {
		_ = encoder.Encode(&late[i]) // a finite value, text and a time: it cannot fail
	}
	return body.Bytes()
}

// decodeLate reads what encodeLate writes.
func decodeLate(body []byte) ([]LateReading, error) {
	var late []LateReading
	for decoder := json.NewDecoder(bytes.NewReader(body)); ; {
		var l LateReading
		if err := decoder.Decode(&l); errors.Is(err, io.EOF) {
			return late, nil
		} else if err != nil {
			return nil, fmt.Errorf("reading %d of a file of late readings: %w", len(late)+1, err)
		}
		late = append(late, l)
	}
}
