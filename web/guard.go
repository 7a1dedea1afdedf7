package web

import (
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// guard refuses requests that a browser was tricked into: by a name that leads to
// us and is not ours (DNS rebinding), or from a page that is not ours.
type guard struct {
	hosts map[string]bool
	leaf  func() *x509.Certificate // nil: there is none
}

// newGuard lets in the names of this machine to itself, those in names, and the
// address that is listened on if it is one, and those of the certificate.
func newGuard(listen string, names []string, leaf func() *x509.Certificate) guard {
	g := guard{leaf: leaf, hosts: map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true}}
	for _, name := range names {
		g.hosts[plainHost(name)] = true
	}
	if host, _, err := net.SplitHostPort(listen); err == nil {
		if ip, err := netip.ParseAddr(host); err == nil && !ip.IsUnspecified() {
			g.hosts[plainHost(host)] = true
		}
	}
	return g
}

// plainHost is a host without port, brackets and what else does not matter.
func plainHost(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	return host
}

// ours reports whether a name is one of this service.
func (g guard) ours(host string) bool {
	return g.hosts[host] || host != "" && g.leaf != nil && g.leaf().VerifyHostname(host) == nil
}

// check says what is wrong with where a request came from, or to.
func (g guard) check(r *http.Request) *Problem {
	if !g.ours(plainHost(r.Host)) {
		return newProblem(http.StatusForbidden, CodeBadHost, "this is not a name of this service",
			"use http://127.0.0.1 or http://localhost with its port, or add the name to hosts: in the settings")
	}
	if origins := r.Header["Origin"]; len(origins) > 0 && (len(origins) > 1 || !sameOrigin(origins[0], r)) {
		return newProblem(http.StatusForbidden, CodeBadOrigin, "requests of other web pages are refused", "")
	}
	safe := r.Method == http.MethodGet || r.Method == http.MethodHead
	if site := r.Header.Get("Sec-Fetch-Site"); !safe && site != "" && site != "same-origin" && site != "none" {
		return newProblem(http.StatusForbidden, CodeBadOrigin, "requests of other web pages are refused", "")
	}
	return nil
}

// sameOrigin compares host and port. The scheme is that of whoever ends TLS, which
// may be a proxy; one port speaks one.
func sameOrigin(origin string, r *http.Request) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Path != "" || u.RawQuery != "" {
		return false
	}
	return strings.EqualFold(u.Host, r.Host)
}

// secure sets the headers that keep a browser from doing what nobody asked it to.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}
