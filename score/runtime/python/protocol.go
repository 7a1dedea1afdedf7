package python

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/fleetscore/fleetscore/score/runtime"
)

// A request is a frame of a length (8 bytes), a kind (1) and what is of that kind: settings and the
// names of features as JSON, sensors as numbers. An answer is a frame with a length of 4 bytes. Numbers are little-endian.

// Kinds of answers.
const (
	isHello   = 'H' // the interpreter runs, and has numpy
	isReady   = 'R' // the script is loaded
	isAnswer  = 'A'
	isFailure = 'X'
	isPrinted = 'P'
	isMissing = 'M' // a model that is not there any more
	isEvicted = 'E'
)

// Who is at fault for a failure.
const (
	ofScript = 'S'
	ofModel  = 'B'
	ofNumpy  = 'N' // it is not there
)

// settings are the first frame.
type settings struct {
	Name   string `json:"name,omitempty"`
	Script []byte `json:"script,omitempty"` // as it is: it may say which encoding that is
	Cache  int64  `json:"cache"`
	Memory int64  `json:"memory"`
}

// Flags of a sensor's frame.
const (
	withModel = 1
	withBytes = 2
)

const sensorHead = 40

// appendJSON appends a frame of settings, or of features with a kind before it.
func appendJSON(dst []byte, kind string, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return dst, err
	}
	dst = binary.LittleEndian.AppendUint64(dst, uint64(len(kind)+len(text)))
	return append(append(dst, kind...), text...), nil
}

// featuresKind is padded as the frames of sensors are.
const featuresKind = "F\x00\x00\x00\x00\x00\x00\x00"

// appendSensor appends the frame of a sensor but for the model's bytes, which follow it.
func appendSensor(dst []byte, id uint32, q *runtime.Request, key, name string, bytesToo bool) []byte {
	flags, model := byte(0), 0
	if q.Key != "" {
		flags |= withModel
		if bytesToo {
			flags |= withBytes
			model = len(q.Model)
		}
	}
	rows := q.Rows()
	texts := len(q.Sensor.Device) + len(q.Sensor.Tag) + len(key) + len(name)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(sensorHead+8*rows+8*len(q.Values)+texts+model))
	dst = append(dst, 'S', flags, 0, 0)
	for _, n := range []int{int(id), rows, len(q.Features), len(q.Sensor.Device), len(q.Sensor.Tag), len(key), len(name)} {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(n))
	}
	dst = binary.LittleEndian.AppendUint64(dst, uint64(model))
	dst = appendNumbers(dst, q.Times)
	dst = appendNumbers(dst, q.Values)
	dst = append(append(dst, q.Sensor.Device...), q.Sensor.Tag...)
	return append(append(dst, key...), name...)
}

// appendNumbers appends the memory of numbers, where that is little-endian.
func appendNumbers[T int64 | float64](dst []byte, numbers []T) []byte {
	if len(numbers) == 0 {
		return dst
	}
	if littleEndian {
		return append(dst, unsafe.Slice((*byte)(unsafe.Pointer(&numbers[0])), 8*len(numbers))...) //nolint:gosec // numbers of 8 bytes, as bytes
	}
	for _, n := range numbers {
		bits := uint64(n)
		if f, ok := any(n).(float64); ok {
			bits = math.Float64bits(f)
		}
		dst = binary.LittleEndian.AppendUint64(dst, bits)
	}
	return dst
}

var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// answer is a frame from a process. Its slices are good until the next is read.
type answer struct {
	kind   byte
	fault  byte // of isFailure
	id     uint32
	retire bool // it had better not be asked again
	took   time.Duration
	memory int64
	scores []byte // 8 bytes a row; empty: there are only labels
	labels []byte
	text   string
}

// What a frame may have beside a byte and a number for each row.
const (
	maxText    = 64 << 10
	answerHead = 24
	otherHead  = 8
)

// errEnded is that the process has ended.
var errEnded = errors.New("the process has ended")

var errProtocol = errors.New("the process answered what is no answer")

// readAnswer reads a frame. The process is not believed: no frame may be longer than
// that of as many rows as the greatest request has.
func readAnswer(from *bufio.Reader, buf []byte, rows int) (answer, []byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return answer{}, buf, err
	}
	n := int64(binary.LittleEndian.Uint32(head[:]))
	if n == 0 {
		return answer{}, buf, errEnded
	}
	if n < otherHead || n > answerHead+maxText+9*int64(rows) {
		return answer{}, buf, fmt.Errorf("%w: a frame of %d bytes", errProtocol, n)
	}
	if int64(cap(buf)) < n {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	if _, err := io.ReadFull(from, buf); err != nil {
		return answer{}, buf, err
	}
	a, err := parseAnswer(buf)
	return a, buf, err
}

func parseAnswer(b []byte) (answer, error) {
	a := answer{kind: b[0], id: binary.LittleEndian.Uint32(b[4:])}
	switch a.kind {
	case isHello, isReady, isPrinted, isMissing, isEvicted:
		a.text = strings.ToValidUTF8(string(b[otherHead:]), "�")
		return a, nil
	case isAnswer, isFailure:
	default:
		return a, fmt.Errorf("%w: one of the kind %q", errProtocol, a.kind)
	}
	if len(b) < answerHead {
		return a, fmt.Errorf("%w: one of %d bytes", errProtocol, len(b))
	}
	if seconds := math.Float64frombits(binary.LittleEndian.Uint64(b[8:])); seconds >= 0 && seconds < 1e6 {
		a.took = time.Duration(seconds * float64(time.Second))
	}
	a.memory = int64(min(binary.LittleEndian.Uint64(b[16:]), 1<<50))
	rest := b[answerHead:]
	if a.kind == isFailure {
		a.fault = b[1]
		a.text = strings.ToValidUTF8(string(rest), "�")
		return a, nil
	}
	a.retire = b[1]&2 != 0
	if b[1]&1 == 0 {
		a.labels = rest
		return a, nil
	}
	if len(rest)%9 != 0 {
		return a, fmt.Errorf("%w: scores and labels of %d bytes", errProtocol, len(rest))
	}
	a.scores, a.labels = rest[:len(rest)/9*8], rest[len(rest)/9*8:]
	return a, nil
}

// put writes the scores and labels into an Answer, if they are those of so many rows.
func (a *answer) put(rows int, into *runtime.Answer) error {
	if len(a.labels) != rows {
		return fmt.Errorf("%w: %d labels for %d rows", errProtocol, len(a.labels), rows)
	}
	into.Score, into.Label = into.Score[:0], into.Label[:0]
	for i, b := range a.labels {
		label := int8(b)
		if label != 1 && label != -1 {
			return fmt.Errorf("%w: the label %d", errProtocol, label)
		}
		score := float64(label)
		if len(a.scores) > 0 {
			score = math.Float64frombits(binary.LittleEndian.Uint64(a.scores[8*i:]))
		}
		if math.IsNaN(score) || math.IsInf(score, 0) {
			return fmt.Errorf("%w: the score %v", errProtocol, score)
		}
		into.Score, into.Label = append(into.Score, score), append(into.Label, label)
	}
	return nil
}

// clipped is text of at most n bytes.
func clipped(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
