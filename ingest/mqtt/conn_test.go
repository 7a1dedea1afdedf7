package mqtt

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/ingest"
	"github.com/fleetscore/fleetscore/ingest/decode"
)

const topic = "readings/pump-7/temperature"

// The bytes of what a client of 3.1.1 may send, and of the answers.
func TestOld(t *testing.T) {
	log := &fakeLog{}
	l := start(t, log, Config{}, ingest.Config{})
	c := dial(t, l)
	c.send(connectOld("a"), pub(1, 7, topic, "71.3")) // need not wait
	c.expect(connackOld + "\x40\x02\x00\x07")
	c.send(pub(0, 0, topic, "1"), "\xc0\x00")
	c.expect("\xd0\x00")
	c.send(pub(2, 9, topic, `[{"value":2},{"value":3}]`))
	c.expect("\x50\x02\x00\x09")
	c.send("\x62\x02\x00\x09")
	c.expect("\x70\x02\x00\x09")
	c.send(block(0x82, "\x00\x05"+str("#")+"\x01"+str("a/b")+"\x00"), block(0xa2, "\x00\x06"+str("#")))
	c.expect("\x90\x04\x00\x05\x80\x80" + "\xb0\x02\x00\x06")
	c.send(pub(1, 1, topic, "hot"), pub(1, 2, "elsewhere", "1"), pub(0, 0, topic, "NaN"), pub(1, 3, topic, "4")) // as wrong the next time
	c.expect("\x40\x02\x00\x01" + "\x40\x02\x00\x02" + "\x40\x02\x00\x03")
	c.send("\xe0\x00")
	c.ended()
	var sum float64
	for _, r := range log.all() {
		if r.Device != "pump-7" || r.Tag != "temperature" || !r.Received {
			t.Errorf("%+v", r)
		}
		sum += r.Value
	}
	if n := len(log.all()); n != 5 || sum != 71.3+1+2+3+4 {
		t.Errorf("%d readings with the sum %v", n, sum)
	}
	causes := map[decode.Cause]uint64{}
	for _, r := range l.cfg.Service.Stats().Rejected {
		causes[r.Cause] = r.Count
	}
	if len(causes) != 2 || causes[decode.BadValue] != 2 || causes[ingest.BadTopic] != 1 {
		t.Errorf("%v", causes)
	}
}

func TestNew(t *testing.T) {
	log := &fakeLog{}
	l := start(t, log, Config{}, ingest.Config{})
	c := dial(t, l)
	c.send(connectNew("a"))
	c.expect(connackNew)
	c.send(pub5(1, 1, topic, "\x23\x00\x02", "1"), pub5(1, 2, "", "\x23\x00\x02", "2"), pub5(1, 3, topic, "\x26\x00\x01a\x00\x01b", "hot"), pub5(1, 4, "x", "", "1"), pub5(1, 5, topic, "", `[{"value":3},{}]`))
	c.expect("\x40\x02\x00\x01" + "\x40\x02\x00\x02" + "\x40\x03\x00\x03\x99" + "\x40\x03\x00\x04\x90" + "\x40\x02\x00\x05")
	c.send(block(0x82, "\x00\x05\x00"+str("#")+"\x01"), block(0xa2, "\x00\x06\x00"+str("#")))
	c.expect("\x90\x04\x00\x05\x00\x87" + "\xb0\x04\x00\x06\x00\x11")
	if n := len(log.all()); n != 3 {
		t.Errorf("%d readings", n)
	}
	c.send(pub5(2, 1, topic, "", "1"))
	c.expect("\xe0\x01\x9b")
	c.ended()
}

