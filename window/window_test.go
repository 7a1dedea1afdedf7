package window

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

const second = int64(time.Second)

func newEngine(t *testing.T, change func(*Config)) (*Engine, *recorder) {
	t.Helper()
	cfg := Defaults()
	if change != nil {
		change(&cfg)
	}
	r := newRecorder()
	e, err := New(cfg, r)
	if err != nil {
		t.Fatal(err)
	}
	return e, r
}

func reading(at int64, value float64) Reading {
	return Reading{Device: "d", Tag: "t", Time: at, Value: value}
}

func add(t *testing.T, e *Engine, r *recorder, at int64, readings ...Reading) {
	t.Helper()
	if err := e.Add(at, readings, r); err != nil {
		t.Fatal(err)
	}
}

func tick(t *testing.T, e *Engine, r *recorder, at int64) {
	t.Helper()
	if err := e.Tick(at, r); err != nil {
		t.Fatal(err)
	}
}

// TestAlignment: windows start at multiples of their length since 1970, before it too.
func TestAlignment(t *testing.T) {
	for _, c := range []struct {
		at, start int64
		every     time.Duration
	}{
		{0, 0, time.Minute},
		{60*second - 1, 0, time.Minute},
		{60 * second, 60 * second, time.Minute},
		{-1, -60 * second, time.Minute},
		{-60 * second, -60 * second, time.Minute},
		{-60*second - 1, -120 * second, time.Minute},
		// The clocks of Berlin went back at 01:00 UTC: the day is a day of UTC.
		{time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC).UnixNano(), time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC).UnixNano(), 24 * time.Hour},
	} {
		e, r := newEngine(t, func(cfg *Config) { cfg.Every = c.every })
		add(t, e, r, c.at, reading(c.at, 1))
		tick(t, e, r, c.at+int64(48*time.Hour))
		if len(r.windows) != 1 || r.windows[0].Start != c.start || r.windows[0].End != c.start+int64(c.every) {
			t.Errorf("%d in windows of %s: %+v", c.at, c.every, r.windows)
		}
	}
}

// TestHopping: a reading is in every window that it is in.
func TestHopping(t *testing.T) {
	e, r := newEngine(t, func(c *Config) { c.Hop = 20 * time.Second })
	add(t, e, r, 0, reading(-1, 2), reading(25*second, 4))
	tick(t, e, r, 1000*second)
	var got []int64
	for _, w := range r.windows {
		got = append(got, w.Start/second, w.Count, int64(w.Sum))
	}
	// The window from -60 s to 0 s was passed by 25 s less 5 s.
	if want := []int64{-60, 1, 2, -40, 1, 2, -20, 2, 6, 0, 1, 4, 20, 1, 4}; !slices.Equal(got, want) {
		t.Fatalf("%v, want %v", got, want)
	}
	// A late one is in all of its windows again, and finds what the others hold.
	r.windows = nil
	add(t, e, r, 1001*second, reading(30*second, 1))
	tick(t, e, r, 2000*second)
	got = nil
	for _, w := range r.windows {
		got = append(got, w.Start/second, int64(w.Rev), w.Count, int64(w.Sum))
	}
	if want := []int64{-20, 1, 3, 7, 0, 1, 2, 5, 20, 1, 2, 5}; !slices.Equal(got, want) {
		t.Fatalf("%v, want %v", got, want)
	}
}

