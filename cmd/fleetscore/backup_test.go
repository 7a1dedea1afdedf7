package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestBackup backs a ledger up while runs are made, puts it back after more of them,
// and goes on: no interval is scored twice, and none is left out.
func TestBackup(t *testing.T) {
	const job = "often"
	d := newDeployment(t, 30, `pool: {max: 2, idle: 5s}
jobs:
  often:
    schedule: "@every 1s"
    interval: 1s
    input: {file: readings.csv}
    catch_up: all
`)
	runs := func(least int) {
		t.Helper()
		for limit := time.Now().Add(60 * time.Second); ; wait() {
			var list struct{ Runs []any }
			if d.ask(&list, "run", "list", "--state", "succeeded", "--limit", "100") == nil && len(list.Runs) >= least {
				return
			}
			if time.Now().After(limit) {
				t.Fatalf("there are never %d runs", least)
			}
		}
	}
	do := func(fails bool, args ...string) string {
		t.Helper()
		out, err := d.command(args...).CombinedOutput()
		if (err != nil) != fails {
			t.Fatalf("%v: %v: %s", args, err, out)
		}
		return string(out)
	}
	service := d.up()
	runs(3)
	do(false, "backup", "--to", "live.db")
	if out := do(true, "backup", "--to", "live.db"); !strings.Contains(out, "there already") {
		t.Errorf("a second time: %s", out)
	}
	runs(7)
	if out := do(true, "restore", "--from", "live.db"); !strings.Contains(out, "in use by") {
		t.Errorf("restoring while the service runs: %s", out)
	}
	d.settled(job)
	d.stop(service)
	before := d.verified()
	do(false, "backup", "--to", "stopped.db")
	d.write("torn.db", []byte("SQLite format 3\x00"))
	do(true, "restore", "--from", "torn.db")
	copied, err := os.ReadFile(filepath.Join(d.dir, "live.db"))
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.LastIndex(copied, []byte("succeeded")) // of a run: no structure of SQLite breaks
	copied[at] = 'z'
	d.write("changed.db", copied)
	if out := do(true, "restore", "--from", "changed.db"); !strings.Contains(out, "the ledger is damaged: its SHA-256 is ") || !strings.Contains(out, "use another copy") {
		t.Errorf("restoring what was changed: %s", out)
	}
	copied[at] = 's'
	d.write("older.db", copied[:len(copied)-len(copied)%512]) // without its seal
	if out := do(false, "restore", "--from", "older.db"); !strings.Contains(out, "the copy has no SHA-256") {
		t.Errorf("restoring a copy of an older version: %s", out)
	}

	if out := do(false, "restore", "--from", "live.db"); !strings.Contains(out, "what was there is in ") {
		t.Errorf("restoring: %s", out)
	}
	service = d.up()
	var after []struct{ State, Note string }
	for limit := time.Now().Add(60 * time.Second); ; wait() {
		var list struct {
			Runs []struct{ State, Note string }
		}
		if d.ask(&list, "run", "list", "--limit", "100") == nil {
			after = list.Runs
			if n := countNotes(after); n >= 3 && len(after) > before.Intervals {
				break
			}
		}
		if time.Now().After(limit) {
			t.Fatalf("%d intervals were committed, and of %d runs %d were taken over", before.Intervals, len(after), countNotes(after))
		}
	}
	d.settled(job)
	d.stop(service)
	v := d.verified()
	if v.Commits != v.Intervals || v.Intervals <= before.Intervals || len(v.Gaps) > 0 {
		t.Errorf("%d commits of %d intervals, %d before, gaps %v", v.Commits, v.Intervals, before.Intervals, v.Gaps)
	}
	// The ledger of another store is refused.
	other := newDeployment(t, 1, "")
	if out, err := other.command("restore", "--from", filepath.Join(d.dir, "live.db")).CombinedOutput(); err == nil || !strings.Contains(string(out), "another store") {
		t.Errorf("into another store: %v: %s", err, out)
	}
}

func countNotes(runs []struct{ State, Note string }) (n int) {
	for _, r := range runs {
		if strings.Contains(r.Note, "not scored again") {
			n++
		}
	}
	return n
}
