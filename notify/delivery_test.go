package notify_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/notify"
)

// messages fills the outbox for a receiver: n of them, over some keys in turn.
func messages(t testing.TB, l *ledger.Ledger, receiver string, n, keys int) {
	t.Helper()
	now := time.Now()
	var all []ledger.Message
	for i := range n {
		id := fmt.Sprintf("%s-%06d", receiver, i)
		all = append(all, ledger.Message{
			Receiver: receiver, ID: id, Type: "anomalies.found", Subject: fmt.Sprintf("sensor-%d", i%keys), OrderingKey: fmt.Sprintf("sensor-%d", i%keys),
			Body:    fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":"/fleetscore","type":"io.github.fleetscore.anomalies.found","subject":"sensor-%d","time":"2026-11-23T12:00:00Z","datacontenttype":"application/json","data":{}}`, id, i%keys),
			Created: now, Due: now, Expires: now.Add(time.Hour),
		})
	}
	must(t, l.Enqueue(t.Context(), all))
}

// delivered checks that all were confirmed, each after those before it of its key,
// and signed so that somebody else's verifier believes it.
func delivered(t testing.TB, r *receiver, calls []call, n int) {
	t.Helper()
	verifier, err := standardwebhooks.NewWebhookRaw(r.secret)
	must(t, err)
	confirmed, last := map[string]bool{}, map[string]string{}
	for i := range calls {
		c := &calls[i]
		if err := verifier.Verify(c.body, c.header); err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		e := c.event(t)
		if e.ID != c.header.Get("webhook-id") {
			t.Fatalf("request %d is of event %s, and its header says %s", i, e.ID, c.header.Get("webhook-id"))
		}
		if last[e.Subject] > e.ID {
			t.Fatalf("%s: %s comes after %s", e.Subject, e.ID, last[e.Subject])
		}
		last[e.Subject] = e.ID
		if c.status/100 == 2 {
			if confirmed[e.ID] {
				t.Errorf("%s was confirmed twice", e.ID)
			}
			confirmed[e.ID] = true
		}
	}
	if len(confirmed) != n {
		t.Fatalf("%d of %d were confirmed", len(confirmed), n)
	}
}

// TestHalfFails has many events for a receiver that fails half the
// time, in whatever way: all come, in order for each sensor.
func TestHalfFails(t *testing.T) {
	const sensors = 100
	n := 1000
	if os.Getenv("FLEETSCORE_SOAK") != "" {
		n = 10_000
	}
	r := listen(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		switch rand.IntN(8) {
		case 0:
			w.WriteHeader(http.StatusInternalServerError)
		case 1:
			w.WriteHeader(http.StatusBadRequest)
		case 2:
			w.WriteHeader(http.StatusBadGateway)
		case 3:
			if conn, _, err := w.(*recorder).ResponseWriter.(http.Hijacker).Hijack(); err == nil {
				w.(*recorder).status = 0
				conn.Close()
			}
		default:
			w.WriteHeader(http.StatusOK)
		}
	})
	l := openLedger(t)
	messages(t, l, "ops", n, sensors)
	begin := time.Now()
	s := start(t, l, notify.Config{Receivers: []notify.Receiver{r.as(t, "ops")}, BackoffMost: 4 * time.Millisecond, Backoff: time.Millisecond})
	calls := r.until(t, "all are confirmed", n)
	took := time.Since(begin)
	eventually(t, "the outbox is empty", func() bool {
		st, err := s.Status(t.Context())
		return err == nil && st[0].Waiting == 0 && st[0].Delivered == uint64(n)
	})
	delivered(t, r, calls, n)
	t.Logf("%d events of %d sensors in %d requests: %.2f s, %.0f confirmed a second", n, sensors, len(calls), took.Seconds(), float64(n)/took.Seconds())
}

