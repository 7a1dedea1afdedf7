package web_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/webtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixture is a service, and how a test asks it.
type fixture struct {
	*webtest.Service
	t      testing.TB
	client *http.Client
}

func newFixture(t testing.TB, change ...func(*web.Config)) *fixture {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	f := &fixture{t: t, Service: webtest.New(t, change...), client: &http.Client{Transport: transport}}
	t.Cleanup(transport.CloseIdleConnections)
	return f
}

// answer is a response whose body was read.
type answer struct {
	StatusCode int
	Status     string
	Header     http.Header
}

// ask sends a request and reads its whole answer.
func (f *fixture) ask(role web.Role, method, path, body string, header ...string) (answer, []byte) {
	f.t.Helper()
	req, err := http.NewRequestWithContext(f.t.Context(), method, f.URL()+path, strings.NewReader(body))
	must(f.t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if secret := f.Secrets[role]; secret != "" {
		req.Header.Set("Authorization", "Bearer "+secret)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
	}
	res, err := f.client.Do(req)
	must(f.t, err)
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	must(f.t, err)
	return answer{res.StatusCode, res.Status, res.Header}, data
}

// get is ask for an answer that must be there, as JSON.
func get[T any](f *fixture, path string) T {
	f.t.Helper()
	res, data := f.ask(web.Nobody, http.MethodGet, path, "")
	if res.StatusCode != http.StatusOK {
		f.t.Fatalf("%s answers %s: %s", path, res.Status, data)
	}
	var v T
	must(f.t, json.Unmarshal(data, &v))
	return v
}

// secured has a server speak TLS on an address that other machines can reach.
func secured(t *testing.T) func(*web.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"fleet.example"}}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	return func(c *web.Config) {
		c.Listen = "0.0.0.0:0"
		c.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{cert}, PrivateKey: key}}}
	}
}

// leafOf is what a server with a certificate shows.
func leafOf(t *testing.T, pair tls.Certificate) func() *x509.Certificate {
	t.Helper()
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	must(t, err)
	return func() *x509.Certificate { return leaf }
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
