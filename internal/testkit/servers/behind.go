package servers

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"testing"
)

// Behind is the server as it is seen through a proxy that calls before ahead of each
// request, and passes the request on when that returns.
func (s *Server) Behind(t *testing.T, before func(*http.Request)) *Server {
	t.Helper()
	proxy := &httputil.ReverseProxy{
		Transport: &http.Transport{DisableCompression: true},
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", s.address
			if s.virtual {
				r.Out.Host = s.address
			} // or else it is signed
		},
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		before(r)
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	behind := *s
	behind.address = front.Listener.Addr().String()
	moved := func(text string) string { return strings.ReplaceAll(text, s.address, behind.address) }
	behind.Env = maps.Clone(s.Env)
	for name, value := range behind.Env {
		behind.Env[name] = moved(value)
	}
	behind.URL = func(bucket string) string { return moved(s.URL(bucket)) }
	return &behind
}
