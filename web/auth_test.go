package web_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/credential"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/webtest"
)

// TestWhoMayWhat tries every operation of the document with every role, on a
// loopback address and on one that others can reach.
func TestWhoMayWhat(t *testing.T) {
	t.Parallel()
	open := newFixture(t)
	closed := newFixture(t, secured(t))
	_, raw := open.ask(web.Nobody, "GET", "/openapi.json", "")
	doc := readDocument(t, raw)
	for path, item := range doc.Paths {
		at := strings.NewReplacer("{job}", "none", "{run}", "none", "{token}", "none", "{key}", "none").Replace(path)
		if path == "/api/v1/events" {
			at += "?run=none" // or it would not end
		}
		for method, op := range item {
			needed, _ := credential.ParseRole(op.Role)
			if anonymous := len(op.Security) == 0 || len(op.Security[0]) == 0; anonymous != (needed <= web.Viewer || needed == web.Device) {
				t.Errorf("%s %s: the document's security %v is not that of the role %s", method, path, op.Security, op.Role)
			}
			for _, f := range []*fixture{open, closed} {
				for role := web.Nobody; role <= web.Device; role++ {
					enough := role.Allows(needed) || role == web.Nobody && (needed == web.Viewer || needed == web.Device) && f == open
					want := 0 // neither 401 nor 403
					switch {
					case !enough && role == web.Nobody:
						want = http.StatusUnauthorized
					case !enough:
						want = http.StatusForbidden
					}
					res, body := f.ask(role, strings.ToUpper(method), at, "")
					doc.check(t, path, method, res, body)
					got := res.StatusCode
					if got != http.StatusUnauthorized && got != http.StatusForbidden {
						got = 0
					}
					if got != want {
						t.Errorf("%s %s of %s with the role %s answers %s: %s", method, path, f.URL(), role, res.Status, body)
					}
					if got == http.StatusUnauthorized && res.Header.Get("WWW-Authenticate") == "" {
						t.Errorf("%s %s does not say how to send a token", method, path)
					}
				}
				if needed == web.Nobody {
					continue
				}
				for _, header := range []string{"Bearer wrong", "Bearer", "Bearer ", "Digest x", "wrong", "Bearer " + strings.Repeat("x", 4000), "Basic !"} {
					res, body := f.ask(web.Nobody, strings.ToUpper(method), at, "", "Authorization", header)
					doc.check(t, path, method, res, body)
					if tooMany := res.StatusCode == http.StatusTooManyRequests && res.Header.Get("Retry-After") != ""; res.StatusCode != http.StatusUnauthorized && !tooMany {
						t.Errorf("%s %s with %.20q answers %s", method, path, header, res.Status)
					}
				}
			}
		}
	}
}

func TestBrowserReads(t *testing.T) {
	t.Parallel()
	f := newFixture(t, secured(t))
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("anybody:"+f.Secrets[web.Admin]))
	for path, want := range map[string]int{"GET /api/v1/jobs": 200, "POST /api/v1/jobs/hourly/pause": 401} {
		method, at, _ := strings.Cut(path, " ")
		if res, _ := f.ask(web.Nobody, method, at, "", "Authorization", basic); res.StatusCode != want {
			t.Errorf("%s with a password answers %s", path, res.Status)
		}
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	tls := web.Config{}
	secured(t)(&tls)
	for listen, want := range map[string]string{
		"127.0.0.1:0": "", "[::1]:0": "", "localhost:0": "", "127.9.9.9:0": "",
		"": "not an address", "127.0.0.1": "not an address", ":8321": "TLS", "0.0.0.0:1": "TLS", "[::]:1": "TLS", "10.0.0.1:1": "TLS", "example.com:1": "TLS", "[::ffff:10.0.0.1]:1": "TLS",
	} {
		cfg := web.Config{Listen: listen, Ledger: fakeLedger{}, Control: &webtest.Control{}, Data: &webtest.Data{}, Intake: &webtest.Intake{}, Pool: &webtest.Pool{}, Notify: webtest.Notify{}, Hub: web.NewHub(), Views: webtest.Views{}, Credentials: &credential.Keeper{}}
		check := func(want string) {
			t.Helper()
			if _, err := web.New(cfg); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%q (TLS %v): %v", listen, cfg.TLS != nil, err)
			}
		}
		check(want)
		if want == "TLS" {
			cfg.TLS = tls.TLS
			check("")
			cfg.TLS, cfg.Proxy = nil, true
			check("")
			cfg.Credentials = nil
			check("credentials")
		}
	}
}

type fakeLedger struct{ web.Ledger }
