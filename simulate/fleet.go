package simulate

import (
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// Way is how a message comes.
type Way uint8

// The ways.
const (
	Prompt  Way = iota // at once
	Late               // the network held it back
	Backlog            // the device was cut off
)

// Message is a reading as it is sent, once.
type Message struct {
	Reading fleet.Reading
	Sent    int64 // nanoseconds since 1970, by a clock that is right
	Sensor  int32 // its number
	Copy    uint8 // 1: it was sent before
	Way     Way
}

// Fleet makes what devices send. It has no clock: Step is told the time. What it
// makes depends on its Config only, and not on the steps.
type Fleet struct {
	config  Config
	period  int64
	devices []device
	order   []int32 // of devices, as they measure within a period
	tags    []string
	scale   float64 // the length of anomalies, in readings
	late    uint64  // shares as numbers of 32 bits
	twice   uint64

	round  int64 // the period that is measured
	next   int   // the place in order
	queue  queue
	number uint64
	truth  []Truth
}

// New is a fleet that has sent nothing yet.
func New(c Config) (*Fleet, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	f := &Fleet{
		config: c, period: int64(float64(time.Second) / c.Rate), scale: c.AnomalyLength.Seconds() * c.Rate,
		late: uint64(c.Late * (1 << 32)), twice: uint64(c.Duplicates * (1 << 32)),
		devices: make([]device, c.Devices), order: make([]int32, c.Devices), tags: make([]string, c.Tags),
	}
	for i := range f.tags {
		f.tags[i] = TagName(i)
	}
	for i := range f.devices {
		f.devices[i] = newDevice(&c, i, f.period)
		f.order[i] = int32(i)
		if d := &f.devices[i]; d.clock != 0 {
			f.truth = append(f.truth, Truth{Device: d.name, Kind: Clock, Start: stamp(c.Start.UnixNano() + d.clock), Size: float64(d.clock / int64(time.Second))})
		}
	}
	slices.SortStableFunc(f.order, func(a, b int32) int { return int(f.devices[a].phase - f.devices[b].phase) })
	start := c.Start.UnixNano()
	f.round = start / f.period
	for f.next < len(f.order) && f.round*f.period+f.devices[f.order[f.next]].phase < start {
		f.next++
	}
	return f, nil
}

// Config is what the fleet is like, with nothing left out.
func (f *Fleet) Config() Config { return f.config }

// Step appends to the messages given those that are sent until now, that moment
// included, in the order in which they are sent, and returns them.
func (f *Fleet) Step(now time.Time, to []Message) []Message {
	until := now.UnixNano()
	for {
		if f.next == len(f.order) {
			f.next = 0
			f.round++
		}
		n := f.order[f.next]
		t := (f.round*f.period + f.devices[n].phase) / 1e6 * 1e6
		if t > until {
			break
		}
		for len(f.queue) > 0 && f.queue[0].sends < t {
			to = append(to, f.waited())
		}
		to = f.measure(n, t, to)
		f.next++
	}
	for len(f.queue) > 0 && f.queue[0].sends <= until {
		to = append(to, f.waited())
	}
	return to
}

// Planted is what has begun to go wrong since it was last asked.
func (f *Fleet) Planted() []Truth {
	all := f.truth
	f.truth = nil
	return all
}

// waited takes the next message out of the queue.
func (f *Fleet) waited() Message {
	w := f.queue.pop()
	d, tag := int(w.sensor)/f.config.Tags, int(w.sensor)%f.config.Tags
	return Message{
		Reading: fleet.Reading{Device: f.devices[d].name, Tag: f.tags[tag], Time: w.time, Value: w.value},
		Sent:    w.sends, Sensor: w.sensor, Copy: w.copy, Way: w.way,
	}
}

// stamp makes nanoseconds a time, to the millisecond.
func stamp(t int64) time.Time { return time.UnixMilli(t / int64(time.Millisecond)).UTC() }
