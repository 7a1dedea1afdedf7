package window

import (
	"math"
	"slices"
	"sort"
)

// oracle does what an Engine does, as simply as can be: it keeps all readings there
// ever were, and all windows, and looks through all of them each time.
type oracle struct {
	cfg     Config
	now     int64
	devices map[string]*oracleDevice
	sensors map[[2]string][]Reading // that count
	windows map[oracleKey]*oracleWindow
	out     []Window // of the last call
	causes  []Cause
}

type oracleDevice struct {
	high, moved, settle int64
	seen, unsettled     bool
}

type oracleKey struct {
	device, tag string
	start       int64
}

type oracleWindow struct {
	revs    int32
	changed bool
}

func newOracle(cfg Config) *oracle {
	if cfg.Hop == 0 {
		cfg.Hop = cfg.Every
	}
	return &oracle{cfg: cfg, now: math.MinInt64, devices: map[string]*oracleDevice{}, sensors: map[[2]string][]Reading{}, windows: map[oracleKey]*oracleWindow{}}
}

func (o *oracle) passed(d *oracleDevice, time int64) bool {
	return d.seen && time <= d.high-int64(o.cfg.Tolerance)
}

func (o *oracle) closed(d *oracleDevice, k oracleKey) bool {
	return o.windows[k] != nil && o.windows[k].revs > 0 || o.passed(d, k.start+int64(o.cfg.Every))
}

// due is when an open window is emitted if its device stands still.
func (o *oracle) due(d *oracleDevice, k oracleKey) int64 {
	return max(k.start+int64(o.cfg.Every), d.moved) + int64(o.cfg.Idle)
}

// tick makes everything happen that is to happen by then, in order.
func (o *oracle) tick(at int64) {
	if at <= o.now {
		return
	}
	for {
		next := int64(math.MaxInt64)
		for name, d := range o.devices {
			busy := false
			if d.unsettled {
				next, busy = min(next, d.settle), true
			}
			for k, w := range o.windows {
				if k.device == name && w.changed && !o.closed(d, k) {
					next, busy = min(next, o.due(d, k)), true
				}
			}
			if !busy {
				next = min(next, d.moved+int64(o.cfg.Forget))
			}
		}
		if next > at {
			break
		}
		for name, d := range o.devices {
			busy := false
			for k, w := range o.windows {
				if k.device != name || !w.changed {
					continue
				}
				closed := o.closed(d, k)
				if closed && d.unsettled && d.settle <= next || !closed && o.due(d, k) <= next {
					o.emit(k)
				} else {
					busy = true
				}
			}
			if d.unsettled && d.settle <= next {
				d.unsettled = false
			}
			if !busy && !d.unsettled && d.moved+int64(o.cfg.Forget) <= next {
				delete(o.devices, name)
			}
		}
	}
	o.now = at
}

func (o *oracle) add(r Reading) Cause {
	if math.IsNaN(r.Value) || math.IsInf(r.Value, 0) {
		return NotFinite
	}
	if r.Time > o.now+int64(o.cfg.Early) {
		return Early
	}
	every, hop := int64(o.cfg.Every), int64(o.cfg.Hop)
	var in []oracleKey // by start
	for start := int64(math.Floor(float64(r.Time)/float64(hop)))*hop - every; start <= r.Time; start += hop {
		if r.Time < start+every {
			in = append(in, oracleKey{r.Device, r.Tag, start})
		}
	}
	d := o.devices[r.Device]
	if d != nil && !r.Replayed && o.passed(d, in[0].start+every+int64(o.cfg.Lateness)) {
		return Late
	}
	if d == nil {
		d = &oracleDevice{moved: o.now}
		o.devices[r.Device] = d
	}
	sensor := [2]string{r.Device, r.Tag}
	why, same := Counted, -1
	for i, x := range o.sensors[sensor] {
		if !r.Received && !x.Received && x.Time == r.Time && x.HasSeq == r.HasSeq && (!x.HasSeq || x.Seq == r.Seq) {
			if x.Value == r.Value {
				why = Duplicate
				break
			}
			why, same = Conflict, i
		}
	}
	for _, k := range in {
		if o.closed(d, k) && !d.unsettled {
			d.unsettled, d.settle = true, o.now+int64(o.cfg.Settle)
		}
		if why != Duplicate {
			if o.windows[k] == nil {
				o.windows[k] = &oracleWindow{}
			}
			o.windows[k].changed = true
		}
	}
	if why == Conflict && o.cfg.Keep == KeepLast {
		o.sensors[sensor][same].Value = r.Value
	} else if why != Duplicate {
		o.sensors[sensor] = append(o.sensors[sensor], r)
	}
	if !d.seen || r.Time > d.high {
		before := *d
		d.seen, d.high, d.moved = true, r.Time, o.now
		for k, w := range o.windows {
			if k.device == r.Device && w.changed && o.passed(d, k.start+every) && !o.passed(&before, k.start+every) {
				o.emit(k)
			}
		}
	}
	return why
}

func (o *oracle) emit(k oracleKey) {
	w := o.windows[k]
	w.revs++
	w.changed = false
	o.out = append(o.out, o.window(k))
}

// window computes a window from its definition.
func (o *oracle) window(k oracleKey) Window {
	w := Window{Device: k.device, Tag: k.tag, Start: k.start, End: k.start + int64(o.cfg.Every), Rev: o.windows[k].revs - 1}
	var in []Reading
	for _, r := range o.sensors[[2]string{k.device, k.tag}] {
		if w.Start <= r.Time && r.Time < w.End {
			in = append(in, r)
		}
	}
	sort.Slice(in, func(i, j int) bool {
		return in[i].Time < in[j].Time || in[i].Time == in[j].Time && in[i].Value < in[j].Value
	})
	var values []float64
	for _, r := range in {
		values = append(values, r.Value)
		w.Sum += r.Value
	}
	n := float64(len(in))
	w.Count, w.Mean = int64(len(in)), w.Sum/n
	w.First, w.FirstTime = in[0].Value, in[0].Time
	w.Last, w.LastTime = in[len(in)-1].Value, in[len(in)-1].Time
	for _, v := range values {
		w.Stddev += (v - w.Mean) * (v - w.Mean)
	}
	w.Stddev = math.Sqrt(w.Stddev / (n - 1))
	w.Coverage = math.NaN()
	if o.cfg.Expected > 0 {
		w.Coverage = n / (o.cfg.Every.Seconds() / o.cfg.Expected.Seconds())
	}
	slices.Sort(values)
	w.Min, w.Max = values[0], values[len(values)-1]
	for _, q := range o.cfg.Percentiles {
		w.Percentiles = append(w.Percentiles, values[max(0, int(math.Ceil(q*n))-1)])
	}
	return w
}
