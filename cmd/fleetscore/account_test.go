package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/simulate"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

// account is what became of readings by their sender's own record.
type account struct {
	readings     map[fleet.Sensor]map[int64]*sent // by their own time, nanoseconds
	acknowledged int
}

// sent is a reading, of which any number of messages were sent.
type sent struct {
	value float64
	acked bool // one of the messages at least was acknowledged
	twice bool // the service may have seen it more than once
}

// accountOf reads records of simulations.
func accountOf(t *testing.T, records ...string) *account {
	t.Helper()
	a := &account{readings: make(map[fleet.Sensor]map[int64]*sent)}
	for _, path := range records {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r, err := simulate.NewRecordReader(f)
		if err != nil {
			t.Fatal(err)
		}
		var e simulate.Entry
		for {
			if err := r.Next(&e); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			a.add(t, &e)
		}
	}
	return a
}

func (a *account) add(t *testing.T, e *simulate.Entry) {
	t.Helper()
	if e.Outcome == simulate.Rejected {
		t.Errorf("a reading is rejected that nothing is wrong with: %+v", e)
	}
	s := fleet.Sensor{Device: e.Reading.Device, Tag: e.Reading.Tag}
	of := a.readings[s]
	if of == nil {
		of = make(map[int64]*sent)
		a.readings[s] = of
	}
	r := of[e.Reading.Time]
	if r == nil {
		r = &sent{value: e.Reading.Value}
		of[e.Reading.Time] = r
	} else {
		r.twice = true
	}
	r.twice = r.twice || e.Tries > 1
	if e.Outcome == simulate.Acknowledged {
		r.acked = true
		a.acknowledged++
	}
}

// span is from the first reading's time to after the last one's.
func (a *account) span(every time.Duration) (from, to time.Time) {
	least, most := int64(math.MaxInt64), int64(math.MinInt64)
	for _, of := range a.readings {
		for at := range of {
			least, most = min(least, at), max(most, at)
		}
	}
	return time.Unix(0, least).UTC().Truncate(every), time.Unix(0, most).UTC().Truncate(every).Add(every)
}

// balance is where acknowledged readings were found.
type balance struct {
	counted, late, windows, revisions int
	problems                          []string
}

func (b *balance) problem(format string, args ...any) {
	if len(b.problems) < 20 {
		b.problems = append(b.problems, fmt.Sprintf(format, args...))
	}
}

// audit compares what the service has with the account: each acknowledged reading is
// in its window or among the late ones; no reading counts twice, and none is there
// that nobody sent.
func (a *account) audit(t *testing.T, c *client.Client, window string, every time.Duration) *balance {
	t.Helper()
	b := &balance{}
	from, to := a.span(every)
	byDevice := map[string]map[fleet.Sensor]map[int64]bool{}
	for s, of := range a.readings {
		if byDevice[s.Device] == nil {
			byDevice[s.Device] = map[fleet.Sensor]map[int64]bool{}
			for at := from; at.Before(to); at = at.Add(time.Minute) {
				a.late(t, c, window, client.LateQuery{LateFilter: web.LateFilter{Device: s.Device, From: at, To: at.Add(time.Minute)}}, byDevice[s.Device], b)
			}
		}
		var windows []web.SensorWindow
		for at := from; at.Before(to); at = at.Add(time.Hour) {
			list, err := c.Windows(t.Context(), window, s, at, min2(to, at.Add(time.Hour)))
			if err != nil {
				t.Fatalf("windows of %s: %v", s, err)
			}
			windows = append(windows, list.Windows...)
		}
		b.sensor(s, of, byDevice[s.Device][s], windows, every)
	}
	return b
}

func min2(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// late adds those of the readings that are kept aside that q asks for.
func (a *account) late(t *testing.T, c *client.Client, window string, q client.LateQuery, late map[fleet.Sensor]map[int64]bool, b *balance) {
	t.Helper()
	q.Limit = 10_000
	list, err := c.Late(t.Context(), window, q)
	if err != nil || list.More {
		t.Fatalf("late readings of %+v: %v, more: %v", q, err, list != nil && list.More)
	}
	for _, l := range list.Late {
		s := fleet.Sensor{Device: l.Device, Tag: l.Tag}
		r := a.readings[s][l.Time.UnixNano()]
		switch {
		case r == nil || r.value != float64(l.Value):
			b.problem("nobody sent what is kept aside: %+v", l)
			continue
		case late[s] == nil:
			late[s] = map[int64]bool{}
		case late[s][l.Time.UnixNano()] && !r.twice:
			b.problem("kept aside twice, and sent once: %+v", l)
		}
		late[s][l.Time.UnixNano()] = true
	}
}

// expected is what a window can hold: counts and sums of the readings that must be
// in it, and of those that may be.
type expected struct {
	must, may       int
	mustSum, maySum float64
}

// sensor checks the windows of one sensor.
func (b *balance) sensor(s fleet.Sensor, of map[int64]*sent, late map[int64]bool, windows []web.SensorWindow, every time.Duration) {
	want := map[int64]*expected{}
	for at, r := range of {
		start := at - (at%int64(every)+int64(every))%int64(every)
		w := want[start]
		if w == nil {
			w = &expected{}
			want[start] = w
		}
		switch {
		case late[at] && r.twice, !late[at] && !r.acked: // one of its messages may have counted
			w.may++
			w.maySum += r.value
		case late[at]:
			b.late++
		default:
			w.must++
			w.mustSum += r.value
		}
	}
	for i := range windows {
		v := &windows[i]
		w := want[v.Start.UnixNano()]
		delete(want, v.Start.UnixNano())
		b.windows++
		b.counted += int(v.Count)
		if v.Rev > 0 {
			b.revisions++
		}
		switch {
		case w == nil:
			b.problem("%s: there is a window of %v with %d readings, and nobody sent any", s, v.Start, v.Count)
		case int(v.Count) < w.must || int(v.Count) > w.must+w.may:
			b.problem("%s: the window of %v (open: %v, rev %d) has %d readings, and should have %d to %d", s, v.Start, v.Open, v.Rev, v.Count, w.must, w.must+w.may)
		case int(v.Count) == w.must && !near(float64(v.Sum), w.mustSum), int(v.Count) == w.must+w.may && w.may > 0 && !near(float64(v.Sum), w.mustSum+w.maySum):
			b.problem("%s: the window of %v has the sum %v, and should have %v", s, v.Start, v.Sum, w.mustSum)
		}
	}
	for start, w := range want {
		if w.must > 0 {
			b.problem("%s: there is no window of %v, and %d readings of it were acknowledged", s, time.Unix(0, start).UTC(), w.must)
		}
	}
}

// near allows for rounding.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }
