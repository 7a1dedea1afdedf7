package notify_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/notify"
)

// fates are what became of the sensors of a test's runs.
type fates struct {
	all     []notify.Fate
	err     error // after them
	rows    map[string]notify.Anomaly
	noRanks error
}

func (f *fates) Fates(context.Context, ledger.Run) iter.Seq2[notify.Fate, error] {
	return func(yield func(notify.Fate, error) bool) {
		for _, fate := range f.all {
			if !yield(fate, nil) {
				return
			}
		}
		if f.err != nil {
			yield(notify.Fate{}, f.err)
		}
	}
}

func (f *fates) Anomalies(_ context.Context, _ ledger.Run, of map[fleet.Sensor]notify.Anomaly) error {
	for s := range of {
		of[s] = f.rows[s.String()]
	}
	return f.noRanks
}

func sensor(device, tag string) fleet.Sensor { return fleet.Sensor{Device: device, Tag: tag} }

func anomalous(device string) notify.Fate {
	return notify.Fate{Sensor: sensor(device, "x"), Scored: true, Anomalous: true}
}

func well(device, tag string) notify.Fate {
	return notify.Fate{Sensor: sensor(device, tag), Scored: true}
}

func lost(device, tag string, cause fleet.Cause) notify.Fate {
	return notify.Fate{Sensor: sensor(device, tag), Cause: cause}
}

// tell ends the n-th run of a job, and gives the events that it makes, by kind.
func tell(t *testing.T, l *ledger.Ledger, f *fates, n int, run ledger.Run) map[notify.Kind]notify.Event {
	t.Helper()
	ctx := t.Context()
	must(t, l.SaveJobs(ctx, []ledger.Job{{Name: "hourly"}}, time.Now()))
	run.ID, run.Job, run.Interval, run.Origin, run.Created = fmt.Sprintf("run-%d", n), "hourly", hour(n), ledger.Manual, hour(n+1).From
	state := run.State
	run.State = ledger.Queued
	must(t, l.AddRun(ctx, run))
	run.State, run.Finished = state, hour(n+1).From
	must(t, l.SaveRun(ctx, run))
	r := listen(t, nil)
	s := start(t, l, notify.Config{Fates: f, Receivers: []notify.Receiver{r.as(t, "ops")}, Examples: 2, Source: "/plant-7", Now: func() time.Time { return hour(n + 1).From }})
	eventually(t, "all is told", func() bool {
		left, err := l.Untold(ctx, 1)
		st, err2 := s.Status(ctx)
		return err == nil && err2 == nil && len(left) == 0 && st[0].Waiting == 0
	})
	s.Stop()
	events := map[notify.Kind]notify.Event{}
	for _, c := range r.calls() {
		e := c.event(t)
		if e.Source != "/plant-7" || e.Subject != "hourly/"+run.Interval.Key() || e.SpecVersion != "1.0" || !strings.HasPrefix(e.ID, run.ID+"-") || c.header.Get("Content-Type") != notify.ContentType {
			t.Errorf("%+v", e)
		}
		events[e.Kind()] = e
	}
	return events
}

func dataOf[T any](t *testing.T, e notify.Event) T {
	t.Helper()
	var data T
	if len(e.Data) == 0 {
		return data
	}
	must(t, json.Unmarshal(e.Data, &data))
	return data
}

