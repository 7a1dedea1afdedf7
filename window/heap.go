package window

// heap has the devices by when the stream's time makes something of them due, and
// by age where that is the same, so that its layout has no effect.
type heap struct{ ids []uint32 }

func (e *Engine) sooner(a, b uint32) bool {
	x, y := e.devices.at(a), e.devices.at(b)
	return x.due < y.due || x.due == y.due && x.born < y.born
}

func (e *Engine) setAt(i int, id uint32) {
	e.heap.ids[i] = id
	e.devices.at(id).pos = uint32(i)
}

// push adds a device.
func (e *Engine) pushDue(id uint32) {
	e.heap.ids = append(e.heap.ids, id)
	e.up(len(e.heap.ids) - 1)
}

// due sets a device's time.
func (e *Engine) setDue(id uint32, due int64) {
	d := e.devices.at(id)
	sooner := due < d.due
	d.due = due
	if sooner {
		e.up(int(d.pos))
	} else {
		e.down(int(d.pos))
	}
}

// removeDue takes a device out.
func (e *Engine) removeDue(id uint32) {
	i, n := int(e.devices.at(id).pos), len(e.heap.ids)-1
	moved := e.heap.ids[n]
	e.heap.ids = e.heap.ids[:n]
	if i < n {
		e.setAt(i, moved)
		e.up(i)
		e.down(int(e.devices.at(moved).pos))
	}
}

func (e *Engine) up(i int) {
	id := e.heap.ids[i]
	for i > 0 && e.sooner(id, e.heap.ids[(i-1)/2]) {
		e.setAt(i, e.heap.ids[(i-1)/2])
		i = (i - 1) / 2
	}
	e.setAt(i, id)
}

func (e *Engine) down(i int) {
	id, n := e.heap.ids[i], len(e.heap.ids)
	for {
		c := 2*i + 1
		if c+1 < n && e.sooner(e.heap.ids[c+1], e.heap.ids[c]) {
			c++
		}
		if c >= n || !e.sooner(e.heap.ids[c], id) {
			break
		}
		e.setAt(i, e.heap.ids[c])
		i = c
	}
	e.setAt(i, id)
}
