package ingest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/fleetscore/fleetscore/ingest/decode"
	"github.com/fleetscore/fleetscore/stream"
)

func zip(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

// post has a handler answer a request, and returns the answer.
func post(t testing.TB, h http.Handler, body io.Reader, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/readings", body)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestHandler(t *testing.T) {
	const (
		kind = "Content-Type"
		good = `{"device":"a","tag":"b","ts":"2026-11-23T13:00:05Z","value":1}`
		bad  = `{"device":"a","tag":"b","ts":"yesterday","value":1}`
	)
	yesterday := `"cause":"bad_time","detail":"\"yesterday\" is neither a time of RFC 3339, such as 2026-11-23T13:00:05Z, nor a number"}]`
	for name, test := range map[string]struct {
		header []string
		body   string
		status int
		answer string // a part of it
		stored int
	}{
		"object":         {[]string{kind, "application/json"}, good, 200, `{"accepted":1,"rejected":0}`, 1},
		"charset":        {[]string{kind, "Application/JSON; charset=UTF-8"}, good, 200, `{"accepted":1,"rejected":0}`, 1},
		"array":          {[]string{kind, "application/json"}, "[" + good + "," + bad + "," + good + "]", 200, `{"accepted":2,"rejected":1,"errors":[{"item":2,` + yesterday, 2},
		"nothing":        {[]string{kind, "application/json"}, "[]", 200, `{"accepted":0,"rejected":0}`, 0},
		"ndjson":         {[]string{kind, "application/x-ndjson"}, good + "\n\n" + bad + "\n" + good, 200, `{"accepted":2,"rejected":1,"errors":[{"line":3,` + yesterday, 2},
		"csv":            {[]string{kind, "text/csv"}, "device,tag,ts,value\na,b,1795438805,1\n", 200, `{"accepted":1,"rejected":0}`, 1},
		"gzip":           {[]string{kind, "application/x-ndjson", "Content-Encoding", "gzip"}, zip(good + "\n" + good), 200, `{"accepted":2,"rejected":0}`, 2},
		"all bad":        {[]string{kind, "application/x-ndjson"}, bad + "\n" + bad, 400, `"code":"invalid","detail":"nothing was accepted: line 1: \"yesterday\" is neither`, 0},
		"bad json":       {[]string{kind, "application/json"}, "[" + good + ",", 400, `"accepted":0,"rejected":1,"errors":[{"cause":"bad_json","detail":"the JSON ends too soon"}]`, 0},
		"many errors":    {[]string{kind, "application/x-ndjson"}, good + strings.Repeat("\n"+bad, 30), 200, `{"accepted":1,"rejected":30,`, 1},
		"no type":        {nil, good, 415, `"code":"unsupported_media_type","detail":"the request does not say in Content-Type`, 0},
		"form":           {[]string{kind, "text/plain"}, good, 415, `\"text/plain\" is no way to write readings`, 0},
		"latin":          {[]string{kind, "text/csv; charset=latin1"}, good, 415, `the charset \"latin1\" is not UTF-8`, 0},
		"brotli":         {[]string{kind, "text/csv", "Content-Encoding", "br"}, good, 415, `Content-Encoding \"br\" cannot be read`, 0},
		"not gzip":       {[]string{kind, "text/csv", "Content-Encoding", "gzip"}, good, 400, `the body cannot be read: gzip: invalid header`, 0},
		"cut gzip":       {[]string{kind, "text/csv", "Content-Encoding", "gzip"}, zip(good)[:30], 400, `the body cannot be read: unexpected EOF`, 0},
		"bomb":           {[]string{kind, "text/csv", "Content-Encoding", "gzip"}, zip(strings.Repeat("0", 10<<20)), 413, `the body has more than 1000000 bytes`, 0},
		"too large":      {[]string{kind, "text/csv"}, strings.Repeat("0", 1_000_001), 413, `"code":"too_large"`, 0},
		"too many":       {[]string{kind, "application/x-ndjson"}, strings.Repeat(good+"\n", 1001), 413, `too many readings for one request: the most is 1000`, 0},
		"longest of all": {[]string{kind, "application/x-ndjson"}, strings.Repeat(good+"\n", 1000) + strings.Repeat("\n", 1_000_000-1000*(len(good)+1)), 200, `{"accepted":1000,"rejected":0}`, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			log := &fakeLog{}
			h := NewHandler(start(t, Config{Stream: log, Body: 1_000_000, Decode: decode.Limits{Readings: 1000}}))
			for _, body := range []io.Reader{strings.NewReader(test.body), struct{ io.Reader }{strings.NewReader(test.body)}, iotest.OneByteReader(strings.NewReader(test.body))} {
				if _, slow := body.(*strings.Reader); !slow && len(test.body) > 100_000 && name != "longest of all" {
					continue
				}
				w := post(t, h, body, test.header...)
				if w.Code != test.status || !strings.Contains(w.Body.String(), test.answer) {
					t.Errorf("%d %s, not %d %s", w.Code, w.Body, test.status, test.answer)
				}
				want := "application/json"
				if test.status != 200 {
					want = "application/problem+json"
				}
				if got := w.Header().Get(kind); got != want || !json.Valid(w.Body.Bytes()) {
					t.Errorf("the answer is %s: %s", got, w.Body)
				}
				if log.count() != test.stored {
					t.Errorf("%d readings were stored, not %d", log.count(), test.stored)
				}
				log.readings = nil
			}
			if !h.bodies.TryAcquire(8_000_000) {
				t.Error("memory of bodies stays charged")
			}
		})
	}
}

