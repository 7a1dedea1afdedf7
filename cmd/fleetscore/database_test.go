//go:build postgres

package main

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/internal/testkit/postgres"
	"github.com/fleetscore/fleetscore/web"
)

// TestPostgresOperated does what an operator does with services over a database: looks
// at them, backs them up, and has the database hang and die under them. The password is
// never told.
func TestPostgresOperated(t *testing.T) {
	server := postgres.Start(t)
	d := newDeployment(t, 3, `jobs:
  idle:
    interval: 1h
    input: {file: readings.csv}
`)
	both := d.machines(2, strings.Replace(server.Schema(t), "postgres@", "postgres:s3cr3t@", 1))
	m, standby := both[0], both[1]
	do := func(m *machine, status int, args ...string) string {
		t.Helper()
		cmd := m.command(args...)
		cmd.Env = append(cmd.Env, m.env...)
		out, err := cmd.CombinedOutput()
		var ended *exec.ExitError
		if err != nil && !errors.As(err, &ended) || cmd.ProcessState.ExitCode() != status {
			t.Errorf("%v: %v, and not status %d: %s", args, err, status, out)
		}
		if strings.Contains(string(out), "s3cr3t") {
			t.Errorf("%v tells the password: %s", args, out)
		}
		return string(out)
	}
	says := func(out string, all ...string) {
		t.Helper()
		for _, text := range all {
			if !strings.Contains(out, text) {
				t.Errorf("%q is not said:\n%s", text, out)
			}
		}
	}
	says(do(m, 0, "doctor"), "PostgreSQL ", "there are no tables yet", "0 failures")
	m.start()
	active(t, m)
	told, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "n"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer told.Close()
	standby.env = append(standby.env, "NOTIFY_SOCKET="+told.LocalAddr().String())
	standby.start()
	standsBy(t, standby, m)
	ready := make([]byte, 100) // or systemd would end it after a while
	if n, err := told.Read(ready); err != nil || string(ready[:n]) != "READY=1" {
		t.Errorf("of one that stands by systemd is told %q, %v", ready[:n], err)
	}
	says(do(m, 0, "doctor"), "as this program's: 1 job, 0 runs", " has it\n", ", ready", "0 failures")
	out := do(standby, 0, "doctor")
	says(out, "stands by, ready to take over", "has it, and the service here stands by", "0 failures")
	if strings.Contains(out, "token") {
		t.Errorf("of one that stands by, a token is asked for:\n%s", out)
	}

	says(do(m, 1, "backup", "--to", "copy.db"), "pg_dump ", "--schema='fleet1'")
	says(do(standby, 1, "backup", "--to", "copy.db"), "pg_dump ")
	says(do(m, 1, "backup", "--to", "copy.db", "--url", "http://"+m.address), "pg_dump ", "docs/security.md")
	says(do(m, 1, "restore", "--from", "copy.db"), "stop all services", "pg_restore ")
	if _, err := os.Stat(d.dir + "/copy.db"); err == nil {
		t.Error("something else was backed up")
	}

	token, err := os.ReadFile(d.dir + "/machine-0/token")
	if err != nil {
		t.Fatal(err)
	}
	unavailable := func(method, path, body string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, "http://"+m.address+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
		req.Header.Set("Content-Type", "application/json")
		client := http.Client{Timeout: time.Minute} // far more than it may take
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, _ := io.ReadAll(res.Body)
		if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" || !strings.Contains(string(text), web.CodeUnavailable) {
			t.Errorf("%s %s is answered with %s, %v: %s", method, path, res.Status, res.Header, text)
		}
	}
	all := func() {
		t.Helper()
		unavailable("POST", "/api/v1/mutes", `{"sensors": "pump/*", "until": "`+time.Now().Add(time.Hour).UTC().Format(time.RFC3339)+`"}`)
		unavailable("POST", "/api/v1/jobs/idle/runs", `{}`)
		unavailable("POST", "/api/v1/jobs/idle/pause", ``)
		unavailable("POST", "/api/v1/pool", `{"min": 1}`)
		unavailable("POST", "/api/v1/tokens", `{"name": "one", "role": "viewer"}`)
		unavailable("POST", "/api/v1/config/apply", ``)
		for _, path := range []string{"jobs", "runs", "runs/none", "nodes", "status", "audit", "mutes", "notify/messages", "pool/history"} {
			unavailable("GET", "/api/v1/"+path, "")
		}
	}
	standby.signal(syscall.SIGTERM)
	<-standby.ended
	standby.service = nil
	server.Stop()
	all()
	says(do(m, 3, "doctor"), "fail  ledger: ", "does not answer", "      → is it running")
	server.Continue()
	active(t, m)
	server.Kill()
	all()
	says(do(m, 3, "doctor"), "fail  ledger: ", "does not answer")
	server.Up()
	active(t, m)
	says(do(m, 0, "doctor"), "0 failures")
}
