package simulate

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

// service is one that takes readings, and at times does not.
type service struct {
	t        *testing.T
	mu       sync.Mutex
	readings map[string]int // line: how often
	lines    []string
	requests int
	// answer, if set, may answer instead, to the n-th request; taken: its readings count.
	answer func(w http.ResponseWriter, n int, lines []string) (answered, taken bool)
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.URL.Path != "/api/v1/readings" || r.Header.Get("Authorization") != "Bearer secret" {
		s.t.Errorf("%s %s with %q", r.Method, r.URL, r.Header)
	}
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(body)
		if err != nil {
			s.t.Error(err)
			return
		}
		body = z
	}
	var lines []string
	for scanner := bufio.NewScanner(body); scanner.Scan(); {
		lines = append(lines, scanner.Text())
	}
	s.mu.Lock()
	s.requests++
	n := s.requests
	s.mu.Unlock()
	answered, taken := false, true
	if s.answer != nil {
		answered, taken = s.answer(w, n, lines)
	}
	if taken {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.lines = append(s.lines, lines...)
		for _, line := range lines {
			s.readings[line]++
		}
	}
	if !answered {
		fmt.Fprintf(w, `{"accepted":%d}`, len(lines))
	}
}

// sent runs a fleet against the service, and returns the tally and the record.
func (s *service) sent(t *testing.T, c HTTPConfig, fleet Config, length time.Duration) (Counts, []Entry, error) {
	t.Cleanup(func() { goleak.VerifyNone(t) })
	s.t, s.readings = t, make(map[string]int)
	server := httptest.NewServer(s)
	defer server.Close()
	c.URL, c.Token, c.Wait = server.URL, "secret", time.Millisecond
	var file bytes.Buffer
	record := must(NewRecordWriter(&file, fleet))
	tally := &Tally{}
	tally.Keep(record)
	sender := must(NewHTTP(c, tally))
	err := send(t.Context(), sender, newFleet(t, fleet).Step(start.Add(length), nil))
	if err := record.Flush(); err != nil {
		t.Fatal(err)
	}
	_, entries, readErr := readRecord(file.Bytes())
	if !errors.Is(readErr, io.EOF) {
		t.Fatal(readErr)
	}
	return tally.Counts(), entries, err
}

// send gives a sender messages in pieces, and closes it.
func send(ctx context.Context, s Sender, messages []Message) error {
	var err error
	for len(messages) > 0 && err == nil {
		n := min(700, len(messages))
		err = s.Send(ctx, messages[:n])
		messages = messages[n:]
	}
	return errors.Join(err, s.Close(ctx))
}

// check compares what was acknowledged with what the service has.
func (s *service) check(t *testing.T, got Counts, entries []Entry) {
	t.Helper()
	if int64(len(entries)) != got.Sent || got.Sent != got.Acknowledged+got.Rejected+got.Unanswered {
		t.Errorf("%d entries, %+v", len(entries), got)
	}
	want := make(map[string]int)
	for i := range entries {
		line := strings.TrimSuffix(string(appendLine(nil, &entries[i].Reading)), "\n")
		if entries[i].Outcome == Acknowledged {
			want[line]++
		}
	}
	for line, n := range want {
		if s.readings[line] < n {
			t.Fatalf("%s was acknowledged %d times, and came %d times", line, n, s.readings[line])
		}
	}
}

// TestHTTP: all is delivered, in the order of each device, whatever happens on the way.
func TestHTTP(t *testing.T) {
	for _, zip := range []bool{false, true} {
		s := &service{answer: func(w http.ResponseWriter, n int, _ []string) (answered, taken bool) {
			switch n % 7 {
			case 1:
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(http.StatusTooManyRequests)
				return true, false
			case 3:
				w.WriteHeader(http.StatusInternalServerError)
				return true, true // it was taken all the same
			case 5:
				panic(http.ErrAbortHandler)
			}
			return false, true
		}}
		got, entries, err := s.sent(t, HTTPConfig{Gzip: zip, Batch: 300}, everything(), time.Minute)
		if err != nil || got.Acknowledged < 10_000 || got.Rejected > 0 || got.Unanswered > 0 || got.Repeated == 0 || got.Trouble == "" {
			t.Errorf("%+v: %v", got, err)
		}
		s.check(t, got, entries)
	}
}

