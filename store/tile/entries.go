package tile

import (
	"encoding/binary"

	"github.com/fleetscore/fleetscore/fleet"
)

// Entry is a sensor, what became of it, and what that took.
type Entry struct {
	Sensor fleet.Sensor
	Fate   Fate
	Cost   Cost
}

// AppendEntries writes entries, which are sorted by sensor, each once.
func AppendEntries(dst []byte, entries []Entry) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(entries)))
	dst = appendNames(dst, len(entries), func(i int) fleet.Sensor { return entries[i].Sensor })
	return appendPlanes(dst, entries)
}

func appendPlanes(dst []byte, entries []Entry) []byte {
	for i := range entries {
		dst = append(dst, byte(entries[i].Fate))
	}
	for i := range entries {
		dst = append(dst, byte(entries[i].Cost))
	}
	return dst
}

// ReadEntries reads what AppendEntries writes.
func ReadEntries(data []byte) ([]Entry, error) {
	n, a := binary.Uvarint(data)
	if a <= 0 || n > uint64(len(data)) {
		return nil, damaged("no number of sensors")
	}
	sensors, planes, err := readNames(data[a:], int(n))
	if err != nil {
		return nil, err
	}
	if len(planes) != 2*len(sensors) {
		return nil, damaged("%d bytes follow %d sensors", len(planes), n)
	}
	entries := make([]Entry, n)
	for i := range entries {
		entries[i] = Entry{sensors[i], Fate(planes[i]), Cost(planes[len(sensors)+i])}
	}
	return entries, nil
}
