package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
	"github.com/fleetscore/fleetscore/web/webtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func connect(t *testing.T, url, token string) *client.Client {
	t.Helper()
	c, err := client.New(url, token)
	must(t, err)
	t.Cleanup(c.Close)
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestEverything asks a real service for all that there is.
func TestEverything(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := connect(t, s.URL(), s.Secrets[web.Admin])
	ctx := t.Context()
	must(t, c.Health(ctx))
	jobs, err := c.Jobs(ctx)
	must(t, err)
	job, err := c.Job(ctx, "hourly")
	must(t, err)
	if len(jobs.Jobs) != 2 || len(job.Runs) != 2 || len(job.Next) != 5 || string(job.Definition) != `{"schedule":"0 * * * *"}` {
		t.Errorf("jobs %+v, job %+v", jobs, job)
	}
	paused, err := c.Pause(ctx, "hourly")
	must(t, err)
	resumed, err := c.Resume(ctx, "hourly")
	must(t, err)
	if !paused.Paused || resumed.Paused {
		t.Errorf("%+v, then %+v", paused, resumed)
	}
	run, err := c.RunJob(ctx, "hourly", web.RunRequest{Interval: &web.IntervalRequest{From: webtest.Hour(7).From}})
	must(t, err)
	if run.Interval != webtest.Hour(7) || run.State != ledger.Queued {
		t.Errorf("run %+v", run)
	}
	filled, err := c.Backfill(ctx, "hourly", web.BackfillRequest{From: webtest.Noon(), To: webtest.Noon().Add(time.Hour), Only: []string{"missing"}, DryRun: true})
	must(t, err)
	if len(filled.Intervals) != 1 || !filled.DryRun || filled.Intervals[0].Made {
		t.Errorf("backfill %+v", filled)
	}
	runs, err := c.Runs(ctx, client.RunQuery{Job: "hourly", State: []string{"running", "failed"}, From: webtest.Noon(), To: webtest.Noon().Add(time.Hour), Limit: 5})
	must(t, err)
	if len(runs.Runs) != 1 || runs.Runs[0].ID != webtest.RunDone {
		t.Errorf("runs %+v", runs)
	}
	one, err := c.Run(ctx, webtest.RunDone)
	must(t, err)
	if runs.Runs[0].Cost != nil || one.Cost == nil || one.Cost.Nodes.Busy != 4 || one.Cost.Money.Currency != "EUR" {
		t.Errorf("cost %+v, in a list %+v", one.Cost, runs.Runs[0].Cost)
	}
	work, err := c.Workload(ctx, client.WorkloadQuery{Since: webtest.Noon(), Job: "hourly"})
	must(t, err)
	if len(work.Runs) != 1 || work.Runs[0].Run != webtest.RunDone || len(work.Runs[0].Seconds) != 2 || work.Runs[0].Seconds[0] != 2 {
		t.Errorf("workload %+v", work)
	}
	tasks, err := c.Tasks(ctx, webtest.RunDone, client.TaskQuery{Task: "0-0", State: []string{"done"}})
	must(t, err)
	failures, err := c.Failures(ctx, webtest.RunDone, client.FailureQuery{Cause: "no_model", Limit: 1})
	must(t, err)
	if len(tasks.Attempts) != 1 || len(failures.Sensors) != 1 || failures.Next == "" {
		t.Errorf("tasks %+v, failures %+v", tasks, failures)
	}
	log, err := c.Log(ctx, webtest.RunDone, client.LogQuery{Task: "0-0", Attempt: 1, Offset: 4, Follow: true})
	must(t, err)
	text, err := io.ReadAll(log)
	must(t, err)
	must(t, log.Close())
	if string(text) != "two\n" {
		t.Errorf("log %q", text)
	}
	canceled, err := c.Cancel(ctx, webtest.RunActive)
	must(t, err)
	again, err := c.Retry(ctx, webtest.RunDone, true)
	must(t, err)
	if !canceled.Canceling || again.RetryOf != webtest.RunDone {
		t.Errorf("canceled %+v, again %+v", canceled, again)
	}
	commits, err := c.Commits(ctx, "hourly", client.CommitQuery{From: webtest.Noon(), Limit: 2})
	must(t, err)
	sensors, err := c.Sensors(ctx, "hourly", client.SensorQuery{Interval: "2026-11-23T12", Fate: []string{web.FateFailed, web.FateSilent}, Limit: 2})
	must(t, err)
	predictions, err := c.Predictions(ctx, "hourly", client.PredictionQuery{Device: "pump-0", Tag: "t0", Limit: 2})
	must(t, err)
	if len(commits.Commits) != 2 || len(sensors.Sensors) != 2 || len(predictions.Rows) != 2 || len(predictions.Files) != 1 || predictions.Rows[0].Values["value"] != 1.5 {
		t.Errorf("commits %+v, sensors %+v, predictions %+v", commits, sensors, predictions)
	}
	status, err := c.Status(ctx)
	must(t, err)
	nodes, err := c.Nodes(ctx, webtest.Noon())
	must(t, err)
	late, err := c.Late(ctx, "1m", client.LateQuery{LateFilter: web.LateFilter{Tag: "x", Cause: "late", From: webtest.Noon(), To: webtest.Hour(1).From}, Limit: 3})
	must(t, err)
	replayed, err := c.ReplayLate(ctx, "1m", web.LateFilter{Device: "pump-1"})
	must(t, err)
	if len(late.Late) != 1 || late.Late[0].Device != "pump-0" || late.Late[0].Time != webtest.Noon() || replayed.Readings != 1 {
		t.Errorf("late %+v, replayed %+v", late, replayed)
	}
	applied, err := c.Apply(ctx)
	must(t, err)
	trail, err := c.Audit(ctx, 0, 2)
	must(t, err)
	if status.Version != "1.2.3" || len(nodes.Nodes) != 1 || len(applied.Added) != 1 || len(trail.Entries) != 2 || trail.Entries[0].Action != "config.apply" {
		t.Errorf("status %+v, nodes %+v, applied %+v, trail %+v", status, nodes, applied, trail)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	ctx := t.Context()
	c := connect(t, s.URL(), s.Secrets[web.Viewer])
	_, err := c.Job(ctx, "none")
	if !client.IsNotFound(err) || !strings.Contains(err.Error(), "none") {
		t.Errorf("no job: %v", err)
	}
	_, err = c.Job(ctx, "../../healthz")
	var e *client.Error
	if !errors.As(err, &e) || e.Status != http.StatusUnprocessableEntity {
		t.Errorf("a hostile name: %v", err)
	}
	_, err = c.Pause(ctx, "hourly")
	if !errors.As(err, &e) || e.Code != web.CodeForbidden || !strings.Contains(err.Error(), "operator") {
		t.Errorf("too low a role: %v", err)
	}
	_, err = connect(t, s.URL(), "").Pause(ctx, "hourly")
	if !errors.As(err, &e) || e.Code != web.CodeUnauthorized || !strings.Contains(err.Error(), e.Hint) {
		t.Errorf("no token: %v", err)
	}
	if _, err = connect(t, s.URL(), s.Secrets[web.Operator]).Cancel(ctx, webtest.RunDone); !client.IsConflict(err) {
		t.Errorf("a run that is over: %v", err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err = c.Jobs(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("an end: %v", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	url := "http://" + listener.Addr().String()
	must(t, listener.Close())
	nobody := connect(t, url, "secret-secret-secret")
	want := "no fleetscore at " + url + "; start one with `fleetscore up`"
	if _, err = nobody.Jobs(ctx); !errors.Is(err, client.ErrNotRunning) || err.Error() != want {
		t.Errorf("nobody there: %v, not %s", err, want)
	}
	for _, err := range nobody.Events(ctx, "") {
		if !errors.Is(err, client.ErrNotRunning) {
			t.Errorf("nobody there: %v", err)
		}
	}
	for _, bad := range []string{"", "127.0.0.1:1", "ftp://x", "http://", "http://a:b@x", "http://x?y", "::"} {
		if _, err := client.New(bad, ""); err == nil {
			t.Errorf("%q is an address", bad)
		}
	}
	if _, err := client.New("http://example.com", "token"); err == nil {
		t.Error("a token crosses the network unencrypted")
	}
}

// TestStrangers has the client speak to what is no fleetscore.
func TestStrangers(t *testing.T) {
	t.Parallel()
	elsewhere := make(chan string, 1)
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { elsewhere <- r.Header.Get("Authorization") }))
	defer other.Close()
	for name, handler := range map[string]http.HandlerFunc{
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		},
		"html":  func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"error": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusTeapot) },
		"problem": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"status":"no number"`)
		},
	} {
		server := httptest.NewServer(handler)
		c := connect(t, server.URL, "secret-secret-secret")
		if _, err := c.Jobs(t.Context()); err == nil || !strings.Contains(err.Error(), "fleetscore") {
			t.Errorf("%s: %v", name, err)
		}
		c.Close()
		server.Close()
	}
	select {
	case token := <-elsewhere:
		t.Errorf("a redirect was followed, with %q", token)
	default:
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := connect(t, s.URL(), "")
	var kinds []string
	for e, err := range c.Events(t.Context(), webtest.RunActive) {
		must(t, err)
		switch {
		case e.Snapshot != nil:
			kinds = append(kinds, "snapshot "+e.Snapshot.Runs[0].ID)
			s.PublishRun("other", ledger.Running)
			s.PublishRun(webtest.RunActive, ledger.Succeeded)
		case e.Run != nil:
			kinds = append(kinds, "run "+e.Run.ID)
		}
		if e.Run != nil && e.Run.Final() {
			break
		}
	}
	if got := strings.Join(kinds, ", "); got != "snapshot "+webtest.RunActive+", run "+webtest.RunActive {
		t.Errorf("the events are %s", got)
	}
	for _, err := range c.Events(t.Context(), "none") {
		if !client.IsNotFound(err) {
			t.Errorf("no run: %v", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	for e, err := range c.Events(ctx, "") {
		if e.Snapshot != nil {
			cancel()
		} else if !errors.Is(err, context.Canceled) {
			t.Errorf("after the end: %v, %v", e, err)
		}
	}
	cancel()
}

// TestReconnect has the connection break after each event.
func TestReconnect(t *testing.T) {
	t.Parallel()
	lasts := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		last := r.Header.Get("Last-Event-ID")
		lasts <- last
		w.Header().Set("Content-Type", "text/event-stream")
		switch last {
		case "":
			_, _ = io.WriteString(w, "retry: 5\n\n:\n\nid: e-1\nevent: snapshot\ndata: {\"runs\":[],\n"+"data: \"jobs\":[],\"nodes\":[]}\n\nevent: run\ndata: {torn")
		case "e-1":
			_, _ = io.WriteString(w, "id: e-2\nevent: job\ndata: {\"name\":\"a\"}\n\nid: e-3\nevent: news\ndata: of a later version\n\nevent: dropped\ndata: {}\n\n")
		default:
			_, _ = io.WriteString(w, "id: e-4\nevent: node\ndata: {\"id\":\"n\"}\n\n")
		}
	}))
	defer server.Close()
	c := connect(t, server.URL, "")
	n := 0
	for e, err := range c.Events(t.Context(), "") {
		must(t, err)
		if n++; e.Node != nil {
			break
		}
	}
	if n != 3 {
		t.Errorf("%d events, not 3", n)
	}
	for _, want := range []string{"", "e-1", "e-2"} {
		if last := <-lasts; last != want {
			t.Errorf("the client comes back with %q, not %q", last, want)
		}
	}
}

func TestFloat(t *testing.T) {
	t.Parallel()
	var v []web.Float
	must(t, json.Unmarshal([]byte("[1.5,null,-0.1]"), &v))
	data, err := json.Marshal(v)
	must(t, err)
	if string(data) != "[1.5,null,-0.1]" {
		t.Errorf("%s", data)
	}
}
