package main

import (
	"context"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

const poolFails = "pending_sensors == 6 ? 1 / (pending_sensors - 6) : 0"

// pool is how a service's pool is.
func (d *deployment) pool() (p web.PoolStatus) {
	d.t.Helper()
	for limit := time.Now().Add(20 * time.Second); d.ask(&p, "pool", "show") != nil; wait() {
		if time.Now().After(limit) {
			d.t.Fatal("the service does not answer")
		}
	}
	return p
}

// trail is what the audit trail has of some actions, the newest first.
func (d *deployment) trail(actions ...string) (all []web.Entry) {
	d.t.Helper()
	token, err := os.ReadFile(d.dir + "/data/.fleetscore/token")
	if err != nil {
		d.t.Fatal(err)
	}
	c, err := client.New("http://"+d.address, strings.TrimSpace(string(token)))
	if err != nil {
		d.t.Fatal(err)
	}
	trail, err := c.Audit(context.Background(), 0, 100)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, e := range trail.Entries {
		for _, action := range actions {
			if e.Action == action {
				all = append(all, e)
			}
		}
	}
	return all
}

func (d *deployment) mustDo(args ...string) string {
	d.t.Helper()
	out, err := d.command(args...).CombinedOutput()
	if err != nil {
		d.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

// TestFormulaFails has a formula fail for a moment in each run: the last good one is
// followed then, after a restart too; people are told once, and Prometheus all the time.
func TestFormulaFails(t *testing.T) {
	d := newDeployment(t, 6, `pool: {max: 4, formula: "pending_tasks > 0 ? 3 : 0"}
notify: {webhooks: {ops: {url: "http://127.0.0.1:9/", allow_private: true, events: [formula.failing, formula.works]}}}
jobs:
  files:
    interval: 1h
    input: {file: readings.csv}
`)
	scored := func() {
		t.Helper()
		if run := d.await(d.begin("files").ID, isOver); run.State != "succeeded" {
			t.Fatalf("%+v", run)
		}
	}
	told := func() string {
		t.Helper()
		var list web.MessageList
		if err := d.ask(&list, "notify", "messages"); err != nil {
			t.Fatal(err)
		}
		var types []string
		for _, m := range list.Messages {
			types = append(types, m.Event)
		}
		return strings.Join(types, " ")
	}
	gauge := func(want string) {
		t.Helper()
		if text := scrape(t, d); !strings.Contains(text, "\nfleetscore_pool_formula_failing "+want+"\n") {
			t.Fatalf("it is not told that the formula fails (%s):\n%s", want, text)
		}
	}
	service := d.up()
	scored()
	gauge("0")
	d.mustDo("pool", "set", "--formula", poolFails)
	for range 3 {
		scored()
	}
	gauge("1")
	p := d.pool()
	if p.Failing == nil || p.Failing.Error == "" || p.Good != "pending_tasks > 0 ? 3 : 0" {
		t.Errorf("%+v", p)
	}
	var history web.PoolHistory
	if err := d.ask(&history, "pool", "history"); err != nil {
		t.Fatal(err)
	}
	failed := 0
	for _, c := range history.Decisions {
		if c.Error != "" {
			failed++
			if c.Target != 3 {
				t.Errorf("not the last good formula was followed: %+v", c)
			}
		}
	}
	if failed < 3 {
		t.Errorf("%d decisions of 3 runs failed", failed)
	}
	d.stop(service)

	service = d.up()
	if p := d.pool(); p.Good != "pending_tasks > 0 ? 3 : 0" {
		t.Errorf("after a restart the last good formula is %q", p.Good)
	}
	scored()
	gauge("1")
	if text := d.mustDo("pool", "show"); !strings.Contains(text, "the last good one, which is followed where it does\n  pending_tasks > 0 ? 3 : 0\n") {
		t.Error(text)
	}
	if kinds := told(); kinds != "formula.failing" {
		t.Errorf("of four runs it was told: %q", kinds)
	}
	d.mustDo("pool", "set", "--reset")
	gauge("0")
	for limit := time.Now().Add(time.Minute); !strings.Contains(told(), "formula.works"); wait() {
		if time.Now().After(limit) {
			t.Fatalf("that a formula works again is not told: %q", told())
		}
	}
	d.stop(service)
}

// TestPoolIsSet sets some of what the pool is told: the rest follows the settings, and
// the audit trail has what was before, whoever changed it.
func TestPoolIsSet(t *testing.T) {
	const settings = "pool: {min: 0, max: 4}\n"
	d := newDeployment(t, 3, settings)
	edit := func(pool string) {
		t.Helper()
		text, err := os.ReadFile(d.dir + "/fleetscore.yaml")
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(string(text), "pool:")
		d.write("fleetscore.yaml", []byte(head+"pool: "+pool+"\n"))
	}
	service := d.up()
	d.pool()
	d.mustDo("pool", "set", "--formula", "nodes")
	edit("{min: 1, max: 6, formula: '2'}")
	out := d.mustDo("config", "apply")
	for _, want := range []string{
		"in effect: pool.max, pool.min\n", "without effect: pool.formula: another was set by command",
		`pool: formula "nodes", min 1, max 6 (set by command: formula); before: formula "nodes", min 0, max 4 (set by command: formula)`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("config apply says\n%sand not %s", out, want)
		}
	}
	if p := d.pool(); p.Formula != "nodes" || p.Min != 1 || p.Max != 6 || strings.Join(p.Overrides, " ") != "formula" {
		t.Errorf("%+v", p)
	}
	d.mustDo("pool", "set", "--min", "3")
	edit("{max: 2}") // does not go with it
	if out, err := d.command("config", "apply").CombinedOutput(); err == nil || !strings.Contains(string(out), "3, is more than max, 2") || d.pool().Max != 6 {
		t.Errorf("%v\n%s", err, out)
	}
	d.stop(service)
	service = d.up() // nor at a start, where the settings count
	if p := d.pool(); p.Formula == "nodes" || p.Min != 0 || p.Max != 2 || p.Set {
		t.Errorf("%+v", p)
	}
	d.mustDo("pool", "set", "--max", "0") // one for each core, and no fewer than min
	if p := d.pool(); p.Max < 3 {
		t.Errorf("%+v", p)
	}
	d.mustDo("pool", "set", "--reset")
	edit("{max: 9}")
	if err := service.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	for limit := time.Now().Add(20 * time.Second); d.pool().Max != 9; wait() {
		if time.Now().After(limit) {
			t.Fatalf("%+v", d.pool())
		}
	}
	for _, args := range [][]string{{"--reset", "--formula", "1"}, {"--reset", "--max", "0"}, {"--max", "-1"}} {
		if out, err := d.command(append([]string{"pool", "set"}, args...)...).CombinedOutput(); err == nil {
			t.Errorf("%v is taken: %s", args, out)
		}
	}
	var entries []web.Entry
	for limit := time.Now().Add(20 * time.Second); len(entries) != 6; wait() {
		if entries = d.trail("pool.set", "config.apply"); time.Now().After(limit) {
			t.Fatalf("%+v", entries)
		}
	}
	for i, want := range []struct{ who, action, detail string }{
		{"SIGHUP", "config.apply", `settings ["pool.max"], pool: formula the default, min 0, max 9; before: formula the default, min 0, max 2`},
		{"", "pool.set", `reset: formula the default, min 0, max 2; before: formula "nodes", min 3, `},
		{"", "pool.set", "(set by command: formula, min, max); before: formula the default, min 0, max 2"},
		{"", "pool.set", `formula "nodes", min 3, max 6 (set by command: formula, min); before: formula "nodes", min 1, max 6 (set by command: formula)`},
		{"", "config.apply", `settings ["pool.max" "pool.min"], pool: formula "nodes", min 1, max 6`},
		{"", "pool.set", `formula "nodes", min 0, max 4 (set by command: formula); before: formula the default, min 0, max 4`},
	} {
		e := entries[i]
		if e.Action != want.action || want.who != "" && e.Who != want.who || !strings.Contains(e.Detail, want.detail) {
			t.Errorf("entry %d is %+v; want %+v", i, e, want)
		}
	}
	d.stop(service)
}
