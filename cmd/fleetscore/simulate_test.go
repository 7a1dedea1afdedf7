package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/simulate"
)

// TestSimulate: a fleet is sent to a service until an interrupt; all that was sent
// is acknowledged.
func TestSimulate(t *testing.T) {
	t.Setenv("FLEETSCORE_TOKEN", "secret")
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var taken atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		for lines := bufio.NewScanner(r.Body); lines.Scan(); {
			taken.Add(1)
		}
		if taken.Load() > 1000 {
			interrupt()
		}
	}))
	defer server.Close()
	var stdout, stderr bytes.Buffer
	root := newRoot()
	root.SetArgs([]string{"simulate", "--devices", "50", "--tags", "2", "--rate", "20/s", "--back", "2s", "--for", "1h", "--json", "--to", server.URL})
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	if err := root.ExecuteContext(ctx); err != nil {
		t.Fatal(err)
	}
	var got simulated
	if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Sent < 1000 || got.Acknowledged != got.Sent || got.Acknowledged != taken.Load() || got.Config.Devices != 50 {
		t.Errorf("%+v, and the service has taken %d", got, taken.Load())
	}
	if stderr.Len() > 0 {
		t.Errorf("progress, and there is no terminal: %q", stderr.String())
	}
}

// TestSimulateRefused: without the right token nothing is sent, and it says why.
func TestSimulateRefused(t *testing.T) {
	t.Setenv("FLEETSCORE_TOKEN", "wrong")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	defer server.Close()
	root := newRoot()
	root.SetArgs([]string{"simulate", "--devices", "5", "--to", server.URL})
	root.SetOut(&bytes.Buffer{})
	err := root.ExecuteContext(t.Context())
	if err == nil {
		t.Fatal("it is sent")
	}
	if f := judge(err); f.Exit != exitCannotRun || !regexp.MustCompile("refuses the sender.*401").MatchString(f.Error) {
		t.Errorf("%+v", f)
	}
}

func TestSimulationLine(t *testing.T) {
	c := simulate.Counts{Sent: 12_345, Acknowledged: 12_000, Repeated: 3, Rejected: 1}
	var p simulate.Play
	got := simulationLine(&p, c, p.At().Add(time.Minute))
	if want := "00:00:00 · sent 12,345 · acknowledged 12,000 · repeated 3 · anomalies 0 · rejected 1 · 1m0s behind"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