// TestExtremes: what no window can hold is filtered, with its cause, and the rest of
// time is as good as any.
func TestExtremes(t *testing.T) {
	for _, c := range []struct {
		reading Reading
		why     Cause
	}{
		{reading(0, math.NaN()), NotFinite},
		{reading(0, math.Inf(1)), NotFinite},
		{reading(0, math.Inf(-1)), NotFinite},
		{reading(math.MaxInt64, 1), BadTime},
		{reading(math.MinInt64, 1), BadTime},
		{reading(maxTime+1, 1), BadTime},
		{reading(maxTime, 1), Early},
		{reading(int64(5*time.Minute)+1, 1), Early},
		{Reading{Tag: "t"}, BadName},
		{Reading{Device: "d", Tag: strings.Repeat("t", 257)}, BadName},
		{Reading{Device: "\xff"}, BadName},
		{reading(-maxTime, 1), Counted},
		{reading(int64(5*time.Minute), math.MaxFloat64), Counted},
		{Reading{Device: "d"}, Counted},
	} {
		e, r := newEngine(t, func(cfg *Config) { cfg.Lateness = maxDuration; cfg.Tolerance = maxDuration; cfg.Every = maxDuration })
		add(t, e, r, 0, c.reading)
		if got := e.Counts(); got.Readings[c.why] != 1 {
			t.Errorf("%+v ends as %+v, want %s", c.reading, got.Readings, c.why)
		}
		tick(t, e, r, math.MaxInt64)
		if (len(r.windows) == 1) != (c.why == Counted) {
			t.Errorf("%+v gives %+v", c.reading, r.windows)
		}
	}
	e, r := newEngine(t, nil)
	add(t, e, r, math.MinInt64, reading(-maxTime, 1))
	add(t, e, r, math.MaxInt64, reading(maxTime, 1), reading(-maxTime, 1))
	tick(t, e, r, math.MaxInt64)
	if len(r.windows) != 1 || r.windows[0].Start > -maxTime {
		t.Errorf("%+v", r.windows)
	}
}

// TestHugeValues: a sum that overflows is infinite, and no more than that is lost.
func TestHugeValues(t *testing.T) {
	e, r := newEngine(t, nil)
	add(t, e, r, 0, reading(1, math.MaxFloat64), reading(2, math.MaxFloat64), reading(3, 1))
	tick(t, e, r, 100*second)
	if w := r.windows[0]; !math.IsInf(w.Sum, 1) || w.Max != math.MaxFloat64 || w.Min != 1 || w.Last != 1 || w.Count != 3 {
		t.Errorf("%+v", w)
	}
}

// TestCancellation: the sum is right where adding loses all digits.
func TestCancellation(t *testing.T) {
	e, r := newEngine(t, nil)
	add(t, e, r, 0, reading(1, 1e16), reading(2, 1), reading(3, -1e16), reading(4, 1e-3))
	add(t, e, r, 0, Reading{Device: "o", Time: 1, Value: 1e9 + 4}, Reading{Device: "o", Time: 2, Value: 1e9 + 7}, Reading{Device: "o", Time: 3, Value: 1e9 + 13}, Reading{Device: "o", Time: 4, Value: 1e9 + 16})
	tick(t, e, r, 100*second)
	if r.windows[0].Sum != 1.001 {
		t.Errorf("the sum is %v", r.windows[0].Sum)
	}
	if got, want := r.windows[1].Stddev, math.Sqrt(30); math.Abs(got-want) > 1e-9 {
		t.Errorf("the standard deviation is %v, want %v", got, want)
	}
}

// TestMergedCancellation: so it is where windows are merged of panes.
func TestMergedCancellation(t *testing.T) {
	e, r := newEngine(t, func(c *Config) { c.Hop = 20 * time.Second })
	add(t, e, r, 0, reading(second, 1e16), reading(2*second, 1), reading(21*second, -1e16), reading(22*second, 1e-3), reading(41*second, 1e16), reading(42*second, 1), reading(43*second, -1e16))
	tick(t, e, r, 200*second)
	for _, w := range r.windows {
		if w.Start == 0 && w.Sum != 2.001 {
			t.Errorf("the sum is %v", w.Sum)
		}
	}
}

func TestFilters(t *testing.T) {
	e, r := newEngine(t, func(c *Config) {
		c.Filters = []Filter{{Kind: Drop, Min: -999, Max: -999}, {Kind: Range, Tag: "t", Min: -100, Max: 100}, {Kind: Clamp, Min: 0, Max: math.Inf(1)}}
	})
	add(t, e, r, 0, reading(1, -999), reading(2, -101), reading(3, 101), reading(4, -5), reading(5, 7), Reading{Device: "d", Tag: "u", Time: 1, Value: 101})
	// What is the same after the filters is the same.
	add(t, e, r, 0, reading(4, -6), reading(5, 8))
	tick(t, e, r, 100*second)
	if want := []Cause{Dropped, OutOfRange, OutOfRange, Duplicate, Conflict}; !slices.Equal(r.outcomes, want) {
		t.Errorf("they end as %v, want %v", r.outcomes, want)
	}
	if len(r.windows) != 2 || r.windows[0].Min != 0 || r.windows[0].Count != 2 || r.windows[0].Max != 8 || r.windows[1].Max != 101 || e.Counts().Clamped != 2 {
		t.Errorf("%+v, %+v", r.windows, e.Counts())
	}
}

