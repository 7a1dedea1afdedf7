package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/web"
)

func TestStrangeHostsAndOrigins(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *web.Config) { c.Hosts = []string{"Fleet.Example"} })
	u, err := url.Parse(f.URL())
	must(t, err)
	port := ":" + u.Port()
	for _, c := range []struct {
		host, origin, site string
		code               string // "": it is let in
	}{
		{"127.0.0.1" + port, "", "", ""}, {"localhost" + port, "", "", ""}, {"LOCALHOST.", "", "", ""}, {"[::1]" + port, "", "", ""}, {"fleet.example", "", "", ""}, {"FLEET.example:443", "", "", ""},
		{"evil.example" + port, "", "", web.CodeBadHost}, {"localhost.evil.example", "", "", web.CodeBadHost}, {"127.0.0.1.nip.io" + port, "", "", web.CodeBadHost},
		{"10.0.0.1", "", "", web.CodeBadHost}, {"0.0.0.0" + port, "", "", web.CodeBadHost}, {"[::]", "", "", web.CodeBadHost}, {"localhost@evil", "", "", web.CodeBadHost}, {"127.1", "", "", web.CodeBadHost},
		{"127.0.0.1" + port, "http://127.0.0.1" + port, "", ""}, {"localhost" + port, "http://LOCALHOST" + port, "same-origin", ""}, {"fleet.example", "https://fleet.example", "", ""},
		{"127.0.0.1" + port, "http://localhost" + port, "", web.CodeBadOrigin}, {"127.0.0.1" + port, "http://127.0.0.1:1", "", web.CodeBadOrigin}, {"127.0.0.1" + port, "http://127.0.0.1", "", web.CodeBadOrigin},
		{"127.0.0.1" + port, "null", "", web.CodeBadOrigin}, {"127.0.0.1" + port, "http://evil.example", "", web.CodeBadOrigin}, {"127.0.0.1" + port, "file://127.0.0.1" + port, "", web.CodeBadOrigin},
		{"127.0.0.1" + port, "http://x@127.0.0.1" + port, "", web.CodeBadOrigin}, {"127.0.0.1" + port, "http://127.0.0.1" + port + "/x", "", web.CodeBadOrigin},
		{"127.0.0.1" + port, "", "cross-site", "POST:" + web.CodeBadOrigin}, {"127.0.0.1" + port, "", "same-site", "POST:" + web.CodeBadOrigin}, {"127.0.0.1" + port, "", "none", ""},
	} {
		for _, target := range []string{"GET /api/v1/jobs", "GET /", "GET /healthz", "GET /icon.svg", "GET /nowhere", "POST /api/v1/jobs/hourly/pause"} {
			method, path, _ := strings.Cut(target, " ")
			header := []string{"Host", c.host}
			if c.origin != "" {
				header = append(header, "Origin", c.origin)
			}
			if c.site != "" {
				header = append(header, "Sec-Fetch-Site", c.site)
			}
			code, onlyPost := strings.CutPrefix(c.code, "POST:")
			if onlyPost && method == "GET" {
				code = ""
			}
			res, body := f.ask(web.Operator, method, path, "", header...)
			refused := res.StatusCode == http.StatusForbidden
			if refused != (code != "") || refused && !strings.Contains(string(body), `"`+code+`"`) {
				t.Errorf("%s of host %q, origin %q, site %q answers %s: %.200s", target, c.host, c.origin, c.site, res.Status, body)
			}
			if res.Header.Get("Content-Security-Policy") == "" || res.Header.Get("X-Content-Type-Options") != "nosniff" || res.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s: the headers %v do not protect a browser", target, res.Header)
			}
		}
	}
}