// TestHTTPInOrder: what a device sends comes as it was sent.
func TestHTTPInOrder(t *testing.T) {
	s := &service{}
	c := everything()
	c.Late, c.Duplicates, c.Outages = 0, 0, 0
	got, entries, err := s.sent(t, HTTPConfig{}, c, time.Minute)
	if err != nil || got.Repeated != 0 {
		t.Errorf("%+v: %v", got, err)
	}
	s.check(t, got, entries)
	last := make(map[string]string)
	for _, line := range s.lines {
		var r struct{ Device, TS string }
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if r.TS < last[r.Device] {
			t.Fatalf("%s comes after %s", line, last[r.Device])
		}
		last[r.Device] = r.TS
	}
}

// TestHTTPRejections: lines that are not taken are counted, and batches; too large
// ones are divided.
func TestHTTPRejections(t *testing.T) {
	s := &service{answer: func(w http.ResponseWriter, n int, lines []string) (answered, taken bool) {
		switch {
		case len(lines) > 100:
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return true, false
		case n == 10:
			http.Error(w, "no such thing", http.StatusBadRequest)
			return true, false
		}
		fmt.Fprint(w, `{"accepted":99,"errors":[{"line":2,"detail":"too hot"}]}`)
		return true, true
	}}
	got, entries, err := s.sent(t, HTTPConfig{Connections: 1}, everything(), 10*time.Second)
	if err != nil || got.Rejected < 20 || got.Rejected > 150 || got.Reason != "too hot" || got.Unanswered > 0 {
		t.Errorf("%+v: %v", got, err)
	}
	s.check(t, got, entries)
}

// TestHTTPRefused: a sender that may not send says so, and ends.
// TestHTTPUntold: of a batch the service takes some, and says of a few only which it
// did not: those it says nothing of are not acknowledged for that.
func TestHTTPUntold(t *testing.T) {
	s := &service{}
	s.answer = func(w http.ResponseWriter, n int, lines []string) (answered, taken bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		var faults []string
		rejected := 0
		for i, line := range lines {
			switch {
			case strings.Contains(line, "7}"): // whatever that is, it is never taken
				if rejected++; len(faults) < 20 {
					faults = append(faults, fmt.Sprintf(`{"line":%d,"cause":"bad_value","detail":"it ends in 7"}`, i+1))
				}
			case n%5 > 0 && i%9 == 8:
				if rejected++; len(faults) < 20 {
					faults = append(faults, `{"cause":"over_rate","detail":"too many"}`)
				}
			default:
				s.readings[line]++
			}
		}
		answer := fmt.Sprintf(`{"accepted":%d,"rejected":%d,"errors":[%s]}`, len(lines)-rejected, rejected, strings.Join(faults, ","))
		if n%6 == 2 { // the connection is lost in the midst of the answer
			w.Header().Set("Content-Length", fmt.Sprint(len(answer)))
			answer = answer[:len(answer)/2]
		}
		fmt.Fprint(w, answer)
		return true, false
	}
	got, entries, err := s.sent(t, HTTPConfig{Batch: 200, Connections: 1}, everything(), 10*time.Second)
	if err != nil || got.Acknowledged == 0 || got.Rejected == 0 || got.Unanswered > 0 {
		t.Errorf("%+v: %v", got, err)
	}
	s.check(t, got, entries)
	for i := range entries {
		line := string(appendLine(nil, &entries[i].Reading))
		if entries[i].Outcome == Rejected && !strings.Contains(line, "7}") {
			t.Fatalf("%s was rejected, and can be sent again", line)
		}
	}
}

