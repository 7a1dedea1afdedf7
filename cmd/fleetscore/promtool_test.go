//go:build promtool

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// promtool runs Prometheus's own checker, which `make monitoring` gets.
func promtool(t *testing.T, dir, in string, args ...string) {
	t.Helper()
	program := filepath.Join(os.Getenv("FLEETSCORE_SERVERS"), "bin", "promtool")
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(in)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %v: %v\n%s", args, err, out)
	}
}

// TestDeployMetrics has promtool look at what a service shows that has done much.
func TestDeployMetrics(t *testing.T) {
	d, service := busy(t)
	defer d.stop(service)
	d.tell()
	d.settled("busy")
	promtool(t, "", scrape(t, d), "check", "metrics")
}

// TestDeployRules has promtool check the alert rules, and try when they fire.
func TestDeployRules(t *testing.T) {
	promtool(t, "../../deploy/prometheus", "", "check", "rules", "alerts.yaml")
	promtool(t, "../../deploy/prometheus", "", "test", "rules", "alerts_test.yaml")
}

// TestDeployQueries has promtool read the queries of the dashboard, as rules.
func TestDeployQueries(t *testing.T) {
	type rule struct {
		Record string `yaml:"record"`
		Expr   string `yaml:"expr"`
	}
	var rules []rule
	for where, queries := range dashboardQueries(t) {
		for _, q := range queries {
			if where != "variables" { // which are Grafana's
				rules = append(rules, rule{"query", strings.ReplaceAll(q, "$__rate_interval", "5m")})
			}
		}
	}
	type group struct {
		Name  string `yaml:"name"`
		Rules []rule `yaml:"rules"`
	}
	text, err := yaml.Marshal(map[string][]group{"groups": {{"dashboard", rules}}})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "rules.yaml"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, dir, "", "check", "rules", "--lint=none", "rules.yaml")
}
