package days

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// What can be wrong with a day.
var (
	ErrStale   = errors.New("it was made of other files")
	ErrDamaged = errors.New("damaged day")
)

// Bounds of what is read.
const (
	mostIndex = 256 << 20
	mostBlock = 64 << 20
)

// Read reads a sensor's windows of a file of a size that was made of the files of a
// fingerprint; none if it has none.
func Read(file io.ReaderAt, size int64, f Fingerprint, begin time.Time, s fleet.Sensor) ([]Window, error) {
	if size < int64(len(magic)+trailer) {
		return nil, fmt.Errorf("%w: it has %d bytes", ErrDamaged, size)
	}
	end := make([]byte, trailer)
	if _, err := file.ReadAt(end, size-int64(trailer)); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if string(end[len(f)+8:]) != magic+"\x00" {
		return nil, fmt.Errorf("%w: it does not end as one", ErrDamaged)
	}
	if Fingerprint(end[:len(f)]) != f {
		return nil, ErrStale
	}
	from, to := binary.LittleEndian.Uint64(end[len(f):]), uint64(size)-uint64(trailer)
	if from < uint64(len(magic)) || from > to || to-from > mostIndex {
		return nil, fmt.Errorf("%w: its index is from %d to %d", ErrDamaged, from, to)
	}
	index := make([]byte, to-from)
	if _, err := file.ReadAt(index, int64(from)); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	at, length, err := find(index, s)
	if err != nil || length == 0 {
		return nil, err
	}
	if at > from || length > from-at || length > mostBlock {
		return nil, fmt.Errorf("%w: a block of %d bytes at %d", ErrDamaged, length, at)
	}
	block := make([]byte, length)
	if _, err := file.ReadAt(block, int64(at)); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return decode(block, begin.UnixNano())
}

// find is where the block of a sensor is, and how long; 0: there is none.
func find(index []byte, s fleet.Sensor) (at, length uint64, err error) {
	at = uint64(len(magic))
	for len(index) > 0 {
		device, rest, ok1 := text(index)
		tag, rest, ok2 := text(rest)
		n, a := binary.Uvarint(rest)
		if !ok1 || !ok2 || a <= 0 || n > math.MaxInt64-at {
			return 0, 0, fmt.Errorf("%w: its index is cut", ErrDamaged)
		}
		if string(device) == s.Device && string(tag) == s.Tag {
			return at, n, nil
		}
		index = rest[a:]
		at += n
	}
	return 0, 0, nil
}

func text(data []byte) (text, rest []byte, ok bool) {
	n, a := binary.Uvarint(data)
	if a <= 0 || n > uint64(len(data)-a) {
		return nil, nil, false
	}
	return data[a : a+int(n)], data[a+int(n):], true
}

func decode(block []byte, begin int64) ([]Window, error) {
	n, a := binary.Uvarint(block)
	const least = 3 + 12 // bytes of a window
	if a <= 0 || n > uint64(len(block))/least {
		return nil, fmt.Errorf("%w: a block has no number of windows", ErrDamaged)
	}
	block = block[a:]
	all := make([]Window, n)
	at := begin
	for i := range all {
		var v [3]uint64
		for j := range v {
			if v[j], a = binary.Uvarint(block); a <= 0 {
				return nil, fmt.Errorf("%w: a block is cut", ErrDamaged)
			}
			block = block[a:]
		}
		const month = 31 * 24 * uint64(time.Hour/time.Millisecond)
		if v[0] > month || v[1] > math.MaxInt64 || v[2] > math.MaxInt32 {
			return nil, fmt.Errorf("%w: a window of %d", ErrDamaged, v)
		}
		at += int64(v[0]) * int64(time.Millisecond)
		all[i] = Window{Start: at, Count: int64(v[1]), Rev: int32(v[2])}
	}
	if uint64(len(block)) != 12*n {
		return nil, fmt.Errorf("%w: %d bytes for %d windows", ErrDamaged, len(block), n)
	}
	value := func(i int) float64 {
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(block[4*i:])))
	}
	for i := range all {
		all[i].Mean, all[i].Min, all[i].Max = value(i), value(int(n)+i), value(2*int(n)+i)
	}
	return all, nil
}
