package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	otel "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/fleetscore/fleetscore/internal/testkit/otlp"
	spans "github.com/fleetscore/fleetscore/monitor/span"
	"github.com/fleetscore/fleetscore/web"
)

// traced is a deployment whose traces come to a receiver.
func traced(t *testing.T, sensors int, answer func(http.ResponseWriter, *http.Request) bool) (*deployment, *otlp.Receiver) {
	t.Helper()
	r := otlp.New()
	r.Answer = answer
	t.Cleanup(r.Close)
	return newDeployment(t, sensors, `telemetry: {otlp: "`+r.URL+`", interval: 1s}
pool: {max: 2}
jobs:
  files:
    interval: 1h
    input: {file: readings.csv}
    tasks: {max_sensors: 10, seconds: 0s}
    retries: {max: 1, backoff: 10ms, max_backoff: 10ms}
    max_failed: 1%
  windows:
    interval: 1h
    input: {window: 1m}
`), r
}

// begin has a run made, once the service answers.
func (d *deployment) begin(job string) (r web.Run) {
	d.t.Helper()
	for limit := time.Now().Add(20 * time.Second); d.ask(&r, "job", "run", job) != nil; wait() {
		if time.Now().After(limit) {
			d.t.Fatal("the service does not answer")
		}
	}
	return r
}

// await waits until a run is as it should be.
func (d *deployment) await(run string, is func(web.Run) bool) web.Run {
	d.t.Helper()
	var r web.Run
	for limit := time.Now().Add(time.Minute); d.ask(&r, "run", "show", run) != nil || !is(r); wait() {
		if time.Now().After(limit) {
			d.t.Fatalf("%+v", r)
		}
	}
	return r
}

func isOver(r web.Run) bool { return r.State == "succeeded" || r.State == "failed" }

// tree is a trace that was checked.
type tree struct {
	root   *otel.Span
	byID   map[string]*otel.Span
	byName map[string][]*otel.Span
}

// attributes of a span, as texts.
func attributes(s *otel.Span) map[string]string { return otlp.Texts(s.Attributes) }

// traceOf waits for the whole trace of a run and checks its shape: one root, known
// parents, and no part outside the time of the whole.
func traceOf(t *testing.T, r *otlp.Receiver, run string) tree {
	t.Helper()
	want := spans.OfRun(run)
	traceID, rootID := want.TraceID(), want.SpanID()
	tr := tree{byID: map[string]*otel.Span{}, byName: map[string][]*otel.Span{}}
	for limit := time.Now().Add(30 * time.Second); ; wait() {
		clear(tr.byID)
		clear(tr.byName)
		for _, s := range r.Spans() {
			if !bytes.Equal(s.TraceId, traceID[:]) {
				continue
			}
			if tr.byID[string(s.SpanId)] != nil {
				t.Fatalf("two spans have one ID: %v", s)
			}
			tr.byID[string(s.SpanId)] = s
			tr.byName[s.Name] = append(tr.byName[s.Name], s)
		}
		if tr.root = tr.byID[string(rootID[:])]; tr.root != nil {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("the trace of run %s does not come; %d spans have", run, len(r.Spans()))
		}
	}
	for _, s := range tr.byID {
		if s.StartTimeUnixNano > s.EndTimeUnixNano {
			t.Errorf("%s ends before it starts", s.Name)
		}
		if s == tr.root {
			if len(s.ParentSpanId) != 0 {
				t.Errorf("the root has a parent")
			}
			continue
		}
		parent := tr.byID[string(s.ParentSpanId)]
		if parent == nil {
			t.Errorf("%s has a parent that is not there", s.Name)
			continue
		}
		if s.StartTimeUnixNano < parent.StartTimeUnixNano || s.EndTimeUnixNano > parent.EndTimeUnixNano {
			t.Errorf("%s is not within the time of %s", s.Name, parent.Name)
		}
	}
	return tr
}

// under counts spans of a name whose parent has a name.
func (tr tree) under(parent, name string) (n int) {
	for _, s := range tr.byName[name] {
		if p := tr.byID[string(s.ParentSpanId)]; p != nil && p.Name == parent {
			n++
		}
	}
	return n
}

