package web_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/webtest"
)

// stream is an open stream of events.
type stream struct {
	t     testing.TB
	res   *http.Response
	lines *bufio.Scanner
}

// sent is one event as it was sent.
type sent struct{ id, kind, data string }

func (f *fixture) watch(query, last string) *stream {
	f.t.Helper()
	req, err := http.NewRequestWithContext(f.t.Context(), http.MethodGet, f.URL()+"/api/v1/events"+query, nil)
	must(f.t, err)
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := f.client.Do(req)
	must(f.t, err)
	f.t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		f.t.Fatalf("events answer %s, %q", res.Status, res.Header.Get("Content-Type"))
	}
	s := &stream{f.t, res, bufio.NewScanner(res.Body)}
	s.lines.Buffer(nil, 1<<20)
	return s
}

// next is the next event, false at the end.
func (s *stream) next() (e sent, ok bool) {
	for s.lines.Scan() {
		name, value, _ := strings.Cut(s.lines.Text(), ": ")
		switch name {
		case "id":
			e.id = value
		case "event":
			e.kind = value
		case "data":
			e.data = value
		case "":
			if e.kind != "" {
				return e, true
			}
		}
	}
	return e, false
}

func (s *stream) want(kind, part string) sent {
	s.t.Helper()
	e, ok := s.next()
	if !ok || e.kind != kind || !strings.Contains(e.data, part) {
		s.t.Fatalf("the event is %q %s (%v), not %q with %s", e.kind, e.data, s.lines.Err(), kind, part)
	}
	return e
}

func TestEvents(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := f.watch("", "")
	first := s.want(web.KindSnapshot, webtest.RunActive)
	var shot web.Snapshot
	must(t, json.Unmarshal([]byte(first.data), &shot))
	if len(shot.Runs) != 1 || len(shot.Jobs) != 2 || len(shot.Nodes) != 1 {
		t.Errorf("the snapshot is %s", first.data)
	}
	f.PublishRun("r1", ledger.Running)
	f.Hub.Publish(web.Event{Node: &fleet.Node{ID: "n-2", State: fleet.NodeIdle}})
	f.Hub.Publish(web.Event{Job: &ledger.Job{Name: "hourly", Paused: true}})
	one := s.want(web.KindRun, `"r1"`)
	s.want(web.KindNode, "n-2")
	s.want(web.KindJob, `"paused":true`)

	// Who comes back has what was missed, and no snapshot.
	again := f.watch("", one.id)
	again.want(web.KindNode, "n-2")
	again.want(web.KindJob, "hourly")
	f.PublishRun("r1", ledger.Succeeded)
	again.want(web.KindRun, "succeeded")
	s.want(web.KindRun, "succeeded")

	// Who comes back after too long, from another server, or with nonsense, begins anew.
	for _, last := range []string{"OTHER-1", first.id + "x", "-", "x", strings.Split(one.id, "-")[0] + "-99"} {
		f.watch("", last).want(web.KindSnapshot, webtest.RunActive)
	}
	for i := range 2000 {
		f.PublishRun(fmt.Sprint("many", i), ledger.Queued)
	}
	f.watch("", one.id).want(web.KindSnapshot, webtest.RunActive)
}

func TestEventsOfOneRun(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := f.watch("?run="+webtest.RunActive, "")
	s.want(web.KindSnapshot, webtest.RunActive)
	f.PublishRun("other", ledger.Running)
	f.Hub.Publish(web.Event{Node: &fleet.Node{ID: "n-2"}})
	f.Hub.Publish(web.Event{Task: &fleet.TaskEvent{Task: fleet.Task{Run: webtest.RunActive, Attempt: 1}, State: fleet.TaskRunning, Progress: fleet.Progress{Sensors: 7}}})
	s.want(web.KindProgress, `{"run":"`+webtest.RunActive+`","attempts":{"running":1},"progress":{"sensors":7`)
	f.PublishRun(webtest.RunActive, ledger.Succeeded)
	s.want(web.KindRun, "succeeded")
}

// TestSlowReader has somebody ask for events and not read them.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := f.watch("", "")
	text := strings.Repeat("x", 8<<10)
	for i := range 5000 { // 40 MB, more than any buffer on the way
		f.Hub.Publish(web.Event{Run: &ledger.Run{ID: fmt.Sprint(i), State: ledger.Running, Error: text}})
	}
	seen := 0
	for {
		e, ok := s.next()
		if !ok {
			t.Fatalf("the stream ends after %d events, without saying why: %v", seen, s.lines.Err())
		}
		if e.kind == web.KindDropped {
			break
		}
		seen++
	}
	if e, ok := s.next(); ok {
		t.Errorf("%v follows the last event", e)
	}
	if seen > 4999 {
		t.Errorf("%d events were kept for a slow reader", seen)
	}
	if _, body := f.ask(web.Nobody, "GET", "/metrics", ""); !strings.Contains(string(body), "fleetscore_event_readers_dropped_total 1") {
		t.Error("it is not counted")
	}
}

func TestHeartbeat(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.SetPulse(time.Millisecond)
	s := f.watch("", "")
	s.want(web.KindSnapshot, "")
	if !s.lines.Scan() || s.lines.Text() != ":" {
		t.Errorf("after the snapshot comes %q, not a heartbeat", s.lines.Text())
	}
}

func TestTooManyReaders(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for range 256 {
		f.watch("", "")
	}
	if res, body := f.ask(web.Nobody, "GET", "/api/v1/events", ""); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("one more reader gets %s: %s", res.Status, body)
	}
}

func TestStopEndsStreams(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := f.watch("", "")
	s.want(web.KindSnapshot, "")
	log := f.follow("/log?follow=true", webtest.RunActive)
	f.Stop()
	if e, ok := s.next(); ok {
		t.Errorf("%v follows the end", e)
	}
	for log.Scan() {
		t.Errorf("%q follows the end", log.Text())
	}
}
