package simulate

import (
	"fmt"
	"strconv"

	"github.com/fleetscore/fleetscore/fleet"
)

// Profile is how a sensor behaves when nothing is wrong. At the time t its value is
//
//	Base + Swing·wave(t in the day) + Drift·wave(t in nine days) + Noise·(0.6·white + 0.8·red)
//
// where white and red have variance 1, and red is an AR(1) process in which a
// reading has 0.95 of the one before. Values are rounded to three decimals.
type Profile struct {
	Base  float64 `json:"base"`
	Swing float64 `json:"swing"` // of the day
	Drift float64 `json:"drift"`
	Noise float64 `json:"noise"` // its standard deviation

	dayPhase, driftPhase uint64 // nanoseconds
}

// Reach is how far from Base a value may be when nothing is wrong: farther is
// less likely than one in a million.
func (p *Profile) Reach() float64 { return max(p.Swing, -p.Swing) + p.Drift + 5*p.Noise }

// quantity is what a tag measures.
type quantity struct {
	name               string
	rest, swing, noise float64
}

var quantities = [...]quantity{
	{"temperature", 61, 6, 0.6}, {"vibration", 2.4, 0.3, 0.12}, {"pressure", 4.8, -0.25, 0.06}, {"current", 14, 1.8, 0.35},
	{"flow", 120, 11, 2.2}, {"speed", 1480, 25, 6}, {"level", 3.2, 0.5, 0.05}, {"humidity", 45, -9, 1.1},
}

// TagName is the name of the n-th tag of every device.
func TagName(n int) string {
	q := quantities[n%len(quantities)].name
	if round := n / len(quantities); round > 0 {
		return q + "-" + strconv.Itoa(round+1)
	}
	return q
}

// DeviceName is the name of the n-th device.
func (c Config) DeviceName(n int) string {
	return c.withDefaults().Prefix + fmt.Sprintf("%0*d", len(strconv.Itoa(c.Devices)), n+1)
}

// Sensor is the n-th sensor: those of a device are together.
func (c Config) Sensor(n int) fleet.Sensor {
	return fleet.Sensor{Device: c.DeviceName(n / c.Tags), Tag: TagName(n % c.Tags)}
}

// Profile is how the n-th sensor behaves. It depends on the seed and the names only.
func (c Config) Profile(n int) Profile {
	s := c.Sensor(n)
	return profileOf(keyOf(c.Seed, s.Device, s.Tag), keyOf(c.Seed, s.Device), n%c.Tags)
}

// The numbers of a sensor's key that are used before those of its readings.
const (
	forBase = ^uint64(0) - iota
	forSwing
	forNoise
	forDrift
	forDay
	forDriftPhase
	forRed
)

func profileOf(sensor, device uint64, tag int) Profile {
	q := quantities[tag%len(quantities)]
	spread := func(h uint64, by float64) float64 { return 1 + by*(2*uniform(h)-1) }
	p := Profile{
		Base:  q.rest * spread(at(device, forBase), 0.08) * spread(at(sensor, forBase), 0.04),
		Swing: q.swing * spread(at(sensor, forSwing), 0.3),
		Noise: q.noise * spread(at(sensor, forNoise), 0.3),
	}
	p.Drift = p.Noise * (0.5 + uniform(at(sensor, forDrift)))
	// Days of machines are alike, give or take an hour.
	p.dayPhase = at(sensor, forDay) % hour
	p.driftPhase = at(sensor, forDriftPhase) % driftPeriod
	return p
}

// Nanoseconds.
const (
	hour        = 3_600_000_000_000
	day         = 24 * hour
	driftPeriod = 9 * day
)

// normal is the value at a time without noise.
func (p *Profile) normal(t int64) float64 {
	daily := float64((uint64(t)+p.dayPhase)%day) * (1.0 / day)
	slow := float64((uint64(t)+p.driftPhase)%driftPeriod) * (1.0 / driftPeriod)
	return p.Base + float64(p.Swing*wave(daily)) + float64(p.Drift*wave(slow))
}

// at is the value at a time, with noise.
func (p *Profile) at(t int64, white, red float64) float64 {
	return rounded(p.normal(t) + float64(p.Noise*(float64(0.6*white)+float64(0.8*red))))
}
