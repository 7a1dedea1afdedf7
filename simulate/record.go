package simulate

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// Entry is what became of a message.
type Entry struct {
	Message
	Outcome Outcome
	Tries   uint32 // how often it was sent
	Settled int64  // when that was known, nanoseconds since 1970
}

// recordVersion is that of the format, which doc.go has.
const recordVersion = 1

type recordHeader struct {
	Record int    `json:"record"`
	Config Config `json:"config"`
}

// The flags of an entry.
const (
	flagExact  = 1
	flagCopy   = 2
	shiftOut   = 2
	shiftWay   = 4
	flagsKnown = 1<<6 - 1
)

// before is what the numbers of an entry are less than: those of the last.
type before struct {
	sensor, time, sent int64
}

// RecordWriter writes a record. Its errors are those of Flush.
type RecordWriter struct {
	w      *bufio.Writer
	last   before
	buffer []byte
}

// NewRecordWriter begins a record of what a fleet sends.
func NewRecordWriter(w io.Writer, c Config) (*RecordWriter, error) {
	header, err := json.Marshal(recordHeader{recordVersion, c.withDefaults()})
	if err != nil {
		return nil, fmt.Errorf("writing a record: %w", err)
	}
	b := bufio.NewWriterSize(w, 1<<16)
	if _, err := b.Write(append(header, '\n')); err != nil {
		return nil, fmt.Errorf("writing a record: %w", err)
	}
	return &RecordWriter{w: b}, nil
}

// Write adds an entry.
func (r *RecordWriter) Write(e *Entry) {
	flags := byte(e.Outcome)<<shiftOut | byte(e.Way)<<shiftWay
	if e.Copy > 0 {
		flags |= flagCopy
	}
	whole := math.RoundToEven(e.Reading.Value * decimals)
	exact := math.Abs(whole) >= 1<<52 || math.Float64bits(whole/decimals) != math.Float64bits(e.Reading.Value)
	if exact {
		flags |= flagExact
	}
	sensor, time, sent := int64(e.Sensor), e.Reading.Time/1e6, e.Sent/1e6
	b := r.buffer[:0]
	b = append(b, flags)
	b = binary.AppendVarint(b, sensor-r.last.sensor)
	b = binary.AppendVarint(b, time-r.last.time)
	if exact {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(e.Reading.Value))
	} else {
		b = binary.AppendVarint(b, int64(whole))
	}
	b = binary.AppendVarint(b, sent-r.last.sent)
	b = binary.AppendUvarint(b, uint64(max(0, e.Settled/1e6-sent)))
	b = binary.AppendUvarint(b, uint64(e.Tries))
	r.last = before{sensor, time, sent}
	r.buffer = b
	_, _ = r.w.Write(b) // bufio keeps the error until Flush
}

// Flush writes what is held back, and tells of the first error.
func (r *RecordWriter) Flush() error {
	if err := r.w.Flush(); err != nil {
		return fmt.Errorf("writing a record: %w", err)
	}
	return nil
}