// TestHangs has one receiver hang, which does not hold up another.
func TestHangs(t *testing.T) {
	const hang = 16 // as many as are under way at a time
	release := make(chan struct{})
	hanging := listen(t, func(n int, w http.ResponseWriter, r *http.Request) {
		if n < hang {
			select {
			case <-release:
			case <-r.Context().Done():
			}
			w.(*recorder).status = 0 // nobody reads it
		}
	})
	defer close(release)
	quick := listen(t, nil)
	l := openLedger(t)
	messages(t, l, "slow", 40, 20)
	messages(t, l, "quick", 200, 20)
	slow := hanging.as(t, "slow")
	slow.Timeout = 3 * time.Second // long enough that only those that hang take it
	start(t, l, notify.Config{Receivers: []notify.Receiver{slow, quick.as(t, "quick")}})
	delivered(t, quick, quick.until(t, "the quick receiver has all", 200), 200)
	// Of the hanging one all come too, once it does not hang any more.
	delivered(t, hanging, hanging.until(t, "the slow receiver has all", 40), 40)
}

// TestAnswers has a receiver answer in ways that mean something.
func TestAnswers(t *testing.T) {
	t.Parallel()
	elsewhere := listen(t, nil)
	for name, test := range map[string]struct {
		answer func(n int, w http.ResponseWriter, r *http.Request)
		state  ledger.MessageState // after it; "": delivered, with the second attempt
		text   string
	}{
		"gone":      {func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }, ledger.MessageDead, "410 Gone"},
		"too large": {func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusRequestEntityTooLarge) }, ledger.MessageDead, "413"},
		"redirect": {func(_ int, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		}, ledger.MessageWaiting, "redirects are not followed"},
		"redirect to metadata": {func(_ int, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
		}, ledger.MessageWaiting, "redirects are not followed"},
		"talks": {func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "<b>\x1b[31m\u202eno\r\n"+strings.Repeat("x", 1<<20))
		}, ledger.MessageWaiting, "403 Forbidden: <b>\uFFFD[31m\uFFFDno  xxx"},
		"wait": {func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 0 {
				w.Header().Set("Retry-After", "1")
				w.WriteHeader(http.StatusTooManyRequests)
			}
		}, "", ""},
		"wait long": {func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "99999999")
			w.WriteHeader(http.StatusServiceUnavailable)
		}, ledger.MessageWaiting, "503"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := listen(t, test.answer)
			l := openLedger(t)
			messages(t, l, "ops", 2, 2)
			begin := time.Now()
			backoff := time.Hour // so that what is tried again is what says so
			if test.state == "" {
				backoff = time.Millisecond
			}
			s := start(t, l, notify.Config{Receivers: []notify.Receiver{r.as(t, "ops")}, Backoff: backoff, BackoffMost: backoff})
			if test.state == "" {
				delivered(t, r, r.until(t, "all came", 2), 2)
				if took := time.Since(begin); took < time.Second {
					t.Errorf("it was asked for a second, and waited for %v", took)
				}
				return
			}
			var left []ledger.Message
			eventually(t, "an attempt is noted", func() bool {
				var err error
				left, err = l.Messages(t.Context(), ledger.MessageFilter{})
				return err == nil && len(left) == 2 && left[0].Attempts == 1 && left[1].Attempts == 1
			})
			for _, m := range left {
				if m.State != test.state || !strings.Contains(m.Error, test.text) || len(m.Error) > 400 || strings.Contains(m.Error, "SECRET") {
					t.Errorf("%s: %q", m.State, m.Error)
				}
				if m.State == ledger.MessageWaiting && time.Until(m.Due) > 7*time.Hour {
					t.Errorf("it is tried again at %v", m.Due)
				}
			}
			var st []notify.Status
			eventually(t, "both attempts are counted", func() bool {
				var err error
				st, err = s.Status(t.Context())
				return err == nil && st[0].Failed == 2
			})
			if st[0].Error == "" || strings.Contains(fmt.Sprint(st), "SECRET") {
				t.Errorf("%+v", st[0])
			}
		})
	}
	t.Cleanup(func() {
		if n := len(elsewhere.calls()); n > 0 {
			t.Errorf("%d requests were taken elsewhere", n)
		}
	})
}

