package web_test

import (
	"bufio"
	"net/http"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/webtest"
)

func TestLogs(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for query, want := range map[string]string{
		"":                             "0-0-1 | one\n0-0-1 | two\n0-0-2 | three\n0-0-2 | four without an end\n",
		"?follow=true":                 "0-0-1 | one\n0-0-1 | two\n0-0-2 | three\n0-0-2 | four without an end\n",
		"?task=0-0":                    "three\nfour without an end",
		"?task=0-0&attempt=1":          "one\ntwo\n",
		"?task=0-0&attempt=1&offset=4": "two\n",
		"?task=0-0&attempt=1&offset=8": "",
		"?task=0-0&offset=6&follow=1":  "four without an end",
		"?task=0-1&follow=true":        "", // it has logged nothing, and is over
	} {
		res, body := f.ask(web.Nobody, "GET", "/api/v1/runs/"+webtest.RunDone+"/log"+query, "")
		if res.StatusCode != http.StatusOK || string(body) != want {
			t.Errorf("the log %q is %s %q, not %q", query, res.Status, body, want)
		}
	}
}

// follow reads the lines of a log while it is written.
func (f *fixture) follow(path, run string) *bufio.Scanner {
	f.t.Helper()
	req, err := http.NewRequestWithContext(f.t.Context(), http.MethodGet, f.URL()+"/api/v1/runs/"+run+path, nil)
	must(f.t, err)
	res, err := f.client.Do(req)
	must(f.t, err)
	f.t.Cleanup(func() { res.Body.Close() })
	return bufio.NewScanner(res.Body)
}

func TestFollow(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	all, one := f.follow("/log?follow=true", webtest.RunActive), f.follow("/log?follow=true&task=0-0", webtest.RunActive)
	changed := func() {
		r, err := f.Ledger.Run(t.Context(), webtest.RunActive)
		must(t, err)
		f.Hub.Publish(web.Event{Run: &r})
	}
	want := func(s *bufio.Scanner, line string) {
		t.Helper()
		if !s.Scan() || s.Text() != line {
			t.Fatalf("the next line is %q (%v), not %q", s.Text(), s.Err(), line)
		}
	}
	f.Data.Write(webtest.RunActive, "0-0-1", "first\nhalf a ")
	changed()
	want(all, "0-0-1 | first")
	want(one, "first")
	f.Data.Write(webtest.RunActive, "0-0-1", "line\nlast words")
	changed()
	want(all, "0-0-1 | half a line")
	want(one, "half a line")

	// Another attempt begins while the first ends.
	attempt := ledger.Attempt{Task: fleet.Task{Run: webtest.RunActive, Attempt: 1}, State: fleet.TaskLost}
	next := ledger.Attempt{Task: fleet.Task{Run: webtest.RunActive, Attempt: 2}, State: fleet.TaskRunning}
	must(t, f.Ledger.SaveAttempts(t.Context(), []ledger.Attempt{attempt, next}))
	f.Data.Write(webtest.RunActive, "0-0-2", "again\n")
	changed()
	want(all, "0-0-1 | last words")
	want(all, "0-0-2 | again")
	want(one, "last words")
	if one.Scan() {
		t.Errorf("%q follows the end of the attempt", one.Text())
	}
	r, err := f.Ledger.Run(t.Context(), webtest.RunActive)
	must(t, err)
	r.State, r.Finished = ledger.Succeeded, webtest.Noon()
	must(t, f.Ledger.SaveRun(t.Context(), r))
	changed()
	if all.Scan() {
		t.Errorf("%q follows the end of the run", all.Text())
	}
}
