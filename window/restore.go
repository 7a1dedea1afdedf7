package window

import "github.com/fleetscore/fleetscore/fleet"

func (e *Engine) restore(c *cursor) {
	e.now = c.time(maxTime)
	for i := range e.counts.Readings {
		e.counts.Readings[i] = c.uvarint()
	}
	for _, n := range [...]*uint64{&e.counts.Clamped, &e.counts.Windows, &e.counts.Revisions, &e.counts.Lookups} {
		*n = c.uvarint()
	}
	for n := c.uvarint(); n > 0 && c.err == nil; n-- {
		e.readDevice(c)
	}
}

func (e *Engine) readDevice(c *cursor) {
	name := c.text()
	known, hash := e.findDevice(name)
	c.check(known == 0 && fleet.CheckName("device", name) == nil)
	high, moved, due, settle := c.time(maxTime), c.time(e.now), c.time(never), c.time(never)
	if c.err != nil {
		return
	}
	id := e.newDevice(name, hash)
	d := e.devices.at(id)
	d.high, d.moved, d.settle = high, moved, settle
	if high != unset {
		d.next = floor(high-e.tolerance, e.hop) + e.hop
	}
	for more := c.byte(); more != 0 && c.err == nil; more = c.byte() {
		c.check(more == 1)
		e.readSensor(c, id, d)
	}
	c.check(d.first != 0)
	// Closed windows wait for settle. It was not set for those that only another
	// tolerance has closed, and whoever made something up forgot it.
	if d.settle == never && e.anyClosed(d) {
		d.settle = e.now
	}
	e.setDue(id, min(due, e.nextDue(d))) // with the same Config, that is due
}

func (e *Engine) anyClosed(d *device) bool {
	for id := d.first; id != 0; id = e.sensors.at(id).next {
		s := e.sensors.at(id)
		for i := range e.lists.len(&s.panes) {
			if e.closed(e.panes.at(e.lists.get(&s.panes, i)), d.high-e.tolerance) {
				return true
			}
		}
	}
	return false
}

func (e *Engine) readSensor(c *cursor, did uint32, d *device) {
	tag := c.text()
	c.check(tag == "" || fleet.CheckName("tag", tag) == nil)
	hash := e.hash(d.name, tag)
	c.check(e.findSensor(hash, d.name, tag) == 0)
	mark, unit, scale := c.time(maxTime), c.byte(), c.byte()
	c.check(int(unit) < len(units) && (scale <= maxScale || scale == rawScale))
	if c.err != nil {
		return
	}
	s := e.sensors.at(e.newSensor(did, tag, hash, mark))
	s.hint = hint{unit, scale}
	before := int64(unset)
	for n := c.uvarint(); n > 0 && c.err == nil; n-- {
		start := c.varint()
		c.check(start > before && start >= -maxTime-e.every && start <= maxTime && start%e.hop == 0)
		if c.err != nil {
			return
		}
		before = start
		id, p := e.panes.take()
		p.start = start
		e.lists.insert(&s.panes, e.lists.len(&s.panes), id)
		e.readPane(c, p)
		c.check(p.version > 0)
	}
}
