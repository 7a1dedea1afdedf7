package notify

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// The schemes of URLs by what speaks them; the first of each is encrypted.
func webSchemes() []string  { return []string{"https", "http"} }
func mqttSchemes() []string { return []string{"mqtts", "mqtt"} }
func natsSchemes() []string { return []string{"tls", "nats"} }

// CheckWebhookURL says what is wrong with the URL of a webhook, without it.
func CheckWebhookURL(text string, private bool) error {
	_, err := parseURL(text, private, webSchemes())
	return err
}

// CheckMQTTURL says what is wrong with the URL of an MQTT broker, without it.
func CheckMQTTURL(text string, private bool) error {
	_, err := parseURL(text, private, mqttSchemes())
	return err
}

// CheckNATSURL says what is wrong with the URL of a NATS server, without it.
func CheckNATSURL(text string, private bool) error {
	_, err := parseURL(text, private, natsSchemes())
	return err
}

// parseURL reads a URL. Errors do not show it, as it may be a secret.
func parseURL(text string, private bool, schemes []string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("is not a URL such as %s://host/path", schemes[0])
	case !slices.Contains(schemes, u.Scheme):
		return nil, fmt.Errorf("must be a URL that begins with %s", strings.Join(schemes, ":// or ")+"://")
	case u.Hostname() == "" || u.Opaque != "":
		return nil, fmt.Errorf("names no host")
	case u.Fragment != "":
		return nil, fmt.Errorf("has a # and text after it, which means nothing to a receiver")
	case u.Scheme != schemes[0] && !private:
		return nil, fmt.Errorf("is not encrypted: use %s://, or set allow_private: true for a receiver of the own network", schemes[0])
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
		if err := (guard{private}).check(ip); err != nil {
			return nil, err
		}
	}
	return u, nil
}

// withPort is the host of a URL and its port, or else the usual one.
func withPort(u *url.URL, usual string) string {
	if u.Port() != "" {
		return u.Host
	}
	return strings.TrimSuffix(u.Host, ":") + ":" + usual
}
