package simulate

import "time"

// device is what the sensors of one have in common. Its times are nanoseconds.
type device struct {
	name    string
	phase   int64 // when in a period it measures
	clock   int64 // by which its clock is ahead
	outages plan
	// catches is until when it sends what it has kept; what it measures until then waits
	// too, if it sends the oldest first.
	catches int64
	told    bool // that the outage begins
	sensors []sensor
}

// sensor is what the next reading depends on.
type sensor struct {
	key uint64
	Profile
	red       float64
	last      float64
	anomalies anomalies
}

// catchUp is how many times faster than it was measured a backlog is sent.
const catchUp = 20

func newDevice(c *Config, n int, period int64) device {
	name := c.DeviceName(n)
	key := keyOf(c.Seed, name)
	d := device{name: name, phase: int64(at(key, 1) % uint64(period)), sensors: make([]sensor, c.Tags)}
	if uniform(at(key, 2)) < c.WrongClocks {
		d.clock = wrongClock(uniform(at(key, 3)))
	}
	start := c.Start.UnixNano()
	luck := c.luck()
	d.outages = newPlan(keyOf(luck, name, "", "outages"), c.Outages, float64(c.OutageLength))
	if c.Outages > 0 {
		d.plan(start+d.outages.first(), c)
	}
	scale := c.AnomalyLength.Seconds() * c.Rate
	for i := range d.sensors {
		s := &d.sensors[i]
		s.Profile = profileOf(keyOf(c.Seed, name, TagName(i)), key, i)
		s.key = keyOf(luck, name, TagName(i))
		s.red = normal(at(s.key, forRed))
		s.anomalies.plan = newPlan(keyOf(luck, name, TagName(i), "anomalies"), c.Anomalies, meanLength(c.Kinds, scale))
		if c.Anomalies > 0 {
			s.anomalies.advance(start/period+1, s.anomalies.first(), c.Kinds, scale, s.Reach())
		}
	}
	return d
}

// luck is the seed of what happens; without Luck it is that of the fleet.
func (c *Config) luck() uint64 {
	if c.Luck == 0 {
		return c.Seed
	}
	return at(c.Seed, c.Luck)
}

// wrongClock makes a number in [0, 1) an error of a clock, in whole seconds.
func wrongClock(u float64) int64 {
	if u < 0.5 {
		return int64(60+2*u*540) * int64(time.Second)
	}
	return -int64(3600+(2*u-1)*5*3600) * int64(time.Second)
}

// plan is the outage that begins at from.
func (d *device) plan(from int64, c *Config) {
	o := &d.outages
	o.from = from
	o.to = from + int64(float64(c.OutageLength)*(0.5+o.random()))
	d.told = false
	d.catches = o.to
	if o.random() < 0.5 { // the oldest first
		d.catches = o.to + (o.to-o.from)/(catchUp-1)
	}
}

// sends is when a reading of the time t leaves the device, which is never before t.
func (d *device) sends(t int64, c *Config) int64 {
	o := &d.outages
	for t >= d.catches && o.from != never {
		d.plan(d.catches+o.next(), c)
	}
	if t < o.from {
		return t
	}
	return max(t, o.to+(t-o.from)/catchUp)
}
