package web_test

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/web"
)

// TestRevokedStream revokes the token of an open stream of events.
func TestRevokedStream(t *testing.T) {
	t.Parallel()
	f := newFixture(t, secured(t))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.URL()+"/api/v1/events", nil)
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+f.Secrets[web.Viewer])
	res, err := f.client.Do(req)
	must(t, err)
	defer res.Body.Close()
	stream := bufio.NewReader(res.Body)
	for line := ""; !strings.HasPrefix(line, "data:"); line, err = stream.ReadString('\n') {
		must(t, err)
	}
	if got, body := f.ask(web.Admin, "POST", "/api/v1/tokens/viewer-token/revoke", ""); got.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", got.Status, body)
	}
	if _, err := io.Copy(io.Discard, stream); err != nil { // it ends
		t.Error(err)
	}
	if got, body := f.ask(web.Viewer, "GET", "/api/v1/jobs", ""); got.StatusCode != http.StatusUnauthorized || !strings.Contains(string(body), "revoked") {
		t.Errorf("%s: %s", got.Status, body)
	}
}

// TestTokensInTrail checks that every change is in the trail, with who and from where, and
// no secret.
func TestTokensInTrail(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *web.Config) { c.Proxy = true })
	var secrets []string
	for _, r := range []struct{ at, body, action string }{
		{"/api/v1/tokens", `{"name":"grafana","role":"viewer"}`, "token.create"},
		{"/api/v1/tokens/grafana/revoke", "", "token.revoke"},
		{"/api/v1/device-tokens", `{"devices":["pump-*"],"expires":"2027-01-01T00:00:00Z"}`, "device-token.create"},
		{"/api/v1/device-tokens/dabcdefghij23/revoke", "", "device-token.revoke"},
		{"/api/v1/signing-keys", "", "signing-key.rotate"},
		{"/api/v1/jobs/hourly/pause", "", "job.pause"},
		{"/api/v1/jobs/hourly/runs", "", "job.run"},
		{"/api/v1/config/apply", "", "config.apply"},
	} {
		res, body := f.ask(web.Admin, "POST", r.at, r.body, "X-Forwarded-For", "9.9.9.9, 203.0.113.7")
		if res.StatusCode/100 != 2 {
			t.Fatalf("%s: %s: %s", r.at, res.Status, body)
		}
		var made struct{ Secret string }
		must(t, json.Unmarshal(body, &made))
		if made.Secret != "" {
			secrets = append(secrets, made.Secret)
		}
		_, body = f.ask(web.Admin, "GET", "/api/v1/audit?limit=1", "")
		var trail web.Trail
		must(t, json.Unmarshal(body, &trail))
		if e := trail.Entries[0]; e.Action != r.action || e.Who != "admin-token" || e.From != "203.0.113.7" {
			t.Errorf("%s is in the trail as %+v", r.at, e)
		}
	}
	_, trail := f.ask(web.Admin, "GET", "/api/v1/audit", "")
	_, list := f.ask(web.Admin, "GET", "/api/v1/tokens", "")
	for _, s := range secrets {
		if text := string(trail) + string(list) + f.Log.String(); strings.Contains(text, s) {
			t.Error("a secret is told again")
		}
	}
	if len(secrets) != 2 {
		t.Errorf("%d secrets were made", len(secrets))
	}
	if res, _ := f.ask(web.Nobody, "GET", "/api/v1/jobs", ""); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("behind a proxy, without a token: %s", res.Status)
	}
}

// TestNamesOfCertificate asks by names that the certificate has, and has not.
func TestNamesOfCertificate(t *testing.T) {
	t.Parallel()
	f := newFixture(t, secured(t), func(c *web.Config) {
		pair := c.TLS.Certificates[0]
		c.Leaf = leafOf(t, pair)
	})
	for host, want := range map[string]int{"fleet.example": 200, "evil.example": 403, "127.0.0.1": 200} {
		if res, body := f.ask(web.Viewer, "GET", "/api/v1/jobs", "", "Host", host); res.StatusCode != want {
			t.Errorf("%s answers %s: %s", host, res.Status, body)
		}
	}
	old := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}}}
	if res, err := old.Get(f.URL() + "/healthz"); err == nil {
		_ = res.Body.Close()
		t.Error("TLS 1.1 is spoken")
	}
}
