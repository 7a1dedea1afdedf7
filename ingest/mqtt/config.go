package mqtt

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/fleetscore/fleetscore/ingest"
)

// Config is what a Listener works with. What is 0 is what its comment says.
type Config struct {
	// Listen is the address and port; port 0 is a free one.
	Listen string
	// TLS, if set, is spoken. An address that is not loopback needs it, or a Proxy.
	TLS *tls.Config
	// Proxy says that a proxy in front ends TLS.
	Proxy bool
	// Authorize, if set, says what a client may, or that it may not connect. An address
	// that is not loopback needs it.
	Authorize func(Login) (Grant, error)

	Service *ingest.Service
	Topic   string // the template of topics; "": DefaultTopic

	Connections int // at a time; 0: 10,000
	Packet      int // bytes of a packet; 0: 64 KiB
	Inflight    int // messages of a connection that wait for their acknowledgement; 0: 1,000

	Now func() time.Time // nil: time.Now
	Log *slog.Logger     // nil: slog.Default
}

// Login is who wants to connect.
type Login struct {
	ClientID string
	Username string
	Password []byte
	Remote   net.Addr
	TLS      *tls.ConnectionState // nil: without
}

// Grant is what a client may.
type Grant struct {
	// May says for which devices it may send; nil: for all.
	May func(device string) bool
	// Watch, if set, calls end when it may no more. Its result is called when the
	// connection has ended.
	Watch func(end func()) (stop func())
}

// Validate says what cannot be used.
func (c *Config) Validate() error {
	c = c.withDefaults()
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("mqtt: %q is not an address and a port, such as 127.0.0.1:1883", c.Listen)
	}
	if !isLoopback(host) {
		if c.TLS == nil && !c.Proxy {
			return fmt.Errorf("mqtt: %s can be reached from other machines, which needs TLS; or listen on 127.0.0.1", c.Listen)
		}
		if c.Authorize == nil {
			return fmt.Errorf("mqtt: %s can be reached from other machines, which needs credentials of devices; or listen on 127.0.0.1", c.Listen)
		}
	}
	switch _, err = parseTemplate(c.Topic); {
	case err != nil:
		return err
	case c.Service == nil:
		return errors.New("mqtt needs a service that takes the readings")
	case c.Connections < 1:
		return fmt.Errorf("connections: %d are too few", c.Connections)
	case c.Packet < 1<<10 || c.Packet > 1<<28:
		return fmt.Errorf("packet: %d bytes are not between 1 KiB and 256 MiB", c.Packet)
	case c.Inflight < 1 || c.Inflight > 1<<16-1:
		return fmt.Errorf("inflight: %d messages are not between 1 and 65535", c.Inflight)
	}
	return nil
}

// isLoopback reports whether an address leads nowhere but to this machine.
// "localhost" is believed here; Start looks at what it became.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

func (c *Config) withDefaults() *Config {
	d := *c
	d.Topic = cmp.Or(d.Topic, DefaultTopic)
	d.Connections = cmp.Or(d.Connections, 10_000)
	d.Packet = cmp.Or(d.Packet, 64<<10)
	d.Inflight = cmp.Or(d.Inflight, 1000)
	if d.Now == nil {
		d.Now = time.Now
	}
	d.Log = cmp.Or(d.Log, slog.Default())
	return &d
}
