package window

// pane is one sensor's readings from start to start+hop: all that the window that
// starts there holds if windows tumble. If they hop, a window is every/hop panes, and
// each window is kept with the pane that has its start, which may be empty.
//
// Readings that have an identity are kept themselves, in blocks, and aggregated when
// the window is emitted, in the order of their times: so the order in which they
// came has no effect at all, and one that was replaced leaves no trace.
type pane struct {
	start    int64
	tail     last   // the last entry of blocks
	blocks   list   // the readings that have an identity
	received uint32 // the aggregate of those that have none, or 0
	cache    uint32 // if windows hop, the aggregate of blocks, or 0 if it is not known
	version  uint32 // how often the window was emitted, doubled, and changed
}

// changed is part of a version if the window has changed since it was emitted.
const changed = 1

// rev is the window's last revision, -1 if there is none.
func (p *pane) rev() int32 { return int32(p.version>>1) - 1 }

func (p *pane) emitted() bool { return p.version > changed }
func (p *pane) changed() bool { return p.version&changed != 0 }

func (p *pane) set(rev int32, hasChanged bool) {
	p.version = uint32(rev+1) << 1
	if hasChanged {
		p.version |= changed
	}
}

// aggregate is what all aggregates are computed from. Where count is 0, nothing else
// is set but that the sketch is empty.
type aggregate struct {
	count    count
	sum      sum
	spread   spread
	least    least
	greatest greatest
	first    first
	last     last
	sketch   sketch
	next     uint32 // while it is free
}

func (a *aggregate) clear() { *a = aggregate{sketch: sketch{bins: a.sketch.bins[:0]}} }

func (e *Engine) add(a *aggregate, t int64, v float64) {
	a.count.add()
	if a.count == 1 {
		a.sum = sum{high: v}
		a.least, a.greatest = least(v), greatest(v)
		a.first, a.last = first{t, v}, last{t, v}
	} else {
		a.sum.add(v)
		a.spread.add(v, a.count, a.sum)
		a.least.add(v)
		a.greatest.add(v)
		a.first.add(t, v)
		a.last.add(t, v)
	}
	if e.percentiles {
		a.sketch.add(v)
	}
}

func (a *aggregate) merge(b *aggregate) {
	if b.count == 0 {
		return
	}
	if a.count == 0 {
		bins := a.sketch.bins
		*a = *b
		a.sketch = sketch{bins: append(bins, b.sketch.bins...), joins: b.sketch.joins}
		return
	}
	a.spread.merge(b.spread, a.count, b.count, a.sum, b.sum)
	a.sum.merge(b.sum)
	a.least.merge(b.least)
	a.greatest.merge(b.greatest)
	a.first.merge(b.first)
	a.last.merge(b.last)
	a.count.merge(b.count)
	a.sketch.merge(&b.sketch)
}

// addBlocks adds the readings that have an identity.
func (e *Engine) addBlocks(a *aggregate, p *pane) {
	for i := range e.lists.len(&p.blocks) {
		e.entries = e.decode(e.lists.get(&p.blocks, i), e.entries[:0])
		for j := range e.entries {
			e.add(a, p.start+e.entries[j].time, e.entries[j].value)
		}
	}
}

// merge adds a pane to an aggregate. It leaves the pane as it is, but for the cache.
func (e *Engine) merge(a *aggregate, p *pane) {
	switch {
	case e.lists.len(&p.blocks) == 0:
	case e.hop == e.every:
		e.addBlocks(a, p)
	default:
		if p.cache == 0 {
			id, c := e.aggregates.take()
			e.addBlocks(c, p)
			p.cache = id
		}
		a.merge(e.aggregates.at(p.cache))
	}
	if p.received != 0 {
		a.merge(e.aggregates.at(p.received))
	}
}

// fill computes the aggregates of w.
func (e *Engine) fill(w *Window, a *aggregate) {
	w.Count, w.Sum, w.Mean = int64(a.count), a.sum.result(), mean(a.sum, a.count)
	w.Min, w.Max = float64(a.least), float64(a.greatest)
	w.First, w.FirstTime, w.Last, w.LastTime = a.first.value, a.first.time, a.last.value, a.last.time
	w.Stddev = a.spread.result(a.count)
	w.Coverage = coverage(a.count, e.cfg.Every, e.cfg.Expected)
	w.Percentiles = w.Percentiles[:0]
	for _, q := range e.cfg.Percentiles {
		w.Percentiles = append(w.Percentiles, a.sketch.result(q, a.count, w.Min, w.Max))
	}
}

// forgetCache has to be called when blocks change.
func (e *Engine) forgetCache(p *pane) {
	if p.cache != 0 {
		e.dropAggregate(p.cache)
		p.cache = 0
	}
}

// freePane gives back all that a pane holds.
func (e *Engine) freePane(id uint32) {
	p := e.panes.at(id)
	for i := range e.lists.len(&p.blocks) {
		e.freeBlock(e.lists.get(&p.blocks, i))
	}
	e.lists.clear(&p.blocks)
	e.forgetCache(p)
	if p.received != 0 {
		e.dropAggregate(p.received)
	}
	e.panes.drop(id)
}

// dropAggregate leaves the sketch's bins to the next one.
func (e *Engine) dropAggregate(id uint32) {
	bins := e.aggregates.at(id).sketch.bins
	e.aggregates.drop(id)
	e.aggregates.at(id).sketch.bins = bins[:0]
}
