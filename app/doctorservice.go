package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/fleetscore/fleetscore/internal/tlsfile"
	"github.com/fleetscore/fleetscore/web/client"
)

// checkService asks the service how it does, if there is one.
func (d *doctor) checkService(ctx context.Context) {
	const check = "service"
	c, err := client.NewTLS(d.access.URL, d.access.Token, d.access.TLS)
	if err != nil {
		d.fail(check, err.Error(), "")
		return
	}
	defer c.Close()
	err = c.Health(ctx)
	if errors.Is(err, client.ErrNotRunning) {
		d.ok(check, "none runs at %s; what follows is looked at without it", c.URL())
		return
	}
	if err != nil {
		d.fail(check, "what listens at "+c.URL()+" does not answer as a service: "+err.Error(), "stop that program, or give another address with listen")
		return
	}
	d.running = true
	ready, err := c.Ready(ctx)
	if err != nil {
		d.fail(check, "it does not say whether it is ready: "+err.Error(), "stop what listens at "+c.URL()+" if that is another program, or look at the service's log")
		return
	}
	if d.standing = ready.Status == "standing_by"; d.standing {
		d.ok(check, "runs at %s and stands by, ready to take over when the active one ends", c.URL())
		return
	}
	status, err := c.Status(ctx)
	if err != nil {
		d.warn(check, "it runs at "+c.URL()+", and does not say how it does: "+err.Error(), "give a token of the role viewer in FLEETSCORE_TOKEN")
		return
	}
	if status.Version != d.version {
		d.warn(check, fmt.Sprintf("it is version %s, and this program is %s", status.Version, d.version), "restart the service after an update")
	}
	for name, answer := range ready.Checks {
		if answer != "ok" {
			d.fail(check, "its "+name+" does not answer", "its log says why")
		}
	}
	if ready.Status == "ok" {
		d.ok(check, "runs at %s since %s, ready", c.URL(), status.Started.UTC().Format(time.RFC3339))
	}
}

// checkPorts looks whether the service can listen where it is to.
func (d *doctor) checkPorts(ctx context.Context) {
	places := []struct{ setting, address string }{{"listen", d.file.Listen}}
	if d.file.Ingest.MQTT != "off" {
		places = append(places, struct{ setting, address string }{"ingest.mqtt", d.file.Ingest.MQTT})
	}
	for _, p := range places {
		if d.running {
			d.ok("port", "%s %s is the running service's", p.setting, p.address)
			continue
		}
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", p.address)
		if err != nil {
			d.fail("port", fmt.Sprintf("%s: nobody can listen there: %v", p.setting, err), "stop the program that does (ss -ltnp names it), or give another address")
			continue
		}
		_ = l.Close() // it has served nobody
		d.ok("port", "%s %s is free", p.setting, p.address)
	}
}

// soon is how long before its end a certificate should be renewed.
const soon = 21 * 24 * time.Hour

// checkCertificate looks at the files of TLS.
func (d *doctor) checkCertificate(context.Context) {
	const check = "certificate"
	t := d.file.TLS
	switch {
	case t.Proxy:
		d.ok(check, "none: a proxy in front ends TLS")
		return
	case !t.On():
		d.ok(check, "none: listeners are on loopback addresses")
		return
	}
	s, err := tlsfile.Open(tlsfile.Files{Cert: t.Cert, Key: t.Key, ClientCA: t.ClientCA}, nil)
	if err != nil {
		d.fail(check, err.Error(), "the service keeps the one that it has read, and does not start again without")
		return
	}
	leaf := s.Leaf()
	until := leaf.NotAfter.UTC().Format(time.RFC3339)
	switch left := time.Until(leaf.NotAfter); {
	case left < 0:
		d.fail(check, t.Cert+" has expired at "+until, "renew it; the service takes it when the file changes")
	case left < soon:
		d.warn(check, t.Cert+" expires at "+until, "renew it; the service takes it when the file changes")
	case time.Now().Before(leaf.NotBefore):
		d.fail(check, t.Cert+" is not valid before "+leaf.NotBefore.UTC().Format(time.RFC3339), "look at the clock of this machine")
	default:
		d.ok(check, "%s for %v, until %s", t.Cert, leaf.DNSNames, until)
	}
}
