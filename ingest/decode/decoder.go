package decode

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/fleetscore/fleetscore/fleet"
)

// ErrTooMany is that there are more readings than one request may have.
var ErrTooMany = errors.New("too many readings for one request")

// Format is how readings are written.
type Format uint8

// The formats.
const (
	JSON   Format = iota + 1 // an object or an array
	NDJSON                   // an object a line
	CSV                      // with a header row
)

// Limits bound what a Decoder reads. What is 0 is what New says.
type Limits struct {
	Line     int // bytes of a line or row; 0: 64 KiB
	Readings int // of one request; 0: 50,000
	Names    int // names that are remembered, or twice as many; 0: 32,768
}

// Decoder decodes, for one goroutine at a time. Of names that it has seen lately it
// gives the same strings again.
type Decoder struct {
	limits  Limits
	devices names
	tags    names
	scratch []byte   // of texts with escapes
	cells   [][]byte // of a row
	base    int      // of the batch, where this request's readings begin
}

// New makes a Decoder.
func New(limits Limits) *Decoder {
	if limits.Line <= 0 {
		limits.Line = 64 << 10
	}
	if limits.Readings <= 0 {
		limits.Readings = 50_000
	}
	if limits.Names <= 0 {
		limits.Names = 1 << 15
	}
	return &Decoder{
		limits:  limits,
		devices: names{role: "device", limit: limits.Names},
		tags:    names{role: "tag", limit: limits.Names},
	}
}

// Decode appends to b what body holds. Readings without a time get now, in
// nanoseconds since 1970. What is in b does not refer to body. The error is
// ErrTooMany, or that there is no such format; then b has no more readings than
// before.
func (d *Decoder) Decode(format Format, body []byte, now int64, b *Batch) error {
	d.base = len(b.Readings)
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	err := fmt.Errorf("format %d is none", format)
	switch format {
	case JSON:
		err = d.document(body, nil, now, b)
	case NDJSON:
		err = d.lines(body, now, b)
	case CSV:
		err = d.rows(body, now, b)
	}
	if err != nil {
		b.Readings = b.Readings[:d.base]
	}
	return err
}

// Payload is Decode for that of an MQTT message. The sensor is what its topic says,
// of which a part may be empty; what it says must have been checked.
func (d *Decoder) Payload(payload []byte, sensor fleet.Sensor, now int64, b *Batch) error {
	d.base = len(b.Readings)
	payload = trim(payload)
	if len(payload) > 0 && (payload[0] == '{' || payload[0] == '[') {
		err := d.document(payload, &sensor, now, b)
		if err != nil {
			b.Readings = b.Readings[:d.base]
		}
		return err
	}
	r := fleet.Reading{Device: sensor.Device, Tag: sensor.Tag, Time: now, Received: true}
	f := readValue(payload, &r)
	switch {
	case sensor.Device == "":
		f = flaw{BadName, "device is missing: the topic does not say it, and a bare number cannot", nil}
	case sensor.Tag == "":
		f = flaw{BadName, "tag is missing: the topic does not say it, and a bare number cannot", nil}
	}
	return d.add(b, &r, f, 0, 0)
}

// add appends a reading, or counts what is wrong with it.
func (d *Decoder) add(b *Batch, r *fleet.Reading, f flaw, line, item int) error {
	if f.any() {
		b.reject(line, item, f)
		return nil
	}
	if len(b.Readings)-d.base >= d.limits.Readings {
		return fmt.Errorf("%w: the most is %d", ErrTooMany, d.limits.Readings)
	}
	b.Readings = append(b.Readings, *r)
	return nil
}

// trim cuts white space off both ends, as JSON has it.
func trim(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isDigit(c byte) bool { return c-'0' < 10 }
