package web_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/web"
)

const ours = "X-Fleetscore-Csrf"

// signIn shows a token, as a browser does, and gives the cookie.
func signIn(f *fixture, secret string) (cookie string, attributes string) {
	f.t.Helper()
	body, err := json.Marshal(web.SignIn{Token: secret})
	must(f.t, err)
	res, answer := f.ask(web.Nobody, "POST", "/api/v1/session", string(body), ours, "1", "Origin", f.URL())
	if res.StatusCode != http.StatusOK {
		f.t.Fatalf("signing in answers %s: %s", res.Status, answer)
	}
	cookie, attributes, _ = strings.Cut(res.Header.Get("Set-Cookie"), "; ")
	if strings.Contains(cookie, secret) {
		f.t.Error("the cookie has the token in it")
	}
	return cookie, attributes
}

func TestSession(t *testing.T) {
	t.Parallel()
	f := newFixture(t, secured(t))
	for _, role := range []web.Role{web.Viewer, web.Operator, web.Admin} {
		cookie, attributes := signIn(f, f.Secrets[role])
		for _, part := range []string{"HttpOnly", "Secure", "SameSite=Strict", "Path=/"} {
			if !strings.Contains(attributes, part) {
				t.Errorf("the cookie is not %s: %s", part, attributes)
			}
		}
		_, body := f.ask(web.Nobody, "GET", "/api/v1/session", "", "Cookie", cookie)
		if want := `"role":"` + role.String() + `"`; !strings.Contains(string(body), want) {
			t.Errorf("the session is %s", body)
		}
		for at, needed := range map[string]web.Role{"GET /api/v1/jobs": web.Viewer, "POST /api/v1/jobs/none/pause": web.Operator, "GET /api/v1/tokens": web.Admin, "POST /api/v1/config/apply": web.Admin} {
			method, path, _ := strings.Cut(at, " ")
			res, body := f.ask(web.Nobody, method, path, "", "Cookie", cookie, ours, "1", "Origin", f.URL())
			if refused := res.StatusCode == http.StatusForbidden; refused == role.Allows(needed) {
				t.Errorf("%s as %s answers %s: %s", at, role, res.Status, body)
			}
		}
		res, _ := f.ask(web.Nobody, "DELETE", "/api/v1/session", "", "Cookie", cookie, ours, "1", "Origin", f.URL())
		if gone := res.Header.Get("Set-Cookie"); res.StatusCode != http.StatusOK || !strings.Contains(gone, "Max-Age=0") {
			t.Errorf("signing out answers %s with %q", res.Status, gone)
		}
		if res, _ := f.ask(web.Nobody, "GET", "/api/v1/jobs", "", "Cookie", cookie); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("after signing out, reading answers %s", res.Status)
		}
	}
}

// TestSessionOfAnotherPage sends changes as a page of another origin could have a
// browser send them, with its cookie.
func TestSessionOfAnotherPage(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	cookie, _ := signIn(f, f.Secrets[web.Operator])
	const pause = "/api/v1/jobs/hourly/pause"
	for _, headers := range [][]string{
		{}, {ours, "1"}, {"Origin", f.URL()}, {"Sec-Fetch-Site", "same-origin"}, {ours, "1", "Origin", "http://evil.example"}, {ours, "1", "Origin", "null"},
		{ours, "1", "Sec-Fetch-Site", "cross-site"}, {ours, "1", "Sec-Fetch-Site", "same-site"}, {ours, "1", "Sec-Fetch-Site", "none"}, {ours, "", "Origin", f.URL()},
	} {
		for _, target := range []string{"POST " + pause, "POST /api/v1/session", "DELETE /api/v1/session", "POST /api/v1/readings"} {
			method, path, _ := strings.Cut(target, " ")
			body := ""
			if method == "POST" && path != pause {
				body = `{"token":"x"}`
			}
			res, answer := f.ask(web.Nobody, method, path, body, append([]string{"Cookie", cookie}, headers...)...)
			if res.StatusCode != http.StatusForbidden || !strings.Contains(string(answer), web.CodeBadOrigin) {
				t.Errorf("%s with %q answers %s: %s", target, headers, res.Status, answer)
			}
		}
	}
	if job, err := f.Ledger.Job(t.Context(), "hourly"); err != nil || job.Paused {
		t.Errorf("the job was paused, or %v", err)
	}
	for _, headers := range [][]string{{ours, "1", "Origin", f.URL()}, {ours, "1", "Sec-Fetch-Site", "same-origin"}} {
		if res, body := f.ask(web.Nobody, "POST", pause, "", append([]string{"Cookie", cookie}, headers...)...); res.StatusCode != http.StatusOK {
			t.Errorf("with %q it answers %s: %s", headers, res.Status, body)
		}
	}
}

// TestSessionEnds has a session end with its token, and at the latest after a week.
func TestSessionEnds(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	cookie, _ := signIn(f, f.Secrets[web.Admin])
	name := func() string {
		var s web.Session
		_, body := f.ask(web.Nobody, "GET", "/api/v1/session", "", "Cookie", cookie)
		must(t, json.Unmarshal(body, &s))
		return s.Name
	}
	if name() != "admin-token" {
		t.Errorf("the session is of %q", name())
	}
	_, err := f.Keeper.Revoke(t.Context(), "admin-token")
	must(t, err)
	if name() != "" {
		t.Errorf("the token was revoked, and the session is of %q", name())
	}
	if res, _ := f.ask(web.Nobody, "POST", "/api/v1/config/apply", "", "Cookie", cookie, ours, "1", "Origin", f.URL()); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("a change by it answers %s", res.Status)
	}
	for _, body := range []string{`{"token":"` + f.Secrets[web.Admin] + `"}`, `{"token":"wrong"}`, `{"token":"` + f.Secrets[web.Device] + `"}`, `{"token":""}`, `{}`, ``} {
		res, _ := f.ask(web.Nobody, "POST", "/api/v1/session", body, ours, "1", "Origin", f.URL())
		if res.StatusCode < 400 || res.StatusCode >= 500 || res.Header.Get("Set-Cookie") != "" {
			t.Errorf("signing in with %s answers %s", body, res.Status)
		}
	}
}