// TestBacklog: a device that was away has all its readings counted, whether it sends
// the newest or the oldest first, and its windows come out once each.
func TestBacklog(t *testing.T) {
	for _, newestFirst := range []bool{false, true} {
		e, r := newEngine(t, nil)
		const hours = 6 * 3600
		var backlog []Reading
		for s := int64(0); s < hours; s += 10 {
			backlog = append(backlog, reading(s*second, float64(s)))
		}
		if newestFirst {
			slices.Reverse(backlog)
		}
		for i := 0; i < len(backlog); i += 500 {
			add(t, e, r, hours*second+int64(i), backlog[i:min(i+500, len(backlog))]...)
		}
		tick(t, e, r, (hours+100)*second)
		count := int64(0)
		for _, w := range r.windows {
			count += w.Count
		}
		if len(r.windows) != hours/60 || count != hours/10 || e.Counts().Revisions > 0 || len(r.outcomes) > 0 {
			t.Errorf("newest first %v: %d windows with %d readings, %+v", newestFirst, len(r.windows), count, e.Counts())
		}
		if e.panes.used+e.chunks.used+e.lists.long.used != 0 {
			t.Errorf("%d panes, %d chunks and %d lists remain", e.panes.used, e.chunks.used, e.lists.long.used)
		}
	}
}

// TestForgotten: what has been away for long leaves nothing, and its windows' states
// are found when it comes back.
func TestForgotten(t *testing.T) {
	e, r := newEngine(t, func(c *Config) { c.Forget = time.Hour })
	add(t, e, r, 0, reading(0, 1), Reading{Device: "d", Tag: "u"}, Reading{Device: "e", Tag: "t"})
	tick(t, e, r, 3700*second)
	if e.devices.used+e.sensors.used+e.panes.used+e.table.used+e.names.used != 0 {
		t.Fatalf("%d devices, %d sensors, %d panes, %d and %d names remain", e.devices.used, e.sensors.used, e.panes.used, e.table.used, e.names.used)
	}
	add(t, e, r, 3700*second, reading(0, 1), reading(second, 2))
	tick(t, e, r, 3800*second)
	if last := r.windows[len(r.windows)-1]; last.Rev != 1 || last.Count != 2 || e.Counts().Readings[Duplicate] != 1 {
		t.Errorf("%+v, %+v", last, e.Counts())
	}
}

func TestMostSensors(t *testing.T) {
	e, r := newEngine(t, func(c *Config) { c.MaxSensors = 1 })
	add(t, e, r, 0, reading(0, 1), Reading{Device: "e"}, reading(1, 1))
	if !slices.Equal(r.outcomes, []Cause{TooMany}) {
		t.Errorf("they end as %v", r.outcomes)
	}
}

// failing has no states.
type failing struct{}

var errGone = errors.New("gone")

func (failing) State(string, string, int64) ([]byte, error) { return nil, errGone }

// TestStatesFail: without a state that it needs the engine goes no further, and writes
// no snapshot that looks as if it had.
func TestStatesFail(t *testing.T) {
	e, _ := New(Defaults(), failing{})
	r := newRecorder()
	add(t, e, r, 0, reading(0, 1))
	tick(t, e, r, 100*second)
	if err := e.Add(101*second, []Reading{reading(1, 1)}, r); !errors.Is(err, errGone) {
		t.Errorf("Add returns %v", err)
	}
	if err := e.Tick(102*second, r); !errors.Is(err, errGone) {
		t.Errorf("Tick returns %v", err)
	}
	if _, err := e.AppendSnapshot(nil); !errors.Is(err, errGone) {
		t.Errorf("AppendSnapshot returns %v", err)
	}
}

