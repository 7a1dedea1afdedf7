package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/fleetscore/fleetscore/internal/testkit/otlp"
)

// busy is a service that shows all that it ever does: runs, also one that takes
// long, sensors that fail, nodes that die, readings that are taken and that are not, a
// receiver that is told.
func busy(t *testing.T) (*deployment, *exec.Cmd) {
	t.Helper()
	r := otlp.New()
	t.Cleanup(r.Close)
	told := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	t.Cleanup(told.Close)
	d := newDeployment(t, 30, `telemetry: {otlp: "`+r.URL+`"}
notify: {webhooks: {ops: {url: "`+told.URL+`", allow_private: true}}}
stream: {flush: 1s, archive: true}
jobs:
  busy:
    interval: 1h
    input: {file: readings.csv}
    timeout: 2s
    tasks: {max_sensors: 10, seconds: 0s}
    retries: {max: 1, backoff: 10ms, max_backoff: 10ms}
`)
	service := d.up("FLEETSCORE_INJECT=hang:device-5/tag-0,crash:device-7/tag-1", "FLEETSCORE_INGEST_MQTT="+unusedAddress(t), "OTEL_BSP_SCHEDULE_DELAY=50")
	d.begin("busy")
	return d, service
}

// tell posts readings, of which one is good.
func (d *deployment) tell() {
	d.t.Helper()
	body := `[{"device":"pump-1","tag":"pressure","value":1.5},{"device":"","tag":"pressure","value":1}]`
	res, err := http.Post("http://"+d.address+"/api/v1/readings", "application/json", strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	res.Body.Close()
}

// exposed are the metrics that a service shows, by name.
func exposed(t *testing.T, d *deployment) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for line := range strings.Lines(scrape(t, d)) {
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, _, _ := strings.Cut(rest, " ")
			names[name] = true
		}
	}
	return names
}

func scrape(t *testing.T, d *deployment) string {
	t.Helper()
	res, err := http.Get("http://" + d.address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res.Status, err)
	}
	return string(text)
}

// dashboardQueries are those of the dashboard, by the title of their panel.
func dashboardQueries(t *testing.T) map[string][]string {
	t.Helper()
	var dashboard struct {
		Panels []struct {
			Title, Type string
			Targets     []struct{ Expr string }
		}
		Templating struct {
			List []struct{ Type, Definition string }
		}
	}
	data, err := os.ReadFile("../../deploy/grafana/dashboard.json")
	if err == nil {
		err = json.Unmarshal(data, &dashboard)
	}
	if err != nil {
		t.Fatal(err)
	}
	queries := map[string][]string{}
	for _, p := range dashboard.Panels {
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("panel %s has no query", p.Title)
		}
		for _, target := range p.Targets {
			queries[p.Title] = append(queries[p.Title], target.Expr)
		}
	}
	for _, v := range dashboard.Templating.List {
		if v.Type == "query" {
			queries["variables"] = append(queries["variables"], v.Definition)
		}
	}
	if len(queries) < 20 {
		t.Errorf("only %d panels were found", len(queries))
	}
	return queries
}

// ruleQueries are those of the alert rules, by their names.
func ruleQueries(t *testing.T) map[string][]string {
	t.Helper()
	var rules struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	data, err := os.ReadFile("../../deploy/prometheus/alerts.yaml")
	if err == nil {
		err = yaml.Unmarshal(data, &rules)
	}
	if err != nil || len(rules.Groups) == 0 {
		t.Fatal(err)
	}
	queries := map[string][]string{}
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			queries[r.Alert] = append(queries[r.Alert], r.Expr)
		}
	}
	return queries
}

var (
	metricName = regexp.MustCompile(`\b(?:fleetscore|process|go)_\w+`)
	parts      = regexp.MustCompile(`_(bucket|sum|count)$`)
)

// TestDeployNames has a real service show every metric that the dashboard and the
// alert rules ask for.
func TestDeployNames(t *testing.T) {
	wanted := map[string]string{}
	for _, queries := range []map[string][]string{dashboardQueries(t), ruleQueries(t)} {
		for where, list := range queries {
			for _, q := range list {
				for _, name := range metricName.FindAllString(q, -1) {
					wanted[name] = where
				}
			}
		}
	}
	if len(wanted) < 25 {
		t.Fatalf("only %d names were found: %v", len(wanted), wanted)
	}
	d, service := busy(t)
	defer d.stop(service)
	for limit := time.Now().Add(2 * time.Minute); ; wait() {
		d.tell()
		have := exposed(t, d)
		for name := range wanted {
			if have[name] || have[parts.ReplaceAllString(name, "")] {
				delete(wanted, name)
			}
		}
		if len(wanted) == 0 {
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("the service never shows %v", wanted)
		}
	}
}
