package notify_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/notify"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// noFates knows nothing of any run.
type noFates struct{}

func (noFates) Fates(context.Context, ledger.Run) iter.Seq2[notify.Fate, error] {
	return func(func(notify.Fate, error) bool) {}
}

func (noFates) Anomalies(context.Context, ledger.Run, map[fleet.Sensor]notify.Anomaly) error {
	return nil
}

func openLedger(t testing.TB) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
	must(t, err)
	t.Cleanup(func() { must(t, l.Close()) })
	return l
}

// start starts a service that does not wait long.
func start(t testing.TB, l *ledger.Ledger, cfg notify.Config) *notify.Service {
	t.Helper()
	cfg.Ledger = l
	if cfg.Fates == nil {
		cfg.Fates = noFates{}
	}
	if cfg.Backoff == 0 {
		cfg.Backoff, cfg.BackoffMost = time.Millisecond, 20*time.Millisecond
	}
	if cfg.Examples == 0 {
		cfg.Examples = 3
	}
	cfg.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	s, err := notify.New(cfg)
	must(t, err)
	must(t, s.Start(t.Context()))
	t.Cleanup(s.Stop)
	return s
}

// receiver is one whose answers a test makes.
type receiver struct {
	*httptest.Server
	secret    notify.Secret
	mu        sync.Mutex
	got       []call
	confirmed int
	came      chan struct{} // after each request
}

// call is a request that a receiver got.
type call struct {
	header http.Header
	body   []byte
	status int
}

// event is the one that a request has.
func (c *call) event(t testing.TB) notify.Event {
	t.Helper()
	var e notify.Event
	must(t, json.Unmarshal(c.body, &e))
	return e
}

// listen begins a receiver that answers n-th requests, from 0, as answer does; nil: 204.
func listen(t testing.TB, answer func(n int, w http.ResponseWriter, r *http.Request)) *receiver {
	t.Helper()
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	r := &receiver{secret: key, came: make(chan struct{}, 1)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		n := len(r.got)
		r.got = append(r.got, call{header: req.Header.Clone(), body: body})
		r.mu.Unlock()
		seen := &recorder{ResponseWriter: w, status: 200}
		if answer == nil {
			seen.WriteHeader(http.StatusNoContent)
		} else {
			answer(n, seen, req)
		}
		r.mu.Lock()
		r.got[n].status = seen.status
		if seen.status/100 == 2 {
			r.confirmed++
		}
		r.mu.Unlock()
		select {
		case r.came <- struct{}{}:
		default:
		}
	}))
	t.Cleanup(r.Server.Close)
	return r
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *receiver) calls() []call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]call(nil), r.got...)
}

// until waits until a receiver has confirmed n requests.
func (r *receiver) until(t testing.TB, what string, n int) []call {
	t.Helper()
	limit := time.NewTimer(2 * time.Minute)
	defer limit.Stop()
	for {
		r.mu.Lock()
		confirmed := r.confirmed
		r.mu.Unlock()
		if confirmed >= n {
			return r.calls()
		}
		select {
		case <-r.came:
		case <-limit.C:
			t.Fatalf("not in time: %s; %d requests came, %d were confirmed", what, len(r.calls()), confirmed)
		}
	}
}

// as makes a receiver of the settings of it.
func (r *receiver) as(t testing.TB, name string) notify.Receiver {
	t.Helper()
	d, err := notify.NewWebhook(notify.WebhookConfig{URL: r.URL + "/hook/SECRET", Secret: r.secret, AllowPrivate: true, Version: "1"})
	must(t, err)
	return notify.Receiver{Name: name, Destination: d}
}

// eventually waits until something is so that nobody gives a signal of.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for limit := time.Now().Add(time.Minute); !is(); <-time.After(2 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

func hour(n int) fleet.Interval {
	from := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Hour)
	return fleet.NewInterval(from, from.Add(time.Hour))
}
