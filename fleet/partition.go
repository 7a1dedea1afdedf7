package fleet

import "slices"

// DefaultPartitions is into how many partitions a deployment divides its devices
// unless it says otherwise. It is fixed once there is data.
const DefaultPartitions = 64

// Partition is the partition of a device, of n: FNV-1a, 32 bits, modulo n, as
// NATS and others compute it.
func Partition(device string, n int) int {
	h := uint32(2166136261)
	for i := range len(device) {
		h ^= uint32(device[i])
		h *= 16777619
	}
	return int(h % uint32(n))
}

// Spread is where a sensor lies within its partition: a number that has nothing
// to do with the partition, by which a partition is cut into ranges.
func Spread(s Sensor) uint32 {
	h := uint64(14695981039346656037)
	for i := range len(s.Device) {
		h ^= uint64(s.Device[i])
		h *= 1099511628211
	}
	h ^= 0xff // no byte of UTF-8, so that names cannot run into each other
	h *= 1099511628211
	for i := range len(s.Tag) {
		h ^= uint64(s.Tag[i])
		h *= 1099511628211
	}
	// FNV's high bits are weak where names differ at their ends.
	h ^= h >> 32
	h *= 0x9e3779b97f4a7c15
	return uint32(h >> 32)
}

// Part is the share of a fleet that a task takes: some partitions, or a range of
// one. Every sensor is in exactly one of the parts of a generation.
type Part struct {
	Partitions []int `json:"partitions"`
	// Low and High bound the Spread of its sensors, both included. They are 0 and
	// the largest number unless a partition is cut.
	Low  uint32 `json:"low"`
	High uint32 `json:"high"`
	// Only, if set, is the one sensor of the part: one that is tried alone.
	Only *Sensor `json:"only,omitempty"`
	// Except are sensors that other parts have.
	Except []Sensor `json:"except,omitempty"`
}

// Has reports whether the part has the sensor, of which it must have the
// partition.
func (p *Part) Has(s Sensor) bool {
	if p.Only != nil {
		return *p.Only == s
	}
	if p.Low > 0 || p.High < ^uint32(0) {
		if at := Spread(s); at < p.Low || at > p.High {
			return false
		}
	}
	for _, e := range p.Except {
		if e == s {
			return false
		}
	}
	return true
}

// Covers is Has for a sensor of any partition, of n.
func (p *Part) Covers(s Sensor, n int) bool {
	return slices.Contains(p.Partitions, Partition(s.Device, n)) && p.Has(s)
}

// Whole reports whether the part has all sensors of its partitions.
func (p *Part) Whole() bool {
	return p.Only == nil && p.Low == 0 && p.High == ^uint32(0) && len(p.Except) == 0
}
