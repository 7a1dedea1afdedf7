package simulate

import (
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

const (
	redKeeps = 0.95
	redAdds  = 0.3122498999199199 // so that its variance is 1
)

// measure appends the readings of a device at the time t, and keeps those that
// are sent later.
func (f *Fleet) measure(n int32, t int64, to []Message) []Message {
	d := &f.devices[n]
	sends, way := d.sends(t, &f.config), Prompt
	if t >= d.outages.from && sends > t {
		way = Backlog
		f.tellOutage(d)
	}
	m := Message{Reading: fleet.Reading{Device: d.name, Time: t + d.clock}, Sent: sends, Sensor: n * int32(len(d.sensors)), Way: way}
	for i := range d.sensors {
		s := &d.sensors[i]
		// The last hash decides the fate of the message.
		h := at(s.key, uint64(f.round))
		m.Reading.Tag = f.tags[i]
		m.Reading.Value = f.value(d, i, t, h)
		h = mix(h + 2)
		late, twice := h&0xffffffff < f.late, h>>32 < f.twice
		if way == Prompt && !late && !twice {
			to = append(to, m)
		} else {
			to = f.delay(m, late && way == Prompt, twice, mix(h+1), to)
		}
		m.Sensor++
	}
	return to
}

// value is the next value of a sensor.
func (f *Fleet) value(d *device, tag int, t int64, h uint64) float64 {
	s := &d.sensors[tag]
	s.red = float64(redKeeps*s.red) + float64(redAdds*normal(mix(h+1)))
	v := s.at(t, normal(h), s.red)
	a := &s.anomalies
	if f.round >= a.to && a.to != never {
		a.advance(a.to, a.next(), f.config.Kinds, f.scale, s.Reach())
	}
	if f.round >= a.from && f.round < a.to {
		if !a.told {
			if a.kind == Flat {
				a.size = s.last
				if s.last == 0 {
					a.size = v
				}
			}
			f.tellAnomaly(d, tag)
		}
		v = rounded(a.bend(f.round, v))
	}
	s.last = v
	return v
}

// delay sends a message now or later, once or twice.
func (f *Fleet) delay(m Message, late, twice bool, h uint64, to []Message) []Message {
	if late {
		m.Way = Late
		u := uniform(h)
		m.Sent += int64(time.Second) + int64(float64(f.config.LateBy-time.Second)*(u*u*u))
	}
	if m.Way == Prompt {
		to = append(to, m)
	} else {
		f.keep(&m, m.Sent)
	}
	if twice {
		u := uniform(mix(h))
		m.Copy = 1
		f.keep(&m, m.Sent+1e6+int64(float64(time.Minute-time.Second)*(u*u)))
	}
	return to
}

func (f *Fleet) keep(m *Message, sends int64) {
	f.number++
	f.queue.push(waiting{
		sends: sends / 1e6 * 1e6, time: m.Reading.Time, number: f.number, value: m.Reading.Value,
		sensor: m.Sensor, copy: m.Copy, way: m.Way,
	})
}

func (f *Fleet) tellAnomaly(d *device, tag int) {
	a := &d.sensors[tag].anomalies
	a.told = true
	begins := func(round int64) time.Time { return stamp(round*f.period + d.phase + d.clock) }
	f.truth = append(f.truth, Truth{Device: d.name, Tag: f.tags[tag], Kind: a.kind, Start: begins(a.from), End: begins(a.to), Size: a.size})
}

func (f *Fleet) tellOutage(d *device) {
	if d.told {
		return
	}
	d.told = true
	f.truth = append(f.truth, Truth{Device: d.name, Kind: Outage, Start: stamp(d.outages.from + d.clock), End: stamp(d.outages.to + d.clock)})
}
