package notify

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// dialTimeout is how long a connection may take to be made.
const dialTimeout = 5 * time.Second

// guard makes connections, but not to where nobody should be told anything.
type guard struct{ private bool } // private and loopback addresses are allowed

// dialer dials addresses that the guard lets pass. What is looked at is the address
// that is dialed, after a name has been resolved.
func (g guard) dialer() *net.Dialer {
	return &net.Dialer{Timeout: dialTimeout, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%q is no address of a network", address)
		}
		return g.check(at.Addr())
	}}
}

// never are addresses at which clouds tell secrets to whoever asks, besides the
// link-local ones.
func never() []netip.Prefix {
	return prefixes("100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", "fd00:ec2::254/128", "fd20:ce::254/128",
		"0.0.0.0/8", "240.0.0.0/4", "fec0::/10", "2001::/32")
}

// inside are addresses that are one network's own, besides those that the standard
// library calls private.
func inside() []netip.Prefix {
	return prefixes("100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "64:ff9b:1::/48")
}

// embedding are addresses that stand for others, and where in them those are.
func embedding() map[netip.Prefix]int {
	return map[netip.Prefix]int{
		netip.MustParsePrefix("64:ff9b::/96"): 12, // NAT64
		netip.MustParsePrefix("2002::/16"):    2,  // 6to4
		netip.MustParsePrefix("::/96"):        12,
	}
}

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}

// check says why an address may not be reached, or returns nil.
func (g guard) check(ip netip.Addr) error {
	ip = ip.Unmap().WithZone("")
	for _, p := range never() {
		if p.Contains(ip) {
			return refused(ip, "is never reached: clouds tell secrets there, or nobody is there")
		}
	}
	switch {
	case ip.IsLinkLocalUnicast(), ip.IsMulticast(), ip.IsUnspecified():
		return refused(ip, "is a link-local, multicast or unspecified address, which is never reached")
	case ip.IsLoopback(), ip.IsPrivate(), within(ip, inside()):
		if !g.private {
			return refused(ip, "is private to a network or a machine; if that is meant, set allow_private: true for this receiver")
		}
		return nil
	}
	for p, at := range embedding() {
		if ip.Is6() && p.Contains(ip) {
			whole := ip.As16()
			return g.check(netip.AddrFrom4([4]byte(whole[at : at+4])))
		}
	}
	return nil
}

func within(ip netip.Addr, all []netip.Prefix) bool {
	for _, p := range all {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

func refused(ip netip.Addr, why string) error { return fmt.Errorf("the address %s %s", ip, why) }