// What no client may send ends the connection.
func TestBroken(t *testing.T) {
	l := start(t, &fakeLog{}, Config{}, ingest.Config{})
	for name, test := range map[string][2]string{
		"no connect":      {pub(0, 0, topic, "1"), ""},
		"no protocol":     {block(0x10, str("HTTP")+"\x04\x02\x00\x3c"+str("a")), ""},
		"old protocol":    {block(0x10, str("MQIsdp")+"\x03\x02\x00\x3c"+str("a")), "\x20\x02\x00\x01"},
		"next protocol":   {block(0x10, str("MQTT")+"\x06\x02\x00\x3c"), "\x20\x03\x00\x84\x00"},
		"no id":           {block(0x10, str("MQTT")+"\x04\x00\x00\x3c"+str("")), "\x20\x02\x00\x02"},
		"auth method":     {block(0x10, str("MQTT")+"\x05\x02\x00\x3c\x04\x15\x00\x01x"+str("a")), "\x20\x03\x00\x8c\x00"},
		"will QoS":        {block(0x10, str("MQTT")+"\x05\x16\x00\x3c\x00"+str("a")+"\x00"+str("t")+str("p")), "\x20\x03\x00\x9b\x00"},
		"short":           {block(0x10, str("MQTT")+"\x04\x02\x00"), ""},
		"long":            {block(0x10, str("MQTT")+"\x04\x02\x00\x3c"+str("a")+"x"), ""},
		"length":          {"\x10\xff\xff\xff\xff", ""},
		"too large":       {connectNew("a") + "\x30\xff\xff\x7f", connackNew + "\xe0\x01\x95"},
		"second connect":  {connectNew("a") + connectNew("a"), connackNew + "\xe0\x01\x82"},
		"wildcard":        {connectNew("a") + pub5(0, 0, "readings/+/x", "", "1"), connackNew + "\xe0\x01\x81"},
		"no packet id":    {connectNew("a") + pub5(1, 0, topic, "", "1"), connackNew + "\xe0\x01\x81"},
		"QoS 3":           {connectOld("a") + pub(3, 1, topic, "1"), connackOld},
		"no topic":        {connectNew("a") + pub5(0, 0, "", "", "1"), connackNew + "\xe0\x01\x82"},
		"unknown alias":   {connectNew("a") + pub5(0, 0, "", "\x23\x00\x01", "1"), connackNew + "\xe0\x01\x82"},
		"alias too great": {connectNew("a") + pub5(0, 0, topic, "\x23\x00\x11", "1"), connackNew + "\xe0\x01\x94"},
		"property":        {connectNew("a") + pub5(0, 0, topic, "\x7f", "1"), connackNew + "\xe0\x01\x81"},
		"not UTF-8":       {connectNew("a") + pub5(0, 0, "\xff", "", "1"), connackNew + "\xe0\x01\x81"},
		"subscribe":       {connectOld("a") + block(0x82, "\x00\x05"), connackOld},
		"puback":          {connectNew("a") + "\x40\x02\x00\x01", connackNew + "\xe0\x01\x82"},
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, l)
			c.send(test[0])
			c.expect(test[1])
			c.ended()
		})
	}
	if !slices.ContainsFunc(l.cfg.Service.Stats().Rejected, func(r ingest.Rejection) bool { return r.Cause == decode.TooLarge && r.Count > 0 }) {
		t.Errorf("a packet that is too large is not counted: %+v", l.cfg.Service.Stats().Rejected)
	}
	if stats := l.Stats(); stats.Accepted != 22 || stats.Refused != 5 || stats.Broken == 0 {
		t.Errorf("%+v", stats)
	}
}

// Without an id, a client gets one; with the id of another, it takes its place.
func TestClientID(t *testing.T) {
	l := start(t, &fakeLog{}, Config{}, ingest.Config{})
	c := dial(t, l)
	c.send(connectNew(""))
	c.expect("\x20\x40\x00\x00\x3d\x21") // 40 bytes more
	first, second := dial(t, l), dial(t, l)
	first.send(connectNew("same"))
	first.expect(connackNew)
	second.send(connectNew("same"))
	second.expect(connackNew)
	first.expect("\xe0\x01\x8e")
	first.ended()
	second.send("\xc0\x00")
	second.expect("\xd0\x00")
}

func TestAuthorize(t *testing.T) {
	log := &fakeLog{}
	l := start(t, log, Config{Authorize: func(login Login) (Grant, error) {
		if login.Username != "pump-7" || string(login.Password) != "secret" || login.TLS != nil {
			return Grant{}, errors.New("no such device")
		}
		return Grant{May: func(device string) bool { return device == login.Username }}, nil
	}}, ingest.Config{})
	login := func(level, props, password string) string {
		return block(0x10, str("MQTT")+level+"\xc2\x00\x3c"+props+str("a")+str("pump-7")+str(password))
	}
	for _, test := range [][2]string{
		{login("\x04", "", "wrong"), "\x20\x02\x00\x05"},
		{login("\x05", "\x00", "wrong"), "\x20\x03\x00\x87\x00"},
		{connectOld("pump-7"), "\x20\x02\x00\x05"},
		{login("\x04", "", "secret") + pub(1, 1, topic, "1") + pub(0, 0, "readings/pump-8/t", "1") + pub(1, 2, "readings/pump-8/t", "1"), connackOld + "\x40\x02\x00\x01"},
	} {
		c := dial(t, l)
		c.send(test[0])
		if test[1] != connackOld+"\x40\x02\x00\x01" {
			c.expect(test[1])
		} else {
			c.expect(connackOld) // whether the acknowledgement of the first comes before the end is open
			continue
		}
		c.ended()
	}
	c := dial(t, l)
	c.send(login("\x05", "\x00", "secret"), pub5(1, 1, topic, "", "1"), pub5(1, 2, "readings/pump-8/t", "", "1"))
	c.expect(connackNew + "\x40\x02\x00\x01" + "\x40\x03\x00\x02\x87")
	for _, r := range log.all() {
		if r.Device != "pump-7" {
			t.Errorf("%+v was taken", r)
		}
	}
}

