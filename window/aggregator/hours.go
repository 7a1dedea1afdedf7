package aggregator

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// hours finds the states of windows that have come out, for late readings: a
// worker's own rows, or files. What was read of files is kept, of few hours for all
// workers together.
type hours struct{ *worker }

func newHours(w *worker) *hours { return &hours{w} }

// kept are the hours that are in memory, those used last at the end.
type kept struct {
	sync.Mutex
	hours []keptHour
}

type keptHour struct {
	worker *worker
	hour   time.Time
	states map[id][]byte
}

// mostHours bounds what is kept: an hour of 1,500 sensors is some 30 MB.
const mostHours = 8

// State implements window.States.
func (h *hours) State(device, tag string, start int64) ([]byte, error) {
	which := id{device, tag, start}
	if r, ok := h.rows[which]; ok {
		return r.State, nil
	}
	states, err := h.load(hourOf(start))
	if err != nil {
		return nil, err
	}
	return states[which], nil
}

func (h *hours) load(hour time.Time) (map[id][]byte, error) {
	k := &h.kept
	k.Lock()
	defer k.Unlock()
	at := slices.IndexFunc(k.hours, func(e keptHour) bool { return e.worker == h.worker && e.hour.Equal(hour) })
	if at >= 0 {
		e := k.hours[at]
		k.hours = append(slices.Delete(k.hours, at, at+1), e)
		return e.states, nil
	}
	ctx, stop := context.WithTimeout(h.ctx, time.Minute)
	defer stop()
	rows, _, err := h.whole(ctx, hour)
	if err != nil {
		return nil, fmt.Errorf("looking for a window that late readings belong to: %w", err)
	}
	states := make(map[id][]byte, len(rows))
	for i := range rows { // later files supersede
		states[rows[i].id()] = rows[i].State
	}
	if len(k.hours) == mostHours {
		k.hours = slices.Delete(k.hours, 0, 1)
	}
	k.hours = append(k.hours, keptHour{h.worker, hour, states})
	return states, nil
}

// forget drops hours of which there are new files; without any, all of the worker's.
func (h *hours) forget(made []File) {
	h.kept.Lock()
	defer h.kept.Unlock()
	h.kept.hours = slices.DeleteFunc(h.kept.hours, func(e keptHour) bool {
		return e.worker == h.worker && (len(made) == 0 || slices.ContainsFunc(made, func(f File) bool { return f.Hour.Equal(e.hour) }))
	})
}
