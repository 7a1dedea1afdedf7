package simulate

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/fleetscore/fleetscore/fleet"
)

// RecordReader reads a record.
type RecordReader struct {
	r       *bufio.Reader
	config  Config
	devices map[int]string // made when they come
	tags    []string
	last    before
	entries int64
	err     error
}

// maxHeader is the longest first line.
const maxHeader = 1 << 16

// NewRecordReader reads the beginning of a record.
func NewRecordReader(r io.Reader) (*RecordReader, error) {
	b := bufio.NewReaderSize(r, maxHeader)
	line, err := b.ReadSlice('\n')
	if err != nil {
		return nil, fmt.Errorf("this is no record of a simulation: its first line: %w", err)
	}
	var h recordHeader
	if err := json.Unmarshal(line, &h); err != nil {
		return nil, fmt.Errorf("this is no record of a simulation: its first line: %w", err)
	}
	if h.Record != recordVersion {
		return nil, fmt.Errorf("the record has version %d, and %d is what can be read", h.Record, recordVersion)
	}
	if err := h.Config.Validate(); err != nil {
		return nil, fmt.Errorf("the record is of a fleet that cannot be: %w", err)
	}
	return &RecordReader{r: b, config: h.Config.withDefaults(), devices: make(map[int]string)}, nil
}

// Config is that of the fleet.
func (r *RecordReader) Config() Config { return r.config }

// Next reads an entry. At the end the error is io.EOF; where a record was cut
// short it is io.ErrUnexpectedEOF.
func (r *RecordReader) Next(e *Entry) error {
	flags, err := r.r.ReadByte()
	if err != nil {
		return err
	}
	r.err = nil
	sensor := r.last.sensor + r.signed()
	time := r.last.time + r.signed()
	value := r.value(flags&flagExact > 0)
	sent := r.last.sent + r.signed()
	settled := sent + int64(r.unsigned())
	tries := r.unsigned()
	outcome, way := Outcome(flags>>shiftOut&3), Way(flags>>shiftWay&3)
	bad := flags > flagsKnown || outcome > Unanswered || way > Backlog || sensor < 0 || sensor >= int64(r.config.Devices*r.config.Tags)
	for _, ms := range [...]int64{time, sent, settled} {
		bad = bad || ms < math.MinInt64/1_000_000 || ms > math.MaxInt64/1_000_000
	}
	switch {
	case r.err != nil:
		return fmt.Errorf("entry %d of the record: %w", r.entries+1, r.err)
	case bad || tries > math.MaxUint32:
		return fmt.Errorf("entry %d of the record is damaged", r.entries+1)
	}
	r.last = before{sensor, time, sent}
	r.entries++
	*e = Entry{
		Message: Message{Reading: r.reading(sensor), Sent: sent * 1e6, Sensor: int32(sensor), Copy: flags & flagCopy / flagCopy, Way: way},
		Outcome: outcome, Tries: uint32(tries), Settled: settled * 1e6,
	}
	e.Reading.Time, e.Reading.Value = time*1e6, value
	return nil
}

// reading has the names of a sensor.
func (r *RecordReader) reading(sensor int64) fleet.Reading {
	device, tag := int(sensor)/r.config.Tags, int(sensor)%r.config.Tags
	for len(r.tags) <= tag {
		r.tags = append(r.tags, TagName(len(r.tags)))
	}
	name, ok := r.devices[device]
	if !ok {
		name = r.config.DeviceName(device)
		r.devices[device] = name
	}
	return fleet.Reading{Device: name, Tag: r.tags[tag]}
}

func (r *RecordReader) value(exact bool) float64 {
	if !exact {
		return float64(r.signed()) / decimals
	}
	var b [8]byte
	_, err := io.ReadFull(r.r, b[:])
	r.fail(err)
	return math.Float64frombits(binary.LittleEndian.Uint64(b[:]))
}

func (r *RecordReader) signed() int64 {
	n, err := binary.ReadVarint(r.r)
	r.fail(err)
	return n
}

func (r *RecordReader) unsigned() uint64 {
	n, err := binary.ReadUvarint(r.r)
	r.fail(err)
	return n
}

// fail keeps the first error.
func (r *RecordReader) fail(err error) {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if r.err == nil {
		r.err = err
	}
}
