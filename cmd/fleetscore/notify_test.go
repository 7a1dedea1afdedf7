package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/fleetscore/fleetscore/notify"
	"github.com/fleetscore/fleetscore/web"
)

// receiver begins a receiver of webhooks for a script: it sets a variable to its URL,
// appends what it is sent to a file, a line each, and answers with the status in a
// file beside that, FILE.status, or 204.
func receiver(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: receiver VARIABLE FILE")
	}
	var mu sync.Mutex
	path := ts.MkAbs(args[1])
	ts.Check(os.WriteFile(path, nil, 0o600))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		status := http.StatusNoContent
		if text, err := os.ReadFile(path + ".status"); err == nil {
			status, _ = strconv.Atoi(strings.TrimSpace(string(text)))
		}
		mu.Lock()
		defer mu.Unlock()
		if file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600); err == nil && status/100 == 2 {
			fmt.Fprintf(file, "%s\n", body)
			file.Close()
		}
		w.WriteHeader(status)
	}))
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.URL)
}

// told is a receiver that hangs or fails now and then, and what it has confirmed.
type told struct {
	*httptest.Server
	t   *testing.T
	key *standardwebhooks.Webhook

	mu     sync.Mutex
	hangs  chan struct{} // closed: it does not any more
	fails  bool
	asked  int
	events map[string]notify.Event
	order  []string // of the first time that each was confirmed
}

func newTold(t *testing.T, secret string) *told {
	t.Helper()
	r := &told{t: t, events: map[string]notify.Event{}, hangs: make(chan struct{}), fails: true}
	var err error
	if r.key, err = standardwebhooks.NewWebhook(secret); err != nil {
		t.Fatal(err)
	}
	r.Server = httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(r.Close)
	return r
}

func (r *told) serve(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	r.asked++
	hangs, fails := r.hangs, r.fails
	r.mu.Unlock()
	select {
	case <-hangs:
	case <-req.Context().Done(): // whoever asks has been killed
		return
	}
	if fails && rand.IntN(2) == 0 {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	var e notify.Event
	if err := r.key.Verify(body, req.Header); err != nil {
		r.t.Errorf("the signature: %v", err)
	}
	if err := json.Unmarshal(body, &e); err != nil {
		r.t.Errorf("%v: %s", err, body)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if before, again := r.events[e.ID]; again && string(before.Data) != string(e.Data) {
		r.t.Errorf("%s is told twice, as %s and as %s", e.ID, before.Data, e.Data)
	} else if !again {
		r.order = append(r.order, e.ID)
	}
	r.events[e.ID] = e
}

func (r *told) has(id string) (notify.Event, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.events[id]
	return e, ok
}

func (r *told) requests() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

const notifySecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func notifySettings(url string) string {
	return fmt.Sprintf(`
notify:
  webhooks:
    ops: {url: %q, secret_env: OPS_SECRET, allow_private: true, timeout: 2s}
pool: {max: 1, idle: 1s}
jobs:
  often:
    schedule: "@every 1s"
    interval: 1s
    input: {file: readings.csv}
    retries: {max: 8, backoff: 50ms, max_backoff: 200ms}
    catch_up: all
`, url)
}

// TestNotifyKilled kills a service between the end of a run and its delivery: the
// event comes after the next start.
func TestNotifyKilled(t *testing.T) {
	r := newTold(t, notifySecret)
	d := newDeployment(t, 6, notifySettings(r.URL))
	service := d.up("OPS_SECRET=" + notifySecret)
	for limit := time.Now().Add(time.Minute); r.requests() == 0; wait() {
		if time.Now().After(limit) {
			t.Fatal("nothing is told")
		}
	}
	if err := service.Process.Kill(); err != nil { // while the receiver hangs
		t.Fatal(err)
	}
	_ = service.Wait()
	if len(r.events) > 0 {
		t.Fatalf("%d events were confirmed by a receiver that hangs", len(r.events))
	}
	r.mu.Lock()
	close(r.hangs)
	r.fails = false
	r.mu.Unlock()
	service = d.up("OPS_SECRET=" + notifySecret)
	runs := d.settled("often")
	d.allTold(r, runs)
	d.stop(service)
}

// TestNotifyCrashes kills a service at random instants, again and again, with a
// receiver that fails half the time: every run that has ended is told of, in order.
func TestNotifyCrashes(t *testing.T) {
	times := 5
	if os.Getenv("FLEETSCORE_SOAK") != "" {
		times = 100
	}
	r := newTold(t, notifySecret)
	close(r.hangs)
	d := newDeployment(t, 6, notifySettings(r.URL))
	for range times {
		service := d.up("OPS_SECRET=" + notifySecret)
		<-time.After(500*time.Millisecond + rand.N(1500*time.Millisecond))
		if err := service.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = service.Wait()
	}
	service := d.up("OPS_SECRET=" + notifySecret)
	runs := d.settled("often")
	d.allTold(r, runs)
	d.stop(service)
	t.Logf("%d kills, %d runs, %d requests, %d events", times, len(runs), r.requests(), len(r.events))
}

// allTold waits until a receiver knows of all runs, and checks that it was told of
// them in the order in which they ended.
func (d *deployment) allTold(r *told, runs []web.Run) {
	d.t.Helper()
	if len(runs) == 0 {
		d.t.Fatal("there are no runs")
	}
	for _, run := range runs {
		id := fmt.Sprintf("%s-%d-run-%s", run.ID, run.Rev, run.State)
		for limit := time.Now().Add(time.Minute); ; wait() {
			e, ok := r.has(id)
			if ok {
				if e.Subject != "often/"+run.Interval.Key() || e.SpecVersion != "1.0" || e.Source != "/fleetscore" || !strings.HasPrefix(e.Type, notify.TypePrefix+"run.") {
					d.t.Errorf("%+v", e)
				}
				break
			}
			if time.Now().After(limit) {
				var list web.MessageList
				err := d.ask(&list, "notify", "messages")
				d.t.Fatalf("%s is never told; there wait %+v, %v", id, list.Messages, err)
			}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	last := ""
	for _, id := range r.order {
		run, _, _ := strings.Cut(id, "-run-")
		if run == id {
			continue // of another kind
		}
		if run < last {
			d.t.Errorf("%s is told after %s", run, last)
		}
		last = run
	}
}