func TestEvents(t *testing.T) {
	l := openLedger(t)
	f := &fates{rows: map[string]notify.Anomaly{
		"b/x": {Rows: 3, Lowest: -1, Last: hour(0).From}, "c/x": {Rows: 3, Lowest: -2, Last: hour(0).From}, "a/x": {Rows: 1, Lowest: math.NaN(), Last: hour(0).From},
	}}
	f.all = []notify.Fate{
		anomalous("a"), anomalous("b"), anomalous("c"), well("d", "x"), lost("e", "x", fleet.NoModel), lost("e", "y", fleet.NoModel), lost("e", "z", fleet.NoModel),
		lost("f", "x", fleet.Crashed), {Sensor: sensor("g", "x"), Cause: fleet.NotFinite, Scored: true}, {Sensor: sensor("h", "x")},
	}
	run := ledger.Run{State: ledger.Failed, Rev: 1, Error: "4 of 10 sensors failed", Counts: fleet.Counts{Sensors: 10, Anomalies: 7},
		Causes: []fleet.Group{{Cause: fleet.NoModel, Sensors: 3, Example: "no model e_x"}}}
	events := tell(t, l, f, 0, run)
	if len(events) != 3 || events[notify.RunFailed].ID != "run-0-1-run-failed" || events[notify.SensorsUnscored].ID != "run-0-1-not-scored" || events[notify.AnomaliesFound].ID != "run-0-1-anomalies" {
		t.Fatalf("%+v", events)
	}
	failed := dataOf[notify.RunData](t, events[notify.RunFailed])
	if failed.State != "failed" || failed.Error != run.Error || failed.Job != "hourly" || failed.Rev != 1 || failed.Counts != run.Counts {
		t.Errorf("%+v", failed)
	}
	unscored := dataOf[notify.UnscoredData](t, events[notify.SensorsUnscored])
	if unscored.Sensors != 4 || unscored.Of != 10 || unscored.Muted != 0 || len(unscored.Causes) != 2 || unscored.Causes[0].Cause != fleet.NoModel || unscored.Causes[0].Sensors != 3 ||
		unscored.Causes[0].Example != "no model e_x" || fmt.Sprint(unscored.Causes[0].Examples) != "[e/x e/y]" || unscored.Causes[1].Cause != fleet.Crashed {
		t.Errorf("%+v", unscored)
	}
	found := dataOf[notify.AnomaliesData](t, events[notify.AnomaliesFound])
	if found.Sensors != 3 || found.Of != 10 || found.Rows != 7 || len(found.Top) != 2 || found.Top[0].Device != "c" || found.Top[1].Device != "b" || *found.Top[0].Lowest != -2 || found.Top[1].Rows != 3 || found.Unranked != "" {
		t.Errorf("%+v", found)
	}

	// Where predictions cannot be read, the sensors are told of by name.
	f.noRanks = errors.New("https://store/?sig=SECRET")
	found = dataOf[notify.AnomaliesData](t, tell(t, l, f, 1, run)[notify.AnomaliesFound])
	if len(found.Top) != 2 || found.Top[0].Device != "a" || found.Top[0].Rows != 0 || found.Unranked == "" || strings.Contains(found.Unranked, "SECRET") {
		t.Errorf("%+v", found)
	}
	// Where it cannot be read what became of sensors, they are counted.
	f.err = errors.New("https://store/?sig=SECRET")
	events = tell(t, l, f, 2, run)
	found, unscored = dataOf[notify.AnomaliesData](t, events[notify.AnomaliesFound]), dataOf[notify.UnscoredData](t, events[notify.SensorsUnscored])
	if found.Rows != 7 || found.Unknown == "" || unscored.Sensors != 3 || unscored.Of != 10 || unscored.Unknown == "" || strings.Contains(fmt.Sprint(found, unscored), "SECRET") {
		t.Errorf("%+v, %+v", found, unscored)
	}
	// A run without a commit, and one that went well, have no more to tell.
	f = &fates{}
	if events = tell(t, l, f, 3, ledger.Run{State: ledger.Canceled, Error: "canceled"}); len(events) != 1 || events[notify.RunCanceled].ID != "run-3-0-run-canceled" {
		t.Errorf("%+v", events)
	}
	f.all = []notify.Fate{well("a", "x")}
	if events = tell(t, l, f, 4, ledger.Run{State: ledger.Succeeded, Rev: 1}); len(events) != 1 || events[notify.RunFinished].ID == "" {
		t.Errorf("%+v", events)
	}
}