func TestHandlerMethod(t *testing.T) {
	w := httptest.NewRecorder()
	NewHandler(start(t, Config{Stream: &fakeLog{}})).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

const oneLine = `{"device":"a","tag":"b","ts":"2026-11-23T13:00:05Z","value":1}` + "\n"

func TestHandlerBusy(t *testing.T) {
	log := &fakeLog{gate: make(chan struct{}), entered: make(chan struct{})}
	s := start(t, Config{Stream: log, Waiting: 10, Decode: decode.Limits{Readings: 10}, Body: 100_000, Bodies: 100_000})
	h := NewHandler(s)
	first := make(chan int)
	go func() {
		first <- post(t, h, strings.NewReader(strings.Repeat(oneLine, 8)), "Content-Type", "application/x-ndjson").Code
	}()
	<-log.entered
	w := post(t, h, strings.NewReader(strings.Repeat(oneLine, 5)), "Content-Type", "application/x-ndjson")
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "1" || !strings.Contains(w.Body.String(), `"code":"busy"`) {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if !h.bodies.TryAcquire(70_000) {
		t.Fatal("memory of bodies stays charged")
	}
	w = post(t, h, strings.NewReader(oneLine), "Content-Type", "application/x-ndjson")
	if w.Code != http.StatusTooManyRequests {
		t.Errorf("without memory for the body: %d", w.Code)
	}
	close(log.gate)
	if code := <-first; code != 200 {
		t.Error(code)
	}
	if got := s.Stats().Rejected; len(got) != 1 || got[0].Cause != Busy || got[0].Count != 6 {
		t.Errorf("%+v", got)
	}
}

func TestHandlerUnavailable(t *testing.T) {
	log := &fakeLog{}
	s := start(t, Config{Stream: log})
	h := NewHandler(s)
	for err, after := range map[error]string{errDisk: "5", stream.ErrFull: "10", errors.New("x"): "5"} {
		log.setFail(err)
		w := post(t, h, strings.NewReader(oneLine), "Content-Type", "application/x-ndjson")
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != after || strings.Contains(w.Body.String(), "disk") {
			t.Errorf("%v: %d %v %s", err, w.Code, w.Header(), w.Body)
		}
	}
	s.Stop()
	if w := post(t, h, strings.NewReader(oneLine), "Content-Type", "application/x-ndjson"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("stopped: %d", w.Code)
	}
}

// A client that goes away leaves its readings to the commit, unharmed.
func TestHandlerGone(t *testing.T) {
	log := &fakeLog{gate: make(chan struct{}), entered: make(chan struct{})}
	s := start(t, Config{Stream: log})
	h := NewHandler(s)
	ctx, cancel := context.WithCancel(t.Context())
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(strings.Repeat(oneLine, 100)))
	r.Header.Set("Content-Type", "application/x-ndjson")
	answered := make(chan int)
	go func() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		answered <- w.Code
	}()
	<-log.entered
	cancel()
	if code := <-answered; code != http.StatusServiceUnavailable {
		t.Errorf("%d", code)
	}
	close(log.gate)
	s.Stop()
	if log.count() != 100 || log.readings[99].Device != "a" {
		t.Errorf("%d readings, the last of %q", log.count(), log.readings[99].Device)
	}
}

func TestHandlerRate(t *testing.T) {
	now := time.Unix(1_795_438_805, 0)
	h := NewHandler(start(t, Config{Stream: &fakeLog{}, Rate: 1, Burst: 3, Now: func() time.Time { return now }}))
	for i, want := range []struct {
		status int
		answer string
	}{
		{200, `{"accepted":2,"rejected":0}`},
		{200, `{"accepted":1,"rejected":1,"errors":[{"cause":"over_rate","detail":"device \"a\" sends more than 1 readings a second"}]}`},
		{429, `"code":"busy","detail":"device \"a\" sends more than 1 readings a second"`},
	} {
		w := post(t, h, strings.NewReader(oneLine+oneLine), "Content-Type", "application/x-ndjson")
		if w.Code != want.status || !strings.Contains(w.Body.String(), want.answer) {
			t.Errorf("%d: %d %s", i, w.Code, w.Body)
		}
	}
}
