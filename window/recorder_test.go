package window

import (
	"fmt"
	"slices"
)

// recorder is a Sink that keeps all, and the States of what it was given.
type recorder struct {
	windows  []Window
	outcomes []Cause // of readings that ended elsewhere
	log      []byte  // everything, in order
	states   map[string][]byte
}

func newRecorder() *recorder { return &recorder{states: map[string][]byte{}} }

func stateKey(device, tag string, start int64) string {
	return fmt.Sprintf("%q %q %d", device, tag, start)
}

func (r *recorder) Window(w *Window) {
	c := *w
	c.Percentiles, c.State = slices.Clone(w.Percentiles), slices.Clone(w.State)
	r.windows = append(r.windows, c)
	r.log = fmt.Appendf(r.log, "%+v\n", c)
	r.states[stateKey(w.Device, w.Tag, w.Start)] = c.State
}

func (r *recorder) Reading(x *Reading, why Cause) {
	r.outcomes = append(r.outcomes, why)
	r.log = fmt.Appendf(r.log, "%+v %s\n", *x, why)
}

func (r *recorder) State(device, tag string, start int64) ([]byte, error) {
	return r.states[stateKey(device, tag, start)], nil
}
