package window

import (
	"hash/maphash"
	"strings"
	"unique"

	"github.com/fleetscore/fleetscore/fleet"
)

// device is what the tags of a device share: its time.
type device struct {
	name   string
	high   int64 // the highest event time, or unset; less the tolerance it is the watermark
	moved  int64 // the stream's time when high last grew
	next   int64 // the end of a window that the watermark passes next
	due    int64 // the stream's time when to look at it, at the latest
	settle int64 // the stream's time when closed windows that have changed are emitted; never if none has
	born   uint64
	first  uint32 // its sensors are a chain
	last   uint32
	pos    uint32 // in the heap
}

// sensor is one tag of a device.
type sensor struct {
	tag    unique.Handle[string]
	mark   int64 // no window that starts after it has been emitted
	panes  list  // by start
	device uint32
	next   uint32 // of the device
	hint   hint
}

func (e *Engine) hash(device, tag string) uint32 {
	h := maphash.String(e.seed, device)*0x9e3779b97f4a7c15 + maphash.String(e.seed, tag)
	return uint32(h >> 32)
}

// find looks up the sensors of some readings, without a decision between one and the
// next, so that the processor waits for all of them at the same time.
func (e *Engine) find(readings []Reading) {
	var at [lookAhead]uint32
	for i := range readings {
		r := &readings[i]
		h := e.hash(r.Device, r.Tag)
		e.hashes[i] = h
		e.ids[i], at[i] = e.table.next(h, h)
	}
	for i := range readings {
		r := &readings[i]
		for e.ids[i] != 0 && !e.is(e.ids[i], r.Device, r.Tag) {
			e.ids[i], at[i] = e.table.next(e.hashes[i], at[i])
		}
	}
}

func (e *Engine) is(id uint32, device, tag string) bool {
	s := e.sensors.at(id)
	return s.tag.Value() == tag && e.devices.at(s.device).name == device
}

func (e *Engine) findSensor(hash uint32, device, tag string) uint32 {
	id, i := e.table.next(hash, hash)
	for id != 0 && !e.is(id, device, tag) {
		id, i = e.table.next(hash, i)
	}
	return id
}

func (e *Engine) findDevice(name string) (id, hash uint32) {
	hash = e.hash(name, "")
	id, i := e.names.next(hash, hash)
	for id != 0 && e.devices.at(id).name != name {
		id, i = e.names.next(hash, i)
	}
	return id, hash
}

// meet makes the sensor of a reading, and its device, if the reading is one to keep.
func (e *Engine) meet(r *Reading, hash uint32) (uint32, Cause) {
	if fleet.CheckName("device", r.Device) != nil || r.Tag != "" && fleet.CheckName("tag", r.Tag) != nil {
		return 0, BadName
	}
	if e.table.used >= e.cfg.MaxSensors {
		return 0, TooMany
	}
	did, dhash := e.findDevice(r.Device)
	if did != 0 && !r.Replayed && e.tooLate(e.devices.at(did), floor(r.Time, e.hop)) {
		return 0, Late
	}
	if did == 0 {
		did = e.newDevice(r.Device, dhash)
	}
	// What is not known may have been forgotten: then it stood still for a while.
	return e.newSensor(did, r.Tag, hash, e.now-e.forget+e.early), Counted
}

func (e *Engine) newDevice(name string, hash uint32) uint32 {
	id, d := e.devices.take()
	e.born++
	*d = device{name: strings.Clone(name), high: unset, moved: e.now, next: unset, due: e.now + e.forget, settle: never, born: e.born}
	e.names.add(hash, id)
	e.pushDue(id)
	return id
}

func (e *Engine) newSensor(did uint32, tag string, hash uint32, mark int64) uint32 {
	d := e.devices.at(did)
	id, s := e.sensors.take()
	*s = sensor{tag: unique.Make(tag), mark: mark, device: did}
	if d.first == 0 {
		d.first = id
	} else {
		e.sensors.at(d.last).next = id
	}
	d.last = id
	e.table.add(hash, id)
	return id
}

// lose forgets a device that has nothing open.
func (e *Engine) lose(did uint32) {
	d := e.devices.at(did)
	for id := d.first; id != 0; {
		s := e.sensors.at(id)
		next := s.next
		e.table.remove(e.hash(d.name, s.tag.Value()), id)
		e.sensors.drop(id)
		id = next
	}
	e.names.remove(e.hash(d.name, ""), did)
	e.removeDue(did)
	e.devices.drop(did)
}
