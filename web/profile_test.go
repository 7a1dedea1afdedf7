package web_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/web"
)

// TestProfiles are for administrators alone, on a loopback address too.
func TestProfiles(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for role, status := range map[web.Role]int{web.Nobody: 401, web.Viewer: 403, web.Operator: 403, web.Admin: 200} {
		for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/goroutine?debug=1", "/debug/pprof/profile?seconds=1"} {
			res, body := f.ask(role, http.MethodGet, path, "")
			if res.StatusCode != status || status == 401 && res.Header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s to the role %s: %s", path, role, res.Status)
			}
			if status == 200 && len(body) == 0 {
				t.Errorf("%s is empty", path)
			}
		}
	}
	password := "Basic " + base64.StdEncoding.EncodeToString([]byte("me:"+f.Secrets[web.Admin]))
	if res, _ := f.ask(web.Nobody, http.MethodGet, "/debug/pprof/heap", "", "Authorization", password); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("what a browser sends by itself is answered %s", res.Status)
	}
	for path, status := range map[string]int{
		"profile?seconds=0": 422, "profile?seconds=61": 422, "trace?seconds=3600": 422, "trace?seconds=x": 422, "heap?seconds=99": 422,
		"profile?seconds=1e9": 422, "profile?seconds=99999999999999999999": 422, "cmdline": 404, "symbol": 404, "../../etc/passwd": 404, "none": 404,
	} {
		res, body := f.ask(web.Admin, http.MethodGet, "/debug/pprof/"+path, "")
		if res.StatusCode != status || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s is answered %s: %s", path, res.Status, body)
		}
	}
	if res, _ := f.ask(web.Admin, http.MethodPost, "/debug/pprof/profile", ""); res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST is answered %s", res.Status)
	}
}
