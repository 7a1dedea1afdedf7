package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// from is the address that a request came from. A proxy in front adds it at the end
// of a header whose beginning may be anybody's.
func (d door) from(r *http.Request) string {
	if d.proxy {
		list := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if ip, err := netip.ParseAddr(strings.TrimSpace(list[len(list)-1])); err == nil {
			return ip.String()
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// address is from for those who count by it; what is none counts as one.
func address(from string) netip.Addr {
	ip, _ := netip.ParseAddr(from)
	return ip
}