// TestGiveUp has messages given up when they are too old, listed, and sent again by
// hand, in their order.
func TestGiveUp(t *testing.T) {
	works := make(chan struct{})
	r := listen(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		select {
		case <-works:
		default:
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	l := openLedger(t)
	now := time.Now()
	messages(t, l, "ops", 20, 3)
	messages(t, l, "former", 2, 1)
	all, err := l.Messages(t.Context(), ledger.MessageFilter{Receiver: "ops"})
	must(t, err)
	for _, m := range all { // given up after that
		must(t, l.Settle(t.Context(), []ledger.Settled{{Seq: m.Seq, State: ledger.MessageDead}}))
	}
	n, err := l.Revive(t.Context(), "ops", "", now, now.Add(100*time.Millisecond))
	must(t, err)
	s := start(t, l, notify.Config{Receivers: []notify.Receiver{r.as(t, "ops")}})
	eventually(t, "all are given up", func() bool {
		st, err := s.Status(t.Context())
		return err == nil && st[0].Dead == n && st[0].GivenUp == 20
	})
	former, err := l.Messages(t.Context(), ledger.MessageFilter{Receiver: "former", State: ledger.MessageDead})
	must(t, err)
	if len(former) != 2 || !strings.Contains(former[0].Error, "no such receiver") {
		t.Errorf("of a receiver that there is no more: %+v", former)
	}
	close(works)
	if n, err := s.Retry(t.Context(), "ops", "ops-000004"); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	eventually(t, "one came", func() bool {
		st, err := s.Status(t.Context())
		return err == nil && st[0].Delivered == 1
	})
	if n, err := s.Retry(t.Context(), "ops", ""); n != 19 || err != nil {
		t.Fatal(n, err)
	}
	r.until(t, "the others came", 20)
	if _, err := s.Retry(t.Context(), "former", ""); err == nil {
		t.Error("a receiver that there is not is tried again")
	}
}

// TestRestart stops a service again and again: nothing is lost.
func TestRestart(t *testing.T) {
	const n = 400
	r := listen(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		if rand.IntN(3) == 0 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	l := openLedger(t)
	messages(t, l, "ops", n, 7)
	for i := 1; i <= 5; i++ {
		s := start(t, l, notify.Config{Receivers: []notify.Receiver{r.as(t, "ops")}})
		r.until(t, "some are confirmed", i*n/5)
		s.Stop()
	}
	delivered(t, r, r.calls(), n)
}

// TestRate has more events than a receiver wants: the rest is held, and summed up.
func TestRate(t *testing.T) {
	r := listen(t, nil)
	l := openLedger(t)
	messages(t, l, "ops", 30, 3)
	limited := r.as(t, "ops")
	limited.Rate = 10
	s := start(t, l, notify.Config{Receivers: []notify.Receiver{limited}})
	r.until(t, "as many as the rate allows came", 10)
	eventually(t, "the others are held", func() bool {
		st, err := s.Status(t.Context())
		return err == nil && st[0].Held == 20 && st[0].Waiting == 0
	})
	s.Stop()
	start(t, l, notify.Config{Receivers: []notify.Receiver{limited}}) // with all of its rate
	calls := r.until(t, "the summary came", 11)
	last := calls[len(calls)-1].event(t)
	if last.Kind() != notify.HeldBack || !strings.Contains(string(last.Data), `"events":20,"by_kind":{"anomalies.found":20}`) || !strings.Contains(string(last.Data), "anomalies.found sensor-") {
		t.Errorf("%s: %s", last.Kind(), last.Data)
	}
	eventually(t, "the outbox is empty", func() bool {
		left, err := l.Messages(t.Context(), ledger.MessageFilter{})
		return err == nil && len(left) == 0
	})
}
