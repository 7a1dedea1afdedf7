package simulate

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fleetscore/fleetscore/fleet"
)

var start = time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)

// everything is a fleet in which all goes wrong that can.
func everything() Config {
	return Config{
		Devices: 40, Tags: 5, Rate: 1, Seed: 1, Start: start, Anomalies: 0.02, AnomalyLength: 10 * time.Second,
		Late: 0.02, LateBy: time.Minute, Duplicates: 0.01, Outages: 0.1, OutageLength: 2 * time.Minute, WrongClocks: 0.2,
	}
}

func newFleet(t testing.TB, c Config) *Fleet {
	f, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestStepsDoNotMatter: any steps give the messages, and the truth, of one step.
func TestStepsDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := everything()
		c.Devices = rapid.IntRange(1, 8).Draw(t, "devices")
		c.Seed = rapid.Uint64().Draw(t, "seed")
		c.Rate = rapid.SampledFrom([]float64{0.1, 1, 3, 700}).Draw(t, "rate")
		length := int64(1000 / c.Rate * float64(time.Second))
		whole, parts := must(New(c)), must(New(c))
		end := start.Add(time.Duration(length))
		want := whole.Step(end, nil)
		truth := whole.Planted()
		var got []Message
		var told []Truth
		for now := start; now.Before(end); {
			now = now.Add(time.Duration(rapid.Int64Range(1, length/2).Draw(t, "step")))
			if now.After(end) {
				now = end
			}
			got = parts.Step(now, got)
			told = append(told, parts.Planted()...)
		}
		if !slices.Equal(got, want) || !slices.Equal(told, truth) {
			t.Fatalf("%d messages and %d truths, not %d and %d, or others", len(got), len(told), len(want), len(truth))
		}
		if !slices.IsSortedFunc(got, func(a, b Message) int { return int(a.Sent - b.Sent) }) {
			t.Fatal("messages are not in the order in which they are sent")
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestLuckMatters: with other luck the same sensors have other readings, and
// other things go wrong.
func TestLuckMatters(t *testing.T) {
	c := everything()
	first := newFleet(t, c)
	c.Luck = 7
	second := newFleet(t, c)
	end := start.Add(time.Minute)
	if slices.Equal(first.Step(end, nil), second.Step(end, nil)) {
		t.Error("other luck gives the same messages")
	}
	if slices.Equal(first.Planted(), second.Planted()) {
		t.Error("with other luck the same goes wrong")
	}
	if first.Config().Profile(5) != second.Config().Profile(5) {
		t.Error("other luck makes other sensors")
	}
}

// TestSeedsMatter: another seed is another fleet.
func TestSeedsMatter(t *testing.T) {
	c := everything()
	a := newFleet(t, c).Step(start.Add(time.Minute), nil)
	c.Seed++
	b := newFleet(t, c).Step(start.Add(time.Minute), nil)
	if slices.Equal(a, b) {
		t.Error("two seeds give the same messages")
	}
}

// TestShares: what was asked for is what comes, over an hour and a half.
func TestShares(t *testing.T) {
	c := everything()
	c.Devices, c.Tags = 300, 1
	f := newFleet(t, c)
	seen := make(map[fleet.Sensor]map[int64]bool)
	var readings, late, twice, backlog, anomalous, wrong float64
	plan := make(truths)
	var messages []Message
	for now := start; now.Before(start.Add(90 * time.Minute)); {
		now = now.Add(10 * time.Second)
		messages = f.Step(now, messages[:0])
		plan.add(f.Planted())
		for i := range messages {
			m := &messages[i]
			if m.Copy == 1 {
				twice++
				continue
			}
			readings++
			times := seen[m.Reading.Sensor()]
			if times == nil {
				times = make(map[int64]bool)
				seen[m.Reading.Sensor()] = times
			}
			if times[m.Reading.Time] {
				t.Fatalf("%s has two readings of %d", m.Reading.Sensor(), m.Reading.Time)
			}
			times[m.Reading.Time] = true
			switch m.Way {
			case Late:
				late++
			case Backlog:
				backlog++
			}
			if plan.at(m.Reading.Sensor(), m.Reading.Time) != nil {
				anomalous++
			}
			if clock := m.Reading.Time - m.Sent; clock > 30e9 || clock < -3600e9 {
				wrong++
			}
		}
	}
	near := func(what string, got, want, by float64) {
		t.Helper()
		if math.Abs(got-want) > by*want {
			t.Errorf("%s: %g, want about %g", what, got, want)
		}
	}
	near("readings", readings, 300*5400, 0.02)
	near("late", late/(readings-backlog), 0.02, 0.05)
	near("twice", twice/readings, 0.01, 0.05)
	near("backlog", backlog/readings, 0.1, 0.2)
	near("anomalous", anomalous/readings, 0.02, 0.1)
	near("wrong clocks", wrong/readings, 0.2, 0.3)
}

// TestAnomaliesShow: each that is planted is there, in all its readings, and
// where none is, values are normal.
func TestAnomaliesShow(t *testing.T) {
	c := everything()
	c.Devices = 60
	f := newFleet(t, c)
	messages := f.Step(start.Add(time.Hour), nil)
	slices.SortStableFunc(messages, func(a, b Message) int { return int(a.Reading.Time - b.Reading.Time) })
	plan := make(truths)
	plan.add(f.Planted())
	kinds := make(map[Kind]int)
	strange, normal := 0, 0
	for i := range messages {
		m := &messages[i]
		a := plan.at(m.Reading.Sensor(), m.Reading.Time)
		p := c.Profile(int(m.Sensor))
		off, reach := math.Abs(m.Reading.Value-p.Base), p.Reach()
		if a == nil {
			normal++
			if off > reach {
				strange++
			}
			continue
		}
		kinds[a.Kind]++
		share := float64(m.Reading.Time-a.Start.UnixNano()) / float64(a.End.Sub(a.Start))
		switch {
		case (a.Kind == Spike || a.Kind == Shift) && off <= reach,
			a.Kind == Drift && share > 0.7 && off <= reach,
			a.Kind == Flat && m.Reading.Value != a.Size:
			t.Fatalf("%+v does not show in %+v of %+v", a, m.Reading, p)
		}
	}
	if strange > 1 {
		t.Errorf("%d of %d normal values are out of reach", strange, normal)
	}
	for _, k := range AnomalyKinds() {
		if kinds[k] == 0 {
			t.Errorf("no %s was planted", k)
		}
	}
}

// TestProfile: levels and noise of what is sent are those of the profile, and the
// noise has a memory.
func TestProfile(t *testing.T) {
	c := Config{Devices: 1, Tags: 8, Rate: 0.1, Seed: 3, Start: start}
	sums := make([][]float64, 8)
	messages := newFleet(t, c).Step(start.Add(9*24*time.Hour), nil)
	for i := range messages {
		m := &messages[i]
		p := c.Profile(int(m.Sensor))
		sums[m.Sensor] = append(sums[m.Sensor], (m.Reading.Value-p.normal(m.Reading.Time))/p.Noise)
	}
	for n, noise := range sums {
		mean, square, lag := 0.0, 0.0, 0.0
		for i, v := range noise {
			mean += v / float64(len(noise))
			square += v * v / float64(len(noise))
			if i > 0 {
				lag += v * noise[i-1] / float64(len(noise))
			}
		}
		if math.Abs(mean) > 0.08 || math.Abs(square-1) > 0.08 || math.Abs(lag-0.64*0.95) > 0.08 {
			t.Errorf("%s: noise has mean %g, variance %g and covariance %g", c.Sensor(n), mean, square, lag)
		}
	}
}

// TestTraining: means to train on are spread as those of a fleet are.
func TestTraining(t *testing.T) {
	c := Config{Devices: 1, Tags: 3, Rate: 0.1, Seed: 3, Start: start}
	const window = time.Minute
	fleet := make([]spread, c.Tags)
	windows := make(map[[2]int64][]float64)
	messages := newFleet(t, c).Step(start.Add(9*24*time.Hour), nil)
	for i := range messages {
		m := &messages[i]
		k := [2]int64{int64(m.Sensor), m.Reading.Time / int64(window)}
		windows[k] = append(windows[k], m.Reading.Value)
	}
	for k, values := range windows {
		sum := 0.0
		for _, v := range values {
			sum += v
		}
		fleet[k[0]].add(sum / float64(len(values)))
	}
	for n := range fleet {
		var training spread
		for _, v := range c.Training(n, window, 2000) {
			training.add(v)
		}
		p := c.Profile(n)
		m1, d1 := fleet[n].of()
		m2, d2 := training.of()
		if math.Abs(m1-m2) > 0.05*p.Reach() || math.Abs(d1-d2) > 0.05*d1 {
			t.Errorf("%s: means are %g ± %g, and %g ± %g to train on", c.Sensor(n), m1, d1, m2, d2)
		}
	}
}

// spread is the mean and the standard deviation of values.
type spread struct{ n, sum, squares float64 }

func (s *spread) add(v float64) { s.n++; s.sum += v; s.squares += v * v }

func (s *spread) of() (mean, deviation float64) {
	mean = s.sum / s.n
	return mean, math.Sqrt(s.squares/s.n - mean*mean)
}

// truths finds the anomaly of a reading.
type truths map[fleet.Sensor][]Truth

func (p truths) add(all []Truth) {
	for _, t := range all {
		if t.Anomaly() {
			s := fleet.Sensor{Device: t.Device, Tag: t.Tag}
			p[s] = append(p[s], t)
		}
	}
}

func (p truths) at(s fleet.Sensor, time int64) *Truth {
	for i, t := range p[s] {
		if time >= t.Start.UnixNano() && time < t.End.UnixNano() {
			return &p[s][i]
		}
	}
	return nil
}

// BenchmarkStep is with the shares of the command's example.
func BenchmarkStep(b *testing.B) {
	c := Config{Devices: 1000, Tags: 5, Rate: 1, Seed: 1, Start: start, Anomalies: 0.001, Late: 0.02, Duplicates: 0.01, Outages: 0.01}
	f := newFleet(b, c)
	var messages []Message
	sent, now := 0, start
	for b.Loop() {
		now = now.Add(100 * time.Millisecond)
		messages = f.Step(now, messages[:0])
		sent += len(messages)
	}
	b.ReportMetric(float64(sent)/b.Elapsed().Seconds(), "readings/s")
}
