package web_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/webtest"
)

// TestPage has every view be the same page, which asks for nothing that is not ours,
// has nothing inline, and is small.
func TestPage(t *testing.T) {
	t.Parallel()
	f := newFixture(t, secured(t)) // where the API needs a token, the page does not
	_, front := f.ask(web.Nobody, "GET", "/", "")
	for _, path := range []string{"/", "/fleet", "/sensor?device=%2F", "/jobs/hourly", "/runs/" + webtest.RunDone, "/settings"} {
		res, body := f.ask(web.Nobody, "GET", path, "")
		if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/html; charset=utf-8" || string(body) != string(front) {
			t.Errorf("%s answers %s with %.100s", path, res.Status, body)
		}
		csp := res.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "http") {
			t.Errorf("the policy is %q", csp)
		}
	}
	for _, path := range []string{"/nowhere", "/runs/a/b", "/assets/", "/index.html"} {
		if res, _ := f.ask(web.Nobody, "GET", path, ""); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %s", path, res.Status)
		}
	}
	for path, page := range map[string]bool{"/nowhere": true, "/runs/a/b": true, "/fleet/x": true, "/jobs/%ff/x": true, "/api/v1/nothing": false, "/assets/nothing.js": false, "/healthz/x": false} {
		res, body := f.ask(web.Nobody, "GET", path, "", "Accept", "text/html,*/*;q=0.8")
		if res.StatusCode != http.StatusNotFound || (string(body) == string(front)) != page {
			t.Errorf("to a browser %s answers %s with %.100s", path, res.Status, body)
		}
	}
	for _, inline := range []string{`<script>`, `<style`, `style="`, `onclick`, `javascript:`} {
		if strings.Contains(string(front), inline) {
			t.Errorf("the page has %s", inline)
		}
	}
	whole := len(front)
	for _, link := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(string(front), -1) {
		if !strings.HasPrefix(link[1], "/") || strings.HasPrefix(link[1], "//") {
			t.Errorf("the page leads elsewhere: %s", link[1])
		}
		res, body := f.ask(web.Nobody, "GET", link[1], "", "Accept-Encoding", "gzip")
		if res.StatusCode != http.StatusOK || len(body) == 0 {
			t.Errorf("%s answers %s", link[1], res.Status)
		}
		if keeps := strings.Contains(res.Header.Get("Cache-Control"), "immutable"); keeps != strings.HasPrefix(link[1], "/assets/") {
			t.Errorf("%s may be kept: %v", link[1], keeps)
		}
		whole += len(body)
	}
	if most := 250 << 10; whole > most {
		t.Errorf("the first load is %d bytes, more than %d", whole, most)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	r, err := f.Ledger.Run(t.Context(), webtest.RunDone)
	must(t, err)
	for range 3 { // the same news may come more than once
		f.Hub.Publish(web.Event{Run: &r})
	}
	f.PublishRun("x", ledger.Succeeded)
	f.ask(web.Nobody, "GET", "/api/v1/jobs/hourly", "")
	_, body := f.ask(web.Nobody, "GET", "/metrics", "")
	for _, line := range []string{
		`fleetscore_runs_total{job_name="hourly",state="failed"} 1`, `fleetscore_runs_total{job_name="hourly",state="succeeded"} 1`,
		`fleetscore_runs{job_name="hourly",state="running"} 1`, `fleetscore_sensors_scored_total{job_name="hourly"} 2`,
		`fleetscore_sensors_failed_total{cause="no_model",job_name="hourly"} 2`, `fleetscore_predictions_total{job_name="hourly",kind="anomalous"} 3`,
		`fleetscore_run_duration_seconds_count{job_name="hourly",state="failed"} 1`, `fleetscore_nodes{state="busy"} 1`, `fleetscore_tasks{state="waiting"} 2`,
		`fleetscore_api_requests_total{route="GET /api/v1/jobs/{job}",status="200"} 1`, `fleetscore_build_info{version="1.2.3"} 1`,
	} {
		if !strings.Contains(string(body), line+"\n") {
			t.Errorf("there is no %s", line)
		}
	}
	if strings.Contains(string(body), "device") || strings.Contains(string(body), "pump") {
		t.Error("a metric has a device")
	}
	if t.Failed() {
		t.Logf("%s", body)
	}
}

// TestHalfBackfill has a backfill that breaks say what it has done, and the trail too.
func TestHalfBackfill(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.Control.Fail = errors.New("the disk is full")
	res, body := f.ask(web.Operator, "POST", "/api/v1/jobs/hourly/backfill", `{"from":"2026-11-24T00:00:00Z","to":"2026-11-25T00:00:00Z"}`)
	if res.StatusCode != http.StatusInternalServerError || !strings.Contains(string(body), "1 of 1 runs had been made") || strings.Contains(string(body), "disk") {
		t.Errorf("it answers %s: %s", res.Status, body)
	}
	entries, err := f.Ledger.Trail(t.Context(), 0, 1)
	must(t, err)
	if len(entries) != 1 || !strings.HasSuffix(entries[0].Detail, ": 1 run; it failed, and may have been done in part") {
		t.Errorf("the trail is %+v", entries)
	}
	if n := strings.Count(f.Log.String(), "the disk is full"); n != 1 {
		t.Errorf("it is logged %d times", n)
	}
}

// TestTrail has every change noted, and nothing else.
func TestTrail(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, path := range []string{"jobs/hourly/runs", "jobs/hourly/pause", "jobs/hourly/resume", "jobs/none/pause", "runs/" + webtest.RunActive + "/cancel", "runs/" + webtest.RunDone + "/cancel", "runs/" + webtest.RunDone + "/retry"} {
		f.ask(web.Operator, "POST", "/api/v1/"+path, "")
	}
	f.ask(web.Operator, "POST", "/api/v1/jobs/hourly/backfill", `{"from":"2026-11-24T00:00:00Z","to":"2026-11-25T00:00:00Z"}`)
	f.ask(web.Operator, "POST", "/api/v1/jobs/hourly/backfill", `{"from":"2026-11-24T00:00:00Z","to":"2026-11-25T00:00:00Z","dry_run":true}`)
	f.ask(web.Admin, "POST", "/api/v1/config/apply", "")
	f.ask(web.Viewer, "POST", "/api/v1/config/apply", "")
	entries, err := f.Ledger.Trail(t.Context(), 0, 100)
	must(t, err)
	var got []string
	for _, e := range entries {
		got = append(got, e.Who+" "+e.Action+" "+e.Subject)
	}
	want := []string{
		"admin-token config.apply ", "operator-token job.backfill hourly", "operator-token run.retry " + webtest.RunDone, "operator-token run.cancel " + webtest.RunActive,
		"operator-token job.resume hourly", "operator-token job.pause hourly", "operator-token job.run hourly", "somebody job.pause hourly",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the trail is\n%s\nand not\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestMalformed types an address that is none, which no handler sees.
func TestMalformed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	_, front := f.ask(web.Nobody, "GET", "/", "")
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(f.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte("GET /jobs/%zz HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusBadRequest || string(body) != string(front) || !strings.HasPrefix(res.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%v %s with %.200s, %v", res.Status, res.Header, body, err)
	}
}
