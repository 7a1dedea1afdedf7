package tile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/fleetscore/fleetscore/fleet"
)

// ErrDamaged is that what is read is no whole tile, roster or list of entries.
var ErrDamaged = errors.New("damaged tile")

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}

// between is between a device and its tag: no byte of UTF-8, so names, which may
// have any other byte, cannot run into each other.
const between = 0xff

// longest is the most bytes of a device, what is between, and a tag.
const longest = 2*fleet.MaxName + 1

// maxText bounds what all names of a roster come to once they are written out, in
// bytes: few bytes can stand for many, as each begins as the one before.
const maxText = 1 << 30

// appendNames writes n sensors, which are sorted.
func appendNames(dst []byte, n int, at func(i int) fleet.Sensor) []byte {
	var before, name []byte
	for i := range n {
		s := at(i)
		name = append(append(append(name[:0], s.Device...), between), s.Tag...)
		common := 0
		for common < len(before) && common < len(name) && before[common] == name[common] {
			common++
		}
		dst = binary.AppendUvarint(dst, uint64(common))
		dst = binary.AppendUvarint(dst, uint64(len(name)-common))
		dst = append(dst, name[common:]...)
		before, name = name, before
	}
	return dst
}

// readNames reads n sensors, and returns what follows them.
func readNames(data []byte, n int) (sensors []fleet.Sensor, rest []byte, err error) {
	// A sensor takes three bytes at least, so n is bounded by what is there.
	if n < 0 || n > len(data)/3 {
		return nil, nil, damaged("%d sensors in %d bytes", n, len(data))
	}
	sensors = make([]fleet.Sensor, n)
	var name []byte
	device, text := "", 0
	for i := range sensors {
		common, a := binary.Uvarint(data)
		if a <= 0 {
			return nil, nil, damaged("the name of sensor %d is cut", i)
		}
		size, b := binary.Uvarint(data[a:])
		if b <= 0 {
			return nil, nil, damaged("the name of sensor %d is cut", i)
		}
		data = data[a+b:]
		if common > uint64(len(name)) || size > uint64(len(data)) || common+size > longest {
			return nil, nil, damaged("the name of sensor %d has %d and %d bytes", i, common, size)
		}
		name = append(name[:common], data[:size]...)
		data = data[size:]
		if text += len(name); text > maxText {
			return nil, nil, damaged("the names of %d sensors come to more than %d bytes", i, maxText)
		}
		if sensors[i], err = parseName(name, device); err != nil {
			return nil, nil, damaged("sensor %d: %v", i, err)
		}
		device = sensors[i].Device
		if i > 0 && sensors[i-1].Compare(sensors[i]) >= 0 {
			return nil, nil, damaged("sensors %d and %d are out of order", i-1, i)
		}
	}
	return sensors, data, nil
}

// parseName reads a name. The sensors of a device share its string.
func parseName(name []byte, device string) (fleet.Sensor, error) {
	end := bytes.IndexByte(name, between)
	if end < 0 {
		return fleet.Sensor{}, errors.New("its name has no tag")
	}
	if device != string(name[:end]) {
		device = string(name[:end])
		if err := fleet.CheckName("device", device); err != nil {
			return fleet.Sensor{}, err
		}
	}
	tag := string(name[end+1:])
	if tag != "" {
		if err := fleet.CheckName("tag", tag); err != nil {
			return fleet.Sensor{}, err
		}
	}
	return fleet.Sensor{Device: device, Tag: tag}, nil
}
