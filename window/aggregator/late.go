package aggregator

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/window"
)

// LateReading is a reading that no window takes: too late, or too far in the future.
type LateReading struct {
	Device string    `json:"device"`
	Tag    string    `json:"tag"`
	Time   time.Time `json:"ts"`
	Value  float64   `json:"value"`
	Seq    *uint64   `json:"seq,omitempty"`
	Cause  string    `json:"cause"` // late or early
}

func newLateReading(r *window.Reading, why window.Cause) LateReading {
	l := LateReading{Device: strings.Clone(r.Device), Tag: strings.Clone(r.Tag), Time: time.Unix(0, r.Time).UTC(), Value: r.Value, Cause: why.String()}
	if r.HasSeq {
		seq := r.Seq
		l.Seq = &seq
	}
	return l
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