func TestHTTPRefused(t *testing.T) {
	s := &service{answer: func(w http.ResponseWriter, n int, _ []string) (answered, taken bool) {
		if n < 3 {
			return false, true
		}
		http.Error(w, "who are you?", http.StatusUnauthorized)
		return true, false
	}}
	got, entries, err := s.sent(t, HTTPConfig{Connections: 2}, everything(), time.Minute)
	if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "who are you?") || got.Unanswered == 0 {
		t.Errorf("%+v: %v", got, err)
	}
	s.check(t, got, entries)
}

// TestHTTPGivesUp: where nobody answers, Close ends when it is told to.
func TestHTTPGivesUp(t *testing.T) {
	defer goleak.VerifyNone(t)
	server := httptest.NewServer(nil)
	server.Close()
	tally := &Tally{}
	sender := must(NewHTTP(HTTPConfig{URL: server.URL, Wait: time.Millisecond}, tally))
	if err := sender.Send(t.Context(), newFleet(t, everything()).Step(start.Add(time.Second), nil)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := sender.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if got := tally.Counts(); got.Acknowledged > 0 || got.Sent == 0 || got.Unanswered != got.Sent || got.Trouble == "" {
		t.Errorf("%+v", got)
	}
}

func TestAddresses(t *testing.T) {
	for _, bad := range []string{"", "127.0.0.1:8321", "ftp://x", "http://", "http://user:password@x", "mqtt://", "mqtt://user:password@x"} {
		if _, err := NewHTTP(HTTPConfig{URL: bad}, nil); err == nil {
			t.Errorf("%q is taken", bad)
		}
		if _, err := NewMQTT(MQTTConfig{URL: bad}, nil); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	if _, err := NewMQTT(MQTTConfig{URL: "mqtt://x", Protocol: 4}, nil); err == nil {
		t.Error("there is a version 4 of MQTT")
	}
}

// TestBackoff: waits grow, to a bound, and are as long as the service says.
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := backoff{least: time.Second, most: 10 * time.Second}
		for i, seconds := range []int{1, 2, 4, 8, 10, 10} {
			most := time.Duration(seconds) * time.Second
			began := time.Now()
			if err := b.wait(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
			if waited := time.Since(began); waited < most/2 || waited > most {
				t.Errorf("try %d waits %s", i, waited)
			}
		}
		began := time.Now()
		if err := b.wait(t.Context(), retryAfter("40")); err != nil || time.Since(began) != 40*time.Second {
			t.Errorf("waited %s: %v", time.Since(began), err)
		}
		at := time.Now().Add(30 * time.Second).UTC().Format(http.TimeFormat)
		if d := retryAfter(at); d > 30*time.Second || d <= 29*time.Second {
			t.Errorf("%s is in %s", at, d)
		}
		if retryAfter("-1") != 0 || retryAfter("x") != 0 || retryAfter("999999") != time.Minute {
			t.Error("times to wait are not bounded")
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		broken := errors.New("broken")
		cancel(broken)
		if err := b.wait(ctx, 0); !errors.Is(err, broken) {
			t.Error(err)
		}
	})
}

// BenchmarkHTTP is against a service that reads and stores nothing, on the same cores.
func BenchmarkHTTP(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	defer server.Close()
	s := must(NewHTTP(HTTPConfig{URL: server.URL}, &Tally{}))
	c := everything()
	c.Devices = 1000
	messages := newFleet(b, c).Step(start.Add(20*time.Second), nil)
	sent := 0
	for b.Loop() {
		n := min(5000, len(messages))
		if err := s.Send(b.Context(), messages[:n]); err != nil {
			b.Fatal(err)
		}
		sent += n
	}
	if err := s.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(sent)/b.Elapsed().Seconds(), "readings/s")
}
