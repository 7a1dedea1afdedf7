package window

// advance sets a device's highest event time, and emits what its watermark passes.
func (e *Engine) advance(d *device, high int64, sink Sink) {
	before := d.high - e.tolerance
	d.high, d.moved = high, e.now
	mark := high - e.tolerance
	if mark < d.next {
		return
	}
	d.next = floor(mark, e.hop) + e.hop
	e.each(d, sink, func(p *pane) bool {
		end := p.start + e.every
		return before < end && end <= mark && p.changed()
	})
}

// come does what a device is due for.
func (e *Engine) come(id uint32, sink Sink) {
	d := e.devices.at(id)
	due := e.nextDue(d)
	if due > d.due { // it was due for what has been done since
		e.setDue(id, due)
		return
	}
	due = d.due
	mark := d.high - e.tolerance
	settle := d.settle <= due
	held := e.each(d, sink, func(p *pane) bool {
		if e.closed(p, mark) {
			return settle
		}
		return max(p.start+e.every, d.moved)+e.idle <= due
	})
	if e.err != nil {
		return
	}
	if settle {
		d.settle = never
	}
	if !held && d.moved+e.forget <= due {
		e.lose(id)
		return
	}
	e.setDue(id, e.nextDue(d))
}

// closed reports whether a window has been emitted, or the watermark has passed it:
// then only a late reading changes it.
func (e *Engine) closed(p *pane, mark int64) bool {
	return p.emitted() || p.start+e.every <= mark
}

// nextDue is when something is to be done about a device.
func (e *Engine) nextDue(d *device) int64 {
	due := d.settle
	mark := d.high - e.tolerance
	for id := d.first; id != 0; id = e.sensors.at(id).next {
		s := e.sensors.at(id)
		for i := range e.lists.len(&s.panes) {
			if p := e.panes.at(e.lists.get(&s.panes, i)); !e.closed(p, mark) {
				due = min(due, max(p.start+e.every, d.moved)+e.idle)
				break // the others end later
			}
		}
	}
	if due == never {
		due = d.moved + e.forget
	}
	return due
}

// each emits the windows of a device that have changed and are picked, and takes them
// out of memory; those that are picked and have not changed it takes out, too. It
// returns whether any remain.
func (e *Engine) each(d *device, sink Sink, pick func(*pane) bool) (remain bool) {
	for sid := d.first; sid != 0; sid = e.sensors.at(sid).next {
		s := e.sensors.at(sid)
		e.walk = e.walk[:0]
		for i := range e.lists.len(&s.panes) {
			e.walk = append(e.walk, e.lists.get(&s.panes, i))
		}
		for _, id := range e.walk {
			p := e.panes.at(id)
			if !pick(p) {
				remain = true
				continue
			}
			if p.changed() {
				if e.emit(d, s, p, sink); e.err != nil {
					return true
				}
			}
			i, _ := e.search(s, p.start)
			e.lists.remove(&s.panes, i)
			e.freePane(id)
		}
	}
	return remain
}

// emit emits a window.
func (e *Engine) emit(d *device, s *sensor, p *pane, sink Sink) {
	rev := p.rev() + 1
	p.set(rev, false)
	if rev == 0 {
		e.counts.Windows++
	} else {
		e.counts.Revisions++
	}
	if e.err = e.gather(d, s, p); e.err != nil {
		return
	}
	w := &e.out
	w.Device, w.Tag, w.Start, w.End, w.Rev = d.name, s.tag.Value(), p.start, p.start+e.every, rev
	e.fill(w, &e.total)
	e.state = e.appendPane(e.state[:0], p)
	w.State = e.state
	s.mark = max(s.mark, p.start)
	sink.Window(w)
}

// gather merges the panes of the window that starts with p. Those that are not in
// memory may have been emitted.
func (e *Engine) gather(d *device, s *sensor, p *pane) error {
	e.total.clear()
	e.merge(&e.total, p)
	for at := p.start + e.hop; at < p.start+e.every; at += e.hop {
		if _, id := e.search(s, at); id != 0 {
			e.merge(&e.total, e.panes.at(id))
		} else if at <= s.mark {
			e.counts.Lookups++
			id, q := e.panes.take()
			q.start = at
			if err := e.load(s, d, q); err != nil {
				return err
			}
			e.merge(&e.total, q)
			e.freePane(id)
		}
	}
	return nil
}