// A connection ends when what let it in is revoked, and is not watched after its end.
func TestRevoked(t *testing.T) {
	revoke, unwatched := make(chan func(), 1), make(chan bool, 1)
	l := start(t, &fakeLog{}, Config{Authorize: func(Login) (Grant, error) {
		return Grant{Watch: func(end func()) func() {
			revoke <- end
			return func() { unwatched <- true }
		}}, nil
	}}, ingest.Config{})
	for _, test := range [][3]string{{connectNew("a"), connackNew, "\xe0\x01\x87"}, {connectOld("a"), connackOld, ""}} {
		c := dial(t, l)
		c.send(test[0])
		c.expect(test[1])
		(<-revoke)()
		c.expect(test[2])
		c.ended()
		<-unwatched
	}
}

// Over TLS, on every address, with credentials.
func TestTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(nil) // which has a certificate
	server.StartTLS()
	defer server.Close()
	log := &fakeLog{}
	l := start(t, log, Config{TLS: &tls.Config{Certificates: server.TLS.Certificates}, Authorize: func(login Login) (Grant, error) {
		if login.TLS == nil || !login.TLS.HandshakeComplete {
			t.Error("whoever authorizes does not see the handshake")
		}
		return Grant{}, nil
	}}, ingest.Config{})
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	c := dial(t, l)
	c.Conn = tls.Client(c.Conn, &tls.Config{RootCAs: roots, ServerName: "example.com"})
	c.send(connectNew("a") + pub5(1, 1, topic, "", "1"))
	c.expect(connackNew + "\x40\x02\x00\x01")
	c.send("\xe0\x00")
	c.ended()
	plain := dial(t, l)
	plain.send(connectOld("a"))
	if answer, err := io.ReadAll(plain); strings.Contains(string(answer), connackOld) {
		t.Errorf("% x, %v", answer, err)
	}
}

func TestConnections(t *testing.T) {
	l := start(t, &fakeLog{}, Config{Connections: 1}, ingest.Config{})
	first := dial(t, l)
	first.send(connectOld("a"))
	first.expect(connackOld)
	dial(t, l).ended()
	if stats := l.Stats(); stats.Open != 1 || stats.Refused != 1 {
		t.Errorf("%+v", stats)
	}
}

func TestTemplate(t *testing.T) {
	for text, want := range map[string]string{
		"a/{device}": "", "{tag}/x/{device}": "", "{device}": "",
		"a/b": "must have {device} once", "{device}/{device}": "once", "{device}/{tag}/{tag}": "at most once",
		"a/{thing}/{device}": "neither", "+/{device}": "neither", "a{device}": "neither",
	} {
		if _, err := parseTemplate(text); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	tpl, err := parseTemplate("v1/{tag}/{device}/up")
	if err != nil {
		t.Fatal(err)
	}
	for topic, ok := range map[string]bool{
		"v1/t/d/up": true, "v1/t t/温度/up": true, "v1/t/d": false, "v1/t/d/up/": false, "v1//d/up": false, "v2/t/d/up": false, "": false,
		"v1/t/" + strings.Repeat("x", 257) + "/up": false,
	} {
		if s, err := tpl.sensor([]byte(topic)); (err == nil) != ok || ok && (s.Device == "" || s.Tag == "") {
			t.Errorf("%s: %+v, %v", topic, s, err)
		}
	}
}

func TestValidate(t *testing.T) {
	for want, cfg := range map[string]Config{
		"is not an address": {Listen: "1883"},
		"needs TLS":         {Listen: "0.0.0.0:1883"},
		"needs a service":   {Listen: "127.0.0.1:1883"},
		"{device} once":     {Listen: "127.0.0.1:1883", Topic: "a"},
		"inflight: 70000":   {Listen: "127.0.0.1:1883", Inflight: 70000, Service: &ingest.Service{}},
		"packet: 5":         {Listen: "127.0.0.1:1883", Packet: 5, Service: &ingest.Service{}},
		"connections: -1":   {Listen: "127.0.0.1:1883", Connections: -1, Service: &ingest.Service{}},
	} {
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, not %s", err, want)
		}
	}
}
