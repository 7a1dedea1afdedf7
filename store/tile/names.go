package tile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/fleetscore/fleetscore/fleet"
)

// ErrDamaged is that what is read is no whole tile, roster or list of entries.
var ErrDamaged = errors.New("damaged tile")

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}

// longest is the most bytes of a device, a zero and a tag.
const longest = 2*fleet.MaxName + 1

// appendNames writes n sensors, which are sorted.
func appendNames(dst []byte, n int, at func(i int) fleet.Sensor) []byte {
	var before, name []byte
	for i := range n {
		s := at(i)
		name = append(append(append(name[:0], s.Device...), 0), s.Tag...)
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
	var device string
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
		zero := strings.IndexByte(string(name), 0)
		if zero < 0 {
			return nil, nil, damaged("the name of sensor %d has no tag", i)
		}
		if device != string(name[:zero]) { // the sensors of a device share its name
			device = string(name[:zero])
		}
		sensors[i] = fleet.Sensor{Device: device, Tag: string(name[zero+1:])}
		if i > 0 && sensors[i-1].Compare(sensors[i]) >= 0 {
			return nil, nil, damaged("sensors %d and %d are out of order", i-1, i)
		}
	}
	return sensors, data, nil
}
