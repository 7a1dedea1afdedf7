package window

import "fmt"

// reach returns the pane that starts at start, and has those of all windows that it
// is in in memory; nil if States failed.
func (e *Engine) reach(s *sensor, d *device, start int64) *pane {
	var p *pane
	for at := start + e.hop - e.every; at <= start; at += e.hop {
		i, id := e.search(s, at)
		if id == 0 {
			if id = e.open(s, d, at, i); id == 0 {
				return nil
			}
		}
		p = e.panes.at(id)
	}
	return p
}

// search finds the pane that starts at start, or its place.
func (e *Engine) search(s *sensor, start int64) (int, uint32) {
	low, high := 0, e.lists.len(&s.panes)
	for low < high {
		mid := int(uint(low+high) / 2)
		id := e.lists.get(&s.panes, mid)
		switch at := e.panes.at(id).start; {
		case at == start:
			return mid, id
		case at < start:
			low = mid + 1
		default:
			high = mid
		}
	}
	return low, 0
}

// open puts a pane into place i: one that was emitted, if it was, or an empty one.
func (e *Engine) open(s *sensor, d *device, start int64, i int) uint32 {
	id, p := e.panes.take()
	p.start = start
	if start <= s.mark {
		e.counts.Lookups++
		if err := e.load(s, d, p); err != nil {
			e.err = err
			return 0
		}
	}
	e.lists.insert(&s.panes, i, id)
	return id
}

// load makes p what it was when its window was emitted, if it was.
func (e *Engine) load(s *sensor, d *device, p *pane) error {
	tag := s.tag.Value()
	state, err := e.states.State(d.name, tag, p.start)
	if err == nil && state != nil {
		c := cursor{b: state}
		e.readPane(&c, p)
		if err = c.end(); err == nil && !p.emitted() {
			err = errDamaged
		}
		p.set(p.rev(), false)
	}
	if err != nil {
		return fmt.Errorf("window: state of %q %q at %d: %w", d.name, tag, p.start, err)
	}
	return nil
}

// touch notes, for the windows that p is in, whether they have changed. If one is
// closed, it has them looked at in a while. It returns the first end of those that
// are not, or never.
func (e *Engine) touch(s *sensor, d *device, p *pane, hasChanged bool) int64 {
	mark, late, end := d.high-e.tolerance, false, int64(never)
	for at := p.start + e.hop - e.every; at <= p.start; at += e.hop {
		w := p
		if at != p.start {
			_, id := e.search(s, at)
			w = e.panes.at(id)
		}
		if hasChanged {
			w.version |= changed
		}
		if e.closed(w, mark) {
			late = true
		} else {
			end = min(end, at+e.every)
		}
	}
	if late && d.settle == never {
		d.settle = e.now + e.settle
		if d.settle < d.due {
			e.setDue(s.device, d.settle)
		}
	}
	return end
}
