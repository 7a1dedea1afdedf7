package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fleetscore/fleetscore/fleet"
)

func TestParseTime(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)
	for _, text := range []string{"2026-11-23T13:00:00Z", "2026-11-23T13:00Z", "2026-11-23T13:00", "2026-11-23T13", "2026-11-23T14:00+01:00", "2026-11-23T14:00 01:00", "2026-11-23T12:00:00-01:00"} {
		if got, err := ParseTime(text); err != nil || !got.Equal(want) {
			t.Errorf("%q is %s, %v", text, got, err)
		}
	}
	hour := fleet.NewInterval(want, want.Add(time.Hour))
	for text, want := range map[string]fleet.Interval{
		hour.Key(): hour, hour.String(): hour, "2026-11-23T13:00Z/2026-11-23T14:00Z": hour, "2026-11-23T13": {From: want},
	} {
		if got, err := ParseInterval(text); err != nil || got != want {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "now", "2026", "2026-11-23T13:00Z/", "2026-11-23T13:00Z/2026-11-23T13:00Z", "/", strings.Repeat("1", 1000)} {
		if got, err := ParseInterval(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"2026-11-23T13:00Z", "2026-11-23T13:00Z/2026-11-24", "20261123T130000Z_20261123T140000Z", "ABCD-12", "0-12", "12", "MTphYg", "Bearer x", "Basic YTpi", "http://127.0.0.1:1"} {
		f.Add(text)
	}
	g := newGuard("127.0.0.1:1", []string{"fleet.example"}, nil)
	f.Fuzz(func(t *testing.T, text string) {
		if i, err := ParseInterval(text); err == nil {
			if !i.To.IsZero() && !i.From.Before(i.To) {
				t.Errorf("%q is %v", text, i)
			}
			if !i.To.IsZero() && i.From.Nanosecond() == 0 && i.To.Nanosecond() == 0 {
				if again, err := ParseInterval(i.Key()); err != nil || !again.From.Equal(i.From) || !again.To.Equal(i.To) {
					t.Errorf("%q is %v, and that is %v, %v", text, i, again, err)
				}
			}
		}
		if epoch, n, err := parseEventID(text); err == nil && eventID(epoch, n) != text {
			t.Errorf("%q is event %q %d", text, epoch, n)
		}
		if s, err := parseSensorCursor(text); err == nil && sensorCursor(s) != text {
			t.Errorf("%q is the cursor after %v", text, s)
		}
		if generation, index, err := parseTaskName(text); err == nil && taskName(generation, index) != text && (generation != 0 || fmt.Sprint(index) != text) {
			t.Errorf("%q is task %d-%d", text, generation, index)
		}
		if n, err := parseCount(text); err == nil && text != "" && fmt.Sprint(n) != text {
			t.Errorf("%q is %d", text, n)
		}
		r := &http.Request{Method: http.MethodGet, Host: "127.0.0.1:1", Header: http.Header{"Origin": {text}, "Authorization": {text}}}
		secretOf(r)
		if g.check(r) == nil && !strings.EqualFold(text, "http://127.0.0.1:1") && !strings.EqualFold(text, "https://127.0.0.1:1") {
			t.Errorf("the origin %q is let in", text)
		}
		r = &http.Request{Method: http.MethodGet, Host: text, Header: http.Header{}}
		if g.check(r) == nil {
			// What is let in leads a browser to us and nowhere else.
			if u, err := url.Parse("http://" + text + "/"); err == nil {
				switch strings.TrimSuffix(strings.ToLower(u.Hostname()), ".") {
				case "localhost", "127.0.0.1", "::1", "fleet.example":
				default:
					t.Errorf("the host %q is let in, which is %q", text, u.Hostname())
				}
			}
		}
	})
}

// TestTally compares the sums with sums of what each attempt told last.
func TestTally(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sums := newTallies(func(string) {})
		defer sums.stop()
		last := map[fleet.Task]fleet.TaskEvent{}
		states := []fleet.TaskState{fleet.TaskWaiting, fleet.TaskRunning, fleet.TaskDone, fleet.TaskFailed, fleet.TaskLost}
		for range rapid.IntRange(0, 60).Draw(t, "events") {
			e := fleet.TaskEvent{
				Task:  fleet.Task{Run: "r", Index: rapid.IntRange(0, 3).Draw(t, "index"), Attempt: rapid.IntRange(1, 2).Draw(t, "attempt")},
				State: rapid.SampledFrom(states).Draw(t, "state"), Progress: fleet.Progress{Sensors: rapid.Int64Range(0, 9).Draw(t, "sensors"), Rows: rapid.Int64Range(0, 9).Draw(t, "rows")},
			}
			sums.add(e)
			old, known := last[e.Task]
			if known && old.State.Final() {
				continue
			}
			if e.State == fleet.TaskDone && e.Progress == (fleet.Progress{}) {
				e.Progress = old.Progress
			}
			last[e.Task] = e
		}
		want := RunProgress{Run: "r", Attempts: map[string]int{}}
		for _, e := range last {
			want.Attempts[string(e.State)]++
			if !e.State.Final() || e.State == fleet.TaskDone {
				want.Progress.Sensors += e.Progress.Sensors
				want.Progress.Rows += e.Progress.Rows
			}
		}
		if got, ok := sums.progress("r"); ok != (len(last) > 0) || ok && fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("the sum is %v, not %v", got, want)
		}
		sums.end("r")
		sums.add(fleet.TaskEvent{Task: fleet.Task{Run: "r"}})
		if _, ok := sums.progress("r"); ok {
			t.Fatal("a run that is over is summed up")
		}
	})
}
