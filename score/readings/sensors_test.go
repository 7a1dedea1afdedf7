package readings

import (
	"encoding/binary"
	"strconv"
	"testing"
)

// With so many sensors, the 32 bits of some hashes are the same: the names must
// tell the sensors apart.
func TestManySensors(t *testing.T) {
	const n = 400_000
	same := []byte("same")
	for role, names := range map[string]func(name []byte) (device, tag []byte){
		"device": func(name []byte) ([]byte, []byte) { return name, same },
		"tag":    func(name []byte) ([]byte, []byte) { return same, name },
	} {
		table := newSensors(Options{})
		hashes := map[uint32]bool{}
		for i := range n {
			device, tag := names(strconv.AppendInt(nil, int64(i), 10))
			hashes[table.hash(device, tag)] = true
			if _, err := table.find(device, tag); err != nil {
				t.Fatal(err)
			}
		}
		if len(hashes) < n*99/100 {
			t.Errorf("%s: %d hashes of %d sensors", role, len(hashes), n)
		}
		for i := range n {
			device, tag := names(strconv.AppendInt(nil, int64(i), 10))
			s, err := table.find(device, tag)
			if err != nil || s != table.series[i] || s.Sensor.Device != string(device) || s.Sensor.Tag != string(tag) {
				t.Fatalf("%s/%s: found %s, %v", device, tag, s.Sensor, err)
			}
		}
		if len(table.series) != n {
			t.Errorf("%s: %d series, want %d", role, len(table.series), n)
		}
	}
}

// Strings that share memory do not overwrite each other.
func TestNamesKeep(t *testing.T) {
	var n names
	var kept []string
	name := make([]byte, 256)
	for i := range 1000 {
		binary.BigEndian.PutUint32(name, uint32(i))
		kept = append(kept, n.keep(name[:4+i%253]))
	}
	for i, s := range kept {
		if len(s) != 4+i%253 || binary.BigEndian.Uint32([]byte(s)) != uint32(i) {
			t.Fatalf("name %d is %q", i, s)
		}
	}
}