// TestTrace has a real service send the traces of its runs, and its metrics.
func TestTrace(t *testing.T) {
	const sensors = 60
	d, r := traced(t, sensors, nil)
	service := d.up("FLEETSCORE_INJECT=crash:device-7/tag-1", "OTEL_BSP_SCHEDULE_DELAY=50", "OTEL_RESOURCE_ATTRIBUTES=deployment.environment=test")
	run := d.await(d.begin("files").ID, isOver)
	tr := traceOf(t, r, run.ID)
	for _, c := range []struct {
		parent, name string
		least        int
	}{
		{"run files", "plan", 1}, {"run files", "queue", 1}, {"run files", "node start", 1}, {"run files", "task", run.Tasks}, {"run files", "commit", 1},
		{"task", "queue", run.Tasks}, {"task", "start", run.Tasks - 1}, {"task", "read", run.Tasks - 1}, {"task", "score", run.Tasks - 1}, {"task", "write", run.Tasks - 1},
	} {
		if n := tr.under(c.parent, c.name); n < c.least {
			t.Errorf("%d spans %s within %s; there should be %d or more", n, c.name, c.parent, c.least)
		}
	}
	a := attributes(tr.root)
	if a["fleetscore.job"] != "files" || a["fleetscore.run"] != run.ID || a["fleetscore.origin"] != "manual" || a["fleetscore.interval"] != run.Interval.String() ||
		a["fleetscore.state"] != string(run.State) || a["fleetscore.scored"] != fmt.Sprintf("int_value:%d", sensors-1) || a["fleetscore.attempts_left_out"] != "int_value:0" {
		t.Errorf("%v, of %+v", a, run)
	}
	lost := 0
	for _, s := range tr.byName["task"] {
		if a := attributes(s); a["fleetscore.state"] == "lost" {
			lost++
			if s.Status.GetCode() != otel.Status_STATUS_CODE_ERROR || s.Status.Message == "" {
				t.Errorf("an attempt that was lost is %v", s.Status)
			}
		} else if a["fleetscore.node"] == "" || s.Status.GetCode() == otel.Status_STATUS_CODE_ERROR {
			t.Errorf("%v %v", a, s.Status)
		}
	}
	if lost == 0 {
		t.Error("a node died, and no span tells")
	}
	if who := r.Resource(); who["service.name"] != "fleetscore" || who["deployment.environment"] != "test" || who["service.version"] == "" {
		t.Errorf("%v", who)
	}
	if tr := traceOf(t, r, d.await(d.begin("windows").ID, isOver).ID); tr.under("plan", "wait for windows") != 1 {
		t.Errorf("%v", tr.byName)
	}
	sameMetrics(t, d, r)
	id := spans.OfRun(run.ID).TraceID().String()
	if log, err := d.command("run", "logs", run.ID).Output(); err != nil || !strings.Contains(string(log), "traceparent=00-"+id) {
		t.Errorf("the logs of tasks do not name the trace: %v", err)
	}
	d.stop(service)
	if log, err := os.ReadFile(d.log.Name()); err != nil || !strings.Contains(string(log), "trace_id="+id) {
		t.Errorf("the log of the service does not name the trace: %v", err)
	}
}

// sameMetrics waits until all that /metrics shows has come by OTLP.
func sameMetrics(t *testing.T, d *deployment, r *otlp.Receiver) {
	t.Helper()
	for limit := time.Now().Add(30 * time.Second); ; wait() {
		var missing []string
		have := r.Names()
		for name := range exposed(t, d) {
			if !have[name] {
				missing = append(missing, name)
			}
		}
		if len(missing) == 0 {
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("%v are on /metrics and do not come by OTLP; what comes: %v", missing, have)
		}
	}
}

// TestTraceOfARestart kills a service in the middle of a run: what both processes
// tell of the run is one trace.
func TestTraceOfARestart(t *testing.T) {
	d, r := traced(t, 60, nil)
	// The first process never comes to the end of one of the tasks.
	service := d.up("FLEETSCORE_INJECT=hang:device-7/tag-1", "OTEL_BSP_SCHEDULE_DELAY=50")
	run := d.await(d.begin("files").ID, func(r web.Run) bool { return r.TasksDone > 0 })
	for limit := time.Now().Add(30 * time.Second); len(r.Spans()) == 0; wait() { // planning
		if time.Now().After(limit) {
			t.Fatal("nothing comes of the first process")
		}
	}
	if err := service.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = service.Wait() // it was killed
	service = d.up("OTEL_BSP_SCHEDULE_DELAY=50")
	run = d.await(run.ID, isOver)
	tr := traceOf(t, r, run.ID)
	d.stop(service)
	states := map[string]int{}
	for _, s := range tr.byName["task"] {
		states[attributes(s)["fleetscore.state"]]++
	}
	if states["done"] != run.Tasks || states["canceled"] == 0 {
		t.Errorf("attempts by state: %v, of %d tasks", states, run.Tasks)
	}
	resumed := map[string]int{}
	for _, s := range tr.byName["plan"] {
		resumed[attributes(s)["fleetscore.resumed"]]++
	}
	if resumed["bool_value:false"] != 1 || resumed["bool_value:true"] != 1 || len(tr.byName["commit"]) != 1 {
		t.Errorf("planned: %v; %d commits", resumed, len(tr.byName["commit"]))
	}
}

// TestCollectorHangs has a collector that never answers: runs and the end of the
// service wait for it as little as for none.
func TestCollectorHangs(t *testing.T) {
	hung := make(chan struct{})
	d, r := traced(t, 30, func(http.ResponseWriter, *http.Request) bool { <-hung; return true })
	defer close(hung)
	service := d.up("OTEL_BSP_SCHEDULE_DELAY=10")
	for range 3 {
		if run := d.await(d.begin("files").ID, isOver); run.State != "succeeded" {
			t.Errorf("%+v", run)
		}
	}
	if n, _ := r.Last(); n == 0 {
		t.Error("nothing was sent")
	}
	d.stop(service)
}