// TestMutes has sensors muted, and acknowledged until they are well.
func TestMutes(t *testing.T) {
	ctx := t.Context()
	l := openLedger(t)
	f := &fates{}
	mute := func(id, pattern, job string, recovered bool, ends int) {
		must(t, l.AddMute(ctx, ledger.Mute{ID: id, Pattern: pattern, Job: job, Recovered: recovered, Ends: hour(ends).From, Who: "somebody", Created: hour(0).From}))
	}
	mute("m", "a/*", "", false, 3)
	mute("other", "*", "daily", false, 99)
	mute("ack", "b/*", "hourly", true, 99)
	run := ledger.Run{State: ledger.Succeeded, Rev: 1, Counts: fleet.Counts{Anomalies: 5}}
	counts := func(n int, all ...notify.Fate) string {
		t.Helper()
		f.all = all
		events := tell(t, l, f, n, run) //nolint:contextcheck // it ends with the test
		found, unscored := dataOf[notify.AnomaliesData](t, events[notify.AnomaliesFound]), dataOf[notify.UnscoredData](t, events[notify.SensorsUnscored])
		left, err := l.Mutes(ctx, hour(0).From)
		must(t, err)
		return fmt.Sprintf("%d+%d anomalous, %d+%d not scored, %d mutes", found.Sensors, found.Muted, unscored.Sensors, unscored.Muted, len(left))
	}
	for _, test := range []struct {
		n    int
		all  []notify.Fate
		want string
	}{
		{0, []notify.Fate{anomalous("a"), anomalous("b")}, "0+0 anomalous, 0+0 not scored, 3 mutes"}, // no event, as all are muted
		{1, []notify.Fate{anomalous("a"), anomalous("b"), anomalous("c"), lost("a", "y", fleet.NoModel), lost("c", "y", fleet.NoModel)}, "1+2 anomalous, 1+1 not scored, 3 mutes"},
		{2, []notify.Fate{anomalous("a"), anomalous("b"), well("b", "y")}, "1+1 anomalous, 0+0 not scored, 3 mutes"}, // the mute has ended; one of b is not well
		{3, []notify.Fate{{Sensor: sensor("b", "x")}, anomalous("c")}, "1+0 anomalous, 0+0 not scored, 3 mutes"},     // silent is not well
		{4, []notify.Fate{well("b", "x"), anomalous("c")}, "1+0 anomalous, 0+0 not scored, 2 mutes"},
		{5, []notify.Fate{anomalous("b")}, "1+0 anomalous, 0+0 not scored, 2 mutes"}, // well and ill again, it is told of
	} {
		if got := counts(test.n, test.all...); got != test.want {
			t.Errorf("%d: %s, not %s", test.n, got, test.want)
		}
	}
	trail, err := l.Trail(ctx, 0, 1)
	must(t, err)
	if len(trail) != 1 || trail[0].Action != "ack.recovered" || trail[0].Subject != "b/*" || trail[0].Detail != "run run-4" {
		t.Errorf("%+v", trail)
	}
}

// TestTrouble tells of the service itself, each once.
func TestTrouble(t *testing.T) {
	l := openLedger(t)
	r, jobs := listen(t, nil), listen(t, nil)
	some := jobs.as(t, "some")
	some.Kinds, some.Jobs = []notify.Kind{notify.NodeFailed}, []string{"daily"} // what is of no job comes all the same
	s := start(t, l, notify.Config{Receivers: []notify.Receiver{r.as(t, "ops"), some}})
	d := notify.FormulaData{Formula: "pending / nodes", Using: "pending", Error: "division by zero", Since: hour(0).From}
	must(t, s.FormulaFailing(t.Context(), d))
	for range 5 {
		s.NodeFailed(fleet.Node{ID: "local-1", Detail: "exit status 1"})
	}
	must(t, s.FormulaWorks(t.Context(), notify.WorksData{Formula: "pending", Failed: d.Formula, Told: d.Since}))
	r.until(t, "all came", 3)
	jobs.until(t, "the node came", 1)
	for _, c := range r.calls() {
		if e := c.event(t); e.Kind() == notify.FormulaFailing && !strings.HasPrefix(e.ID, "formula-") || e.Kind() == notify.FormulaWorks && dataOf[notify.WorksData](t, e).Failed != d.Formula || e.Kind() == notify.NodeFailed && dataOf[notify.NodeData](t, e).Node != "local-1" {
			t.Errorf("%+v", e)
		}
	}
	if _, err := s.Test(t.Context(), "nobody"); !errors.Is(err, notify.ErrNoReceiver) {
		t.Error(err)
	}
	if refusal, err := s.Test(t.Context(), "ops"); refusal != "" || err != nil {
		t.Error(refusal, err)
	}
	r.until(t, "the test came", 4)
}
