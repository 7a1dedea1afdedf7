package window

import (
	"errors"
	"fmt"
	"hash/maphash"
)

// Engine aggregates the readings of one partition. It is for one goroutine at a time.
type Engine struct {
	cfg    Config
	states States

	every, hop, tolerance, lateness, early, idle, settle, forget int64
	percentiles                                                  bool

	now        int64 // the stream's time
	born       uint64
	devices    pages[device, *device]
	sensors    pages[sensor, *sensor]
	panes      pages[pane, *pane]
	chunks     pages[chunk, *chunk]
	aggregates pages[aggregate, *aggregate]
	lists      lists
	heap       heap
	seed       maphash.Seed
	names      table // of devices
	table      table // of sensors
	counts     Counts
	err        error

	// Scratch.
	out      Window
	total    aggregate
	ids      [lookAhead]uint32
	hashes   [lookAhead]uint32
	walk     []uint32
	entries  []entry
	gathered [payloadSize + 8]byte
	state    []byte
}

// lookAhead is how many readings' sensors are found before the first is added, so
// that the memory they lie in is fetched at the same time.
const lookAhead = 32

// Times before and after all others.
const (
	unset = -maxTime - 1<<60
	never = maxTime + 1<<60
)

// New returns an Engine that has seen nothing.
func New(cfg Config, states States) (*Engine, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("window: %w", err)
	}
	if states == nil {
		return nil, errors.New("window: a late reading needs somebody who has the states of windows")
	}
	if cfg.Hop == 0 {
		cfg.Hop = cfg.Every
	}
	return &Engine{
		cfg: cfg, states: states, percentiles: len(cfg.Percentiles) > 0,
		every: int64(cfg.Every), hop: int64(cfg.Hop), tolerance: int64(cfg.Tolerance), lateness: int64(cfg.Lateness),
		early: int64(cfg.Early), idle: int64(cfg.Idle), settle: int64(cfg.Settle), forget: int64(cfg.Forget),
		now: unset, seed: maphash.MakeSeed(),
	}, nil
}

// Add takes in readings that the stream has appended at a time, in the stream's
// order. What is due by then is emitted first, so it makes no difference how the
// readings of one time are divided among calls. An error is States'; after one, the
// Engine has half done something and only returns it again.
func (e *Engine) Add(at int64, readings []Reading, sink Sink) error {
	if err := e.Tick(at, sink); err != nil {
		return err
	}
	for len(readings) > 0 && e.err == nil {
		n := min(len(readings), lookAhead)
		e.find(readings[:n])
		for i := range n {
			r := &readings[i]
			why := e.take(r, e.ids[i], e.hashes[i], sink)
			if e.err != nil {
				break
			}
			e.counts.Readings[why]++
			if why != Counted {
				sink.Reading(r, why)
			}
		}
		readings = readings[n:]
	}
	return e.err
}

// Tick says that the stream's time has come. It does nothing unless that is later than
// all times before.
func (e *Engine) Tick(at int64, sink Sink) error {
	at = max(-maxTime, min(at, maxTime))
	if at <= e.now {
		return e.err
	}
	for e.err == nil && len(e.heap.ids) > 0 {
		id := e.heap.ids[0]
		if e.devices.at(id).due > at {
			break
		}
		e.come(id, sink)
	}
	e.now = at
	return e.err
}

// Counts says what has become of all readings.
func (e *Engine) Counts() Counts { return e.counts }

// take decides where a reading ends. Its sensor is id, or 0 if it was not known.
func (e *Engine) take(r *Reading, id, hash uint32, sink Sink) Cause {
	v, t := r.Value+0, r.Time // -0 becomes 0
	switch {
	case v-v != 0:
		return NotFinite
	case t > maxTime || t < -maxTime:
		return BadTime
	}
	if len(e.cfg.Filters) > 0 {
		var why Cause
		if v, why = e.filter(r.Tag, v); why != Counted {
			return why
		}
	}
	if t > e.now+e.early {
		return Early
	}
	if id == 0 { // or it has become known since
		if id = e.findSensor(hash, r.Device, r.Tag); id == 0 {
			var why Cause
			if id, why = e.meet(r, hash); id == 0 {
				return why
			}
		}
	}
	s := e.sensors.at(id)
	d := e.devices.at(s.device)
	p := e.newest(s, t)
	if p == nil || t < d.high || e.hop != e.every {
		start := floor(t, e.hop)
		if !r.Replayed && e.tooLate(d, start) {
			return Late
		}
		if p == nil || e.hop != e.every {
			if p = e.reach(s, d, start); p == nil {
				return Counted // e.err says why not
			}
		}
	}
	why := e.place(s, p, r, v)
	due := e.touch(s, d, p, why != Duplicate && why != TooMany)
	if t > d.high {
		e.advance(d, t, sink)
	}
	if due = max(due, d.moved) + e.idle; due < d.due {
		e.setDue(s.device, due)
	}
	return why
}

// newest returns the newest pane of a sensor if it has time t, as most readings have.
func (e *Engine) newest(s *sensor, t int64) *pane {
	if id := e.lists.last(&s.panes); id != 0 {
		if p := e.panes.at(id); uint64(t-p.start) < uint64(e.hop) {
			return p
		}
	}
	return nil
}

// place puts a reading into a pane, unless it is there.
func (e *Engine) place(s *sensor, p *pane, r *Reading, v float64) Cause {
	if r.Received {
		if p.received == 0 {
			p.received, _ = e.aggregates.take()
		}
		a := e.aggregates.at(p.received)
		if a.count == maxCount {
			return TooMany
		}
		e.add(a, r.Time, v)
		return Counted
	}
	if e.lists.len(&p.blocks) >= maxBlocks {
		return TooMany
	}
	a := entry{time: r.Time - p.start, value: v, hasSeq: r.HasSeq}
	if r.HasSeq {
		a.seq = r.Seq
	}
	why := e.insert(p, &a, &s.hint)
	if why != Duplicate {
		e.forgetCache(p)
	}
	return why
}

func floor(t, unit int64) int64 {
	r := t % unit
	if r < 0 {
		r += unit
	}
	return t - r
}

// tooLate reports whether the first window to end after start, a multiple of hop, is
// closed for good. A reading is in all of its windows or in none.
func (e *Engine) tooLate(d *device, start int64) bool {
	return start+e.hop+e.lateness <= d.high-e.tolerance
}
