package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/web"
)

// FuzzRequests sends the operations anything: the answer is never one of 500 or
// more, and always as the document says.
func FuzzRequests(f *testing.F) {
	paths := []string{
		"/jobs", "/jobs/{job}", "/jobs/{job}/commits", "/jobs/{job}/sensors", "/jobs/{job}/predictions", "/runs", "/runs/{run}", "/runs/{run}/tasks",
		"/runs/{run}/failures", "/runs/{run}/log", "/nodes", "/status", "/audit", "/windows/{window}", "/windows/{window}/late", "/pool", "/pool/history", "/jobs/{job}/runs", "/jobs/{job}/backfill", "/runs/{run}/retry", "/windows/{window}/late/replay", "/pool",
	}
	const firstPost = 17
	f.Add(uint8(3), "hourly", "interval=2026-11-23T12:00Z/2026-11-23T13:00Z&fate=failed&cursor=MTphYg", "")
	f.Add(uint8(4), "hourly", "device=pump-0&tag=t0&limit=2&cursor=3", "")
	f.Add(uint8(7), "20261123t120000000-aaaaa", "task=0-0&state=done,lost&cursor=0-0-1&limit=1", "")
	f.Add(uint8(9), "20261123t120000000-aaaaa", "task=0-0&attempt=1&offset=99999999999", "")
	f.Add(uint8(17), "hourly", "", `{"interval":{"from":"2026-11-24T00:00:00Z","to":"2026-11-24T01:00:00Z"}}`)
	f.Add(uint8(18), "hourly", "", `{"from":"2026-11-24T00:00:00Z","to":"2026-11-25T00:00:00+01:00","only":["failed"]}`)
	f.Add(uint8(19), "none", "", `{"failed":true}`)
	f.Add(uint8(13), "1m", "device=pump-0&tag=t0&to=2026-11-23", "")
	f.Add(uint8(14), "1m", "device=pump-0&cause=late&from=2026-11-23&limit=1", "")
	f.Add(uint8(20), "1m", "", `{"device":"pump-0","cause":"early","from":"2026-11-23T12:00:00Z"}`)
	fix := newFixture(f)
	_, raw := fix.ask(web.Nobody, "GET", "/openapi.json", "")
	doc := readDocument(f, raw)
	f.Fuzz(func(t *testing.T, n uint8, name, query, body string) {
		path := "/api/v1" + paths[int(n)%len(paths)]
		method := "get"
		if int(n)%len(paths) >= firstPost {
			method = "post"
		} else {
			body = ""
		}
		// What net/http itself refuses to send is no test of ours.
		at := strings.NewReplacer("{job}", safe(name), "{run}", safe(name), "{window}", safe(name)).Replace(path) + "?" + safe(query)
		if strings.Contains(query, "follow") {
			return // it might not end
		}
		res, answer := (&fixture{Service: fix.Service, t: t, client: fix.client}).ask(web.Admin, strings.ToUpper(method), at, body)
		if res.StatusCode >= http.StatusInternalServerError {
			t.Errorf("%s %s answers %s: %s", method, at, res.Status, answer)
		}
		if safe(name) != "" && res.StatusCode != http.StatusNotFound {
			doc.check(t, path, method, res, answer)
		}
	})
}

// safe leaves out what cannot be in an address as it is.
func safe(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%&=+,:;", r) {
			return r
		}
		return -1
	}, strings.ReplaceAll(text, "%", ""))
}

// broken panics.
type broken struct{ web.Ledger }

func (broken) Jobs(context.Context) ([]ledger.Job, error) { panic("a bug in /secret/place") }

func TestPanic(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *web.Config) { c.Ledger = broken{c.Ledger} })
	res, body := f.ask(web.Nobody, "GET", "/api/v1/jobs", "")
	if res.StatusCode != http.StatusInternalServerError || !strings.Contains(string(body), web.CodeInternal) || strings.Contains(string(body), "secret") || strings.Contains(string(body), "goroutine") {
		t.Errorf("a bug is told as %s: %s", res.Status, body)
	}
	if !strings.Contains(f.Log.String(), "/secret/place") {
		t.Error("a bug is not logged")
	}
	if res, _ := f.ask(web.Nobody, "GET", "/healthz", ""); res.StatusCode != http.StatusOK {
		t.Errorf("after a bug, health is %s", res.Status)
	}
}
