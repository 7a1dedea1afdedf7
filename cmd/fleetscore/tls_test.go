package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

// authority signs certificates.
type authority struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pem  []byte
	made int64
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, made: 1}
	a.cert, a.key, a.pem = a.sign(&x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	})
	return a
}

func (a *authority) sign(template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey, []byte) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	a.must(err)
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, by := a.cert, a.key
	if parent == nil {
		parent, by = template, key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	a.must(err)
	cert, err := x509.ParseCertificate(raw)
	a.must(err)
	return cert, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
}

// issue writes a certificate and its key to NAME.pem and NAME.key.
func (a *authority) issue(dir, name string, names ...string) int64 {
	a.t.Helper()
	a.made++
	template := &x509.Certificate{SerialNumber: big.NewInt(a.made), Subject: pkix.Name{CommonName: name}, DNSNames: names, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	_, key, text := a.sign(template)
	raw, err := x509.MarshalECPrivateKey(key)
	a.must(err)
	// In each other's place at once, as who renews certificates does.
	for end, data := range map[string][]byte{".key": pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: raw}), ".pem": text} {
		path := filepath.Join(dir, name+end)
		a.must(os.WriteFile(path+".new", data, 0o600))
		a.must(os.Rename(path+".new", path))
	}
	return a.made
}