// TestOpen: open windows can be looked at, and that changes nothing.
func TestOpen(t *testing.T) {
	e, r := newEngine(t, func(c *Config) { c.Percentiles = []float64{0.5}; c.Hop = 30 * time.Second })
	add(t, e, r, 0, reading(0, 1), reading(second, 2), reading(second, 5))
	before, _ := e.AppendSnapshot(nil)
	var got []float64
	for range 2 {
		if err := e.Open("d", "t", func(w *Window) { got = append(got, float64(w.Start/second), float64(w.Count), w.Max, w.Percentiles[0]) }); err != nil {
			t.Fatal(err)
		}
	}
	if want := []float64{-30, 2, 5, 1, 0, 2, 5, 1, -30, 2, 5, 1, 0, 2, 5, 1}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if end, ok := e.Oldest(); !ok || end != 30*second {
		t.Errorf("the oldest ends at %d, %v", end, ok)
	}
	if after, _ := e.AppendSnapshot(nil); string(after) != string(before) {
		t.Error("looking has changed it")
	}
	tick(t, e, r, 1000*second)
	if _, ok := e.Oldest(); ok {
		t.Error("something is open")
	}
}

func TestCoverage(t *testing.T) {
	e, r := newEngine(t, func(c *Config) { c.Expected = 10 * time.Second })
	add(t, e, r, 0, reading(0, 1), reading(second, 1), reading(2*second, 1))
	tick(t, e, r, 100*second)
	if r.windows[0].Coverage != 0.5 {
		t.Errorf("the coverage is %v", r.windows[0].Coverage)
	}
}

// TestNegativeZero: -0 is 0, as the same reading again or as a result.
func TestNegativeZero(t *testing.T) {
	e, r := newEngine(t, nil)
	add(t, e, r, 0, reading(1, math.Copysign(0, -1)), reading(1, 0))
	tick(t, e, r, 100*second)
	if w := r.windows[0]; math.Signbit(w.Min) || w.Count != 1 || e.Counts().Readings[Duplicate] != 1 {
		t.Errorf("%+v", w)
	}
}

// TestReplayed: what is replayed counts however late it is, in a revision of a window
// that is closed for good, once; but not if its time has not come.
func TestReplayed(t *testing.T) {
	e, r := newEngine(t, nil)
	day := 24 * 3600 * second
	add(t, e, r, 0, reading(10*second, 1))
	add(t, e, r, 3*day, reading(3*day, 1))
	late := reading(11*second, 5)
	add(t, e, r, 3*day, late)
	late.Replayed = true
	early := reading(3*day+3600*second, 1)
	early.Replayed = true
	other := Reading{Device: "d", Tag: "other", Time: 12 * second, Value: 7, Replayed: true} // of a sensor that is not known
	add(t, e, r, 3*day+second, late, late, early, other)
	if want := []Cause{Late, Duplicate, Early}; !slices.Equal(r.outcomes, want) {
		t.Errorf("readings end as %v, want %v", r.outcomes, want)
	}
	r.windows = nil
	tick(t, e, r, 3*day+12*second)
	if len(r.windows) != 2 || r.windows[0].Rev != 1 || r.windows[0].Count != 2 || r.windows[0].Sum != 6 || r.windows[1].Rev != 0 || r.windows[1].Sum != 7 {
		t.Errorf("%+v", r.windows)
	}
}

// TestCounts: what is counted since a moment does not fall when an engine goes back.
func TestCounts(t *testing.T) {
	e, r := newEngine(t, nil)
	add(t, e, r, 0, reading(1*second, 1))
	before := e.Counts()
	snapshot, _ := e.AppendSnapshot(nil)
	var done Counts
	for range 2 {
		e, err := Restore(e.cfg, r, snapshot)
		if err != nil {
			t.Fatal(err)
		}
		done.Raise(e.Counts().Less(&before))
		for i := range 3 {
			add(t, e, r, 3600*second, reading(int64(3500+i)*second, 1))
			done.Raise(e.Counts().Less(&before))
			if done.Readings[Counted] < uint64(i+1) || done.Readings[Counted] > 3 || done.Windows != 1 {
				t.Errorf("%+v", done)
			}
		}
	}
	if e.Panes() != 1 {
		t.Errorf("%d windows are open", e.Panes())
	}
}
