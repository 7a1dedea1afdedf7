package web

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fleetscore/fleetscore/credential"
	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// Config is what a Server works with.
type Config struct {
	// Listen is the address and port; port 0 is a free one.
	Listen string
	// TLS, if set, is spoken. An address that is not loopback needs it, or a Proxy.
	TLS *tls.Config
	// Hosts are names under which requests come, besides those of this machine to
	// itself and the address in Listen.
	Hosts []string
	// Leaf, if set, is the certificate that is shown now; its names are ours too.
	Leaf func() *x509.Certificate
	// Proxy says that requests come through a proxy in front, which ends TLS and says
	// in X-Forwarded-For from where. Then reading needs a token on any address.
	Proxy bool
	// Credentials knows who is let in.
	Credentials *credential.Keeper

	Ledger  Ledger
	Control Control
	Data    Data
	Intake  Intake
	Pool    Pool
	Notify  Notifier
	Views   Views
	Hub     *Hub
	// ScoredBy, if set, knows who scored the sensors of a run that is committed, where not all were scored natively.
	ScoredBy func(context.Context, ledger.Run) ([]fleet.Scorer, error)
	// Cost, if set, knows what a run has cost so far.
	Cost func(context.Context, ledger.Run) (fleet.Cost, error)
	// Metrics are told of beside the server's own.
	Metrics []prometheus.Collector
	// Backup copies the ledger; nil: it is in no file.
	Backup Backup
	// Probes are what must answer for the service to be ready.
	Probes []Probe

	Version string
	Store   string           // where the data is, without secrets
	Now     func() time.Time // nil: time.Now
	Log     *slog.Logger     // nil: slog.Default
}

// Probe asks something whether it answers.
type Probe struct {
	Name  string // such as ledger or store
	Check func(ctx context.Context) error
}

// Validate says what cannot be used.
func (c *Config) Validate() error {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("listen: %q is not an address and a port, such as 127.0.0.1:8321", c.Listen)
	}
	if !isLoopback(host) && c.TLS == nil && !c.Proxy {
		return fmt.Errorf("listen: %s can be reached from other machines, which needs TLS; or listen on 127.0.0.1", c.Listen)
	}
	if c.Credentials == nil {
		return errors.New("the API needs credentials")
	}
	if c.Ledger == nil || c.Control == nil || c.Data == nil || c.Intake == nil || c.Pool == nil || c.Notify == nil || c.Hub == nil || c.Views == nil {
		return errors.New("the API needs a ledger, a control, data, an intake, a pool, a notifier, a hub and views")
	}
	return nil
}

// Loopback reports whether an address and port to listen on leads nowhere but to
// this machine.
func Loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	return err == nil && isLoopback(host)
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