func (a *authority) must(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

// TestTLS has a service listen on every address, with certificates of an authority
// of its own: clients are let in by token, also by MQTT, and the certificate is
// changed under open connections.
func TestTLS(t *testing.T) {
	d := newDeployment(t, 0, "tls: {cert: server.pem, key: server.key}\n")
	ca := newAuthority(t)
	d.write("ca.pem", ca.pem)
	d.write("other.pem", newAuthority(t).pem)
	first := ca.issue(d.dir, "server", "fleet.example")
	_, port, err := net.SplitHostPort(d.address)
	ca.must(err)
	_, brokerPort, err := net.SplitHostPort(unusedAddress(t))
	ca.must(err)
	env := []string{"FLEETSCORE_LISTEN=0.0.0.0:" + port, "FLEETSCORE_INGEST_MQTT=0.0.0.0:" + brokerPort, "FLEETSCORE_STREAM_FLUSH=1s"}
	service := d.up(env...)
	cli := func(more []string, args ...string) (string, error) {
		cmd := d.command(args...)
		cmd.Env = append(append(os.Environ(), env...), more...)
		out, err := cmd.Output()
		return strings.TrimSpace(string(out)), err
	}
	for limit := time.Now().Add(30 * time.Second); !d.isUp(); wait() {
		if time.Now().After(limit) {
			t.Fatal("it does not come up")
		}
	}
	// On its own machine the CLI trusts the certificate of the settings; elsewhere, an authority.
	viewer, err := cli(nil, "token", "create", "viewer", "--role", "viewer")
	ca.must(err)
	device, err := cli(nil, "token", "device", "--devices", "pump-*")
	ca.must(err)
	at := "https://127.0.0.1:" + port
	for _, c := range []struct {
		why  string
		env  []string
		fine bool
	}{
		{"the authority and a token", []string{"FLEETSCORE_CA=ca.pem", "FLEETSCORE_URL=" + at, "FLEETSCORE_TOKEN=" + viewer}, true},
		{"another authority", []string{"FLEETSCORE_URL=" + at + "/", "FLEETSCORE_CA=other.pem", "FLEETSCORE_TOKEN=" + viewer}, false},
		{"no authority", []string{"FLEETSCORE_URL=https://localhost:" + port, "FLEETSCORE_TOKEN=" + viewer}, false},
		{"a wrong token", []string{"FLEETSCORE_CA=ca.pem", "FLEETSCORE_TOKEN=" + viewer[:60] + "aaaaaaaaa"}, false},
		{"a device's token", []string{"FLEETSCORE_CA=ca.pem", "FLEETSCORE_TOKEN=" + device}, false},
		{"without TLS", []string{"FLEETSCORE_URL=http://127.0.0.1:" + port, "FLEETSCORE_TOKEN=" + viewer}, false},
	} {
		if out, err := cli(c.env, "run", "list"); (err == nil) != c.fine {
			t.Errorf("with %s: %v: %s", c.why, err, out)
		}
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca.pem)
	browser := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
	defer browser.CloseIdleConnections()
	res, err := browser.Get(at + "/api/v1/jobs") // viewers need a token too
	ca.must(err)
	if _ = res.Body.Close(); res.StatusCode != http.StatusUnauthorized || res.ProtoMajor != 2 {
		t.Errorf("without a token: %s, %s", res.Status, res.Proto)
	}

	lost := make(chan error, 1)
	connect := func(password string, lost func(error)) (mqtt.Client, error) {
		broker := url.URL{Scheme: "ssl", Host: "127.0.0.1:" + brokerPort}
		o := mqtt.NewClientOptions().AddBroker(broker.String()).SetClientID(fmt.Sprint("c-", len(password))).SetUsername("token").SetPassword(password).
			SetTLSConfig(&tls.Config{RootCAs: pool}).SetAutoReconnect(false).SetProtocolVersion(4)
		o.SetConnectionLostHandler(func(_ mqtt.Client, err error) { lost(err) })
		c := mqtt.NewClient(o)
		token := c.Connect()
		token.Wait()
		return c, token.Error()
	}
	none := func(error) {}
	for why, password := range map[string]string{"no": "", "a wrong": "wrong", "a viewer's": viewer} {
		if _, err := connect(password, none); err == nil {
			t.Errorf("MQTT lets in with %s password", why)
		}
	}
	gateway, err := connect(device, func(err error) { lost <- err })
	ca.must(err)
	publish := func(topic string) error {
		token := gateway.Publish(topic, 1, false, "1.5")
		token.WaitTimeout(20 * time.Second)
		return token.Error()
	}
	ca.must(publish("readings/pump-1/temperature"))

	// Another certificate is shown to new connections; the open one goes on.
	serial := func() int64 {
		c, err := tls.Dial("tcp", "127.0.0.1:"+port, &tls.Config{RootCAs: pool})
		ca.must(err)
		defer c.Close()
		return c.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	if got := serial(); got != first {
		t.Errorf("certificate %d is shown, not %d", got, first)
	}
	second := ca.issue(d.dir, "server", "fleet.example")
	for limit := time.Now().Add(20 * time.Second); serial() != second; wait() {
		if time.Now().After(limit) {
			t.Fatal("the new certificate is not shown")
		}
	}
	d.write("server.pem", []byte("torn"))
	ca.must(service.Process.Signal(syscall.SIGHUP))
	if got := serial(); got != second {
		t.Errorf("after a file that is torn, certificate %d is shown", got)
	}
	third := ca.issue(d.dir, "server", "fleet.example")
	ca.must(service.Process.Signal(syscall.SIGHUP))
	for limit := time.Now().Add(20 * time.Second); serial() != third; wait() {
		if time.Now().After(limit) {
			t.Fatal("the third certificate is not shown")
		}
	}
	ca.must(publish("readings/pump-2/temperature"))
	if res, err := http.Get("http://127.0.0.1:" + port + "/"); err == nil {
		_ = res.Body.Close()
		if res.StatusCode == http.StatusOK {
			t.Error("the page comes without TLS")
		}
	}

	// Whose token is revoked loses the connection.
	list, err := cli(nil, "token", "keys", "--json")
	ca.must(err)
	if !strings.Contains(list, `"signs": true`) {
		t.Errorf("the keys are %s", list)
	}
	_, err = cli(nil, "token", "rotate-key")
	ca.must(err)
	_, err = cli(nil, "token", "remove-key", enclosed(list, `"id": "`, `"`))
	ca.must(err)
	select {
	case <-lost:
	case <-time.After(20 * time.Second):
		t.Error("a gateway whose key was removed is still connected")
	}
	d.stop(service)

	// Where clients must have certificates, none connects without.
	ca.issue(d.dir, "laptop")
	env = append(env, "FLEETSCORE_TLS_CLIENT_CA=ca.pem")
	service = d.up(env...)
	for limit := time.Now().Add(30 * time.Second); !d.isUp(); wait() {
		if time.Now().After(limit) {
			t.Fatal("it does not come up again")
		}
	}
	if out, err := cli(nil, "run", "list"); err == nil {
		t.Errorf("without a certificate of a client: %s", out)
	}
	if out, err := cli([]string{"FLEETSCORE_CLIENT_CERT=laptop.pem", "FLEETSCORE_CLIENT_KEY=laptop.key"}, "run", "list"); err != nil {
		t.Errorf("with one: %v: %s", err, out)
	}
	d.stop(service)
}

// enclosed is what stands between two texts, the first time.
func enclosed(text, before, after string) string {
	_, rest, _ := strings.Cut(text, before)
	inside, _, _ := strings.Cut(rest, after)
	return inside
}
