package window

// Open passes the windows of a sensor that are in memory as they stand, without a
// State. It changes nothing: whether somebody looks has no effect.
func (e *Engine) Open(device, tag string, yield func(*Window)) error {
	id := e.findSensor(e.hash(device, tag), device, tag)
	if id == 0 || e.err != nil {
		return e.err
	}
	s := e.sensors.at(id)
	d := e.devices.at(s.device)
	lookups := e.counts.Lookups
	defer func() { e.counts.Lookups = lookups }()
	for i := range e.lists.len(&s.panes) {
		p := e.panes.at(e.lists.get(&s.panes, i))
		if err := e.gather(d, s, p); err != nil {
			return err
		}
		if e.total.count == 0 {
			continue
		}
		w := Window{Device: d.name, Tag: tag, Start: p.start, End: p.start + e.every, Rev: p.rev() + 1}
		e.fill(&w, &e.total)
		yield(&w)
	}
	return nil
}

// Oldest returns the end of the first window that has not been emitted, in all of its
// readings; false if there is none.
func (e *Engine) Oldest() (end int64, ok bool) {
	for _, id := range e.heap.ids {
		for sid := e.devices.at(id).first; sid != 0; sid = e.sensors.at(sid).next {
			s := e.sensors.at(sid)
			for i := range e.lists.len(&s.panes) {
				if p := e.panes.at(e.lists.get(&s.panes, i)); p.changed() && (!ok || p.start+e.every < end) {
					end, ok = p.start+e.every, true
				}
			}
		}
	}
	return end, ok
}

// Panes is how many windows are in memory: those that take readings, or are to come
// out again. Where windows hop, parts of them count too.
func (e *Engine) Panes() int { return e.panes.used }

// Due returns the stream's time at which Tick will do something; false if it never will.
func (e *Engine) Due() (at int64, ok bool) {
	if len(e.heap.ids) == 0 {
		return 0, false
	}
	return e.devices.at(e.heap.ids[0]).due, true
}
