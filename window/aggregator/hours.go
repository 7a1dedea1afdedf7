package aggregator

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// hours finds the states of windows that have come out, for late readings: a
// worker's own rows, or files. What was read of files is kept, as much as there is
// room for.
type hours struct{ *worker }

func newHours(w *worker) *hours { return &hours{w} }

// kept are the hours that all workers have in memory, those used last at the end.
type kept struct {
	sync.Mutex
	hours []*keptHour
	size  int
}

type keptHour struct {
	worker *worker
	hour   time.Time
	states map[id][]byte
	size   int
}

func (h *keptHour) set(which id, state []byte) {
	const fixed = 120
	if old, ok := h.states[which]; ok {
		h.size -= len(old)
	} else {
		h.size += fixed + len(which.device) + len(which.tag)
	}
	h.size += len(state)
	h.states[which] = state
}

// mostKept bounds what is kept, but for one hour: one of 1,500 sensors is some 30 MB.
const mostKept = 192 << 20

// State implements window.States.
func (h *hours) State(device, tag string, start int64) ([]byte, error) {
	which := id{device, tag, start}
	if r, ok := h.rows[which]; ok {
		return r.State, nil
	}
	hour := hourOf(start)
	if e := h.find(hour); e != nil {
		return e.states[which], nil
	}
	e, err := h.load(hour)
	if err != nil {
		return nil, fmt.Errorf("looking for a window that late readings belong to: %w", err)
	}
	return e.states[which], nil
}

// find returns an hour of the worker that is kept; only the worker changes it.
func (h *hours) find(hour time.Time) *keptHour {
	k := &h.kept
	k.Lock()
	defer k.Unlock()
	at := slices.IndexFunc(k.hours, func(e *keptHour) bool { return e.worker == h.worker && e.hour.Equal(hour) })
	if at < 0 {
		return nil
	}
	e := k.hours[at]
	k.hours = append(slices.Delete(k.hours, at, at+1), e)
	return e
}

func (h *hours) load(hour time.Time) (*keptHour, error) {
	ctx, stop := context.WithTimeout(h.ctx, time.Minute)
	defer stop()
	if err := h.lockMemory(ctx); err != nil {
		return nil, err
	}
	defer h.unlockMemory()
	rows, _, err := h.whole(ctx, hour)
	if err != nil {
		return nil, err
	}
	e := &keptHour{worker: h.worker, hour: hour, states: make(map[id][]byte, len(rows))}
	for i := range rows { // later files supersede
		e.set(rows[i].id(), rows[i].State)
	}
	k := &h.kept
	k.Lock()
	defer k.Unlock()
	k.hours = append(k.hours, e)
	k.size += e.size
	k.shrink()
	return e, nil
}

// shrink drops what was used longest ago, if there is too much.
func (k *kept) shrink() {
	for k.size > mostKept && len(k.hours) > 1 {
		k.size -= k.hours[0].size
		k.hours = slices.Delete(k.hours, 0, 1)
	}
}

// learn tells the hours that are kept what is in files now, too.
func (h *hours) learn(rows map[id]Row) {
	k := &h.kept
	k.Lock()
	defer k.Unlock()
	mine := map[time.Time]*keptHour{}
	for _, e := range k.hours {
		if e.worker == h.worker {
			mine[e.hour] = e
			k.size -= e.size
		}
	}
	if len(mine) > 0 {
		for which, r := range rows {
			if e := mine[hourOf(which.start)]; e != nil {
				e.set(which, r.State)
			}
		}
	}
	for _, e := range mine {
		k.size += e.size
	}
	k.shrink()
}

// forget drops the hours of the worker.
func (h *hours) forget() {
	k := &h.kept
	k.Lock()
	defer k.Unlock()
	k.hours = slices.DeleteFunc(k.hours, func(e *keptHour) bool {
		if e.worker == h.worker {
			k.size -= e.size
		}
		return e.worker == h.worker
	})
}
