package notify

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// TestGuard has every kind of address, in every writing.
func TestGuard(t *testing.T) {
	never := "169.254.169.254 169.254.0.1 fe80::1 fe80::1%eth0 ::ffff:169.254.169.254 64:ff9b::169.254.169.254 2002:a9fe:a9fe:: ::169.254.169.254 " +
		"100.100.100.200 168.63.129.16 192.0.0.192 fd00:ec2::254 fd20:ce::254 224.0.0.1 ff02::1 ::ffff:224.0.0.1 0.0.0.0 :: 0.1.2.3 255.255.255.255 240.0.0.1 fec0::1 2001::1"
	private := "127.0.0.1 127.9.9.9 ::1 ::ffff:127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 fc00::1 fd12::1 100.64.0.1 198.18.0.1 64:ff9b::10.0.0.1 2002:0a00:0001:: 64:ff9b:1::1"
	public := "1.1.1.1 203.0.112.1 2606:4700::1111 64:ff9b::1.1.1.1 172.32.0.1 11.0.0.1 169.253.1.1"
	for _, text := range strings.Fields(never + " " + private + " " + public) {
		ip := netip.MustParseAddr(text)
		for _, allow := range []bool{false, true} {
			want := strings.Contains(" "+public+" ", " "+text+" ") || allow && strings.Contains(" "+private+" ", " "+text+" ")
			if err := (guard{allow}).check(ip); (err == nil) != want {
				t.Errorf("%s, with allow_private %v: %v", text, allow, err)
			}
		}
	}
}

// TestDial has the guard look at what names have become.
func TestDial(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	for _, host := range []string{"127.0.0.1", "localhost", "::ffff:127.0.0.1"} {
		_, err := guard{}.dialer().DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
		if err == nil || !strings.Contains(err.Error(), "allow_private") {
			t.Errorf("%s: %v", host, err)
		}
	}
	conn, err := guard{private: true}.dialer().DialContext(t.Context(), "tcp", net.JoinHostPort("localhost", port))
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

func TestURLs(t *testing.T) {
	for text, want := range map[string]string{
		"https://hooks.slack.com/services/T/B/SECRET": "", "https://[2606:4700::1111]:8443/x": "", "HTTPS://user:SECRET@example.org": "",
		"http://example.org/SECRET": "not encrypted", "ftp://example.org/SECRET": "begins with https://", "https://": "names no host", "https:/SECRET": "names no host",
		"https:SECRET": "names no host", "SECRET": "begins with", "": "begins with", "https://exa mple/SECRET": "is not a URL", "https://example.org/#SECRET": "has a #",
		"https://169.254.169.254/SECRET": "link-local", "https://127.0.0.1/SECRET": "allow_private", "https://[::1]/SECRET": "allow_private", "https://%zz/SECRET": "is not a URL",
	} {
		err := CheckWebhookURL(text, false)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "SECRET")) {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, err := range []error{
		CheckWebhookURL("http://127.0.0.1:1/x", true), CheckMQTTURL("mqtts://u:p@broker.example", false), CheckMQTTURL("mqtt://10.0.0.1", true), CheckNATSURL("tls://nats.example:4222", false),
		CheckNATSURL("nats://localhost", true), CheckTopic("a/{type}/{job}"), CheckSubject("a.{type}"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	for i, err := range []error{
		CheckMQTTURL("mqtt://broker.example", false), CheckMQTTURL("ws://broker.example", true), CheckNATSURL("nats://nats.example", false), CheckNATSURL("tls://169.254.1.1", true),
		CheckTopic(""), CheckTopic("a/#"), CheckTopic("a/{device}"), CheckTopic("a{"), CheckSubject("a..b"), CheckSubject("a b"), CheckSubject("a.>"), CheckSubject(".a"),
	} {
		if err == nil {
			t.Errorf("number %d is accepted", i)
		}
	}
}

func TestSecrets(t *testing.T) {
	for text, ok := range map[string]bool{
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw": true, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw": true, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n": true,
		"": false, "whsec_": false, "secret": false, "c2hvcnQ=": false, strings.Repeat("QUFB", 40): false,
	} {
		if _, err := ParseSecret(text); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "5": 5 * time.Second, " 7 ": 7 * time.Second, "-1": 0, "1e9": 0, "4294967295": maxAfter, "99999999999999999999": 0, "soon": 0,
		"Mon, 23 Nov 2026 12:01:00 GMT": time.Minute, "Mon, 23 Nov 2026 11:00:00 GMT": 0, "Mon, 23 Nov 2099 11:00:00 GMT": maxAfter,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("%q: %v, not %v", text, got, want)
		}
	}
}
