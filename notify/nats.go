package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
)

// NATSConfig is how a NATS server is reached.
type NATSConfig struct {
	URL          string // tls://[user:password@]host[:port]
	Subject      string // with {type} and {job}
	AllowPrivate bool
	TLS          *tls.Config // nil: the system's certificates
}

// CheckSubject says what is wrong with a subject to publish to.
func CheckSubject(subject string) error {
	switch {
	case subject == "":
		return errors.New("is empty")
	case strings.ContainsAny(subject, "*> \t\r\n\x00"):
		return errors.New("has a space, or one of * and >, which are for those who subscribe")
	case strings.HasPrefix(subject, ".") || strings.HasSuffix(subject, ".") || strings.Contains(subject, ".."):
		return errors.New("has nothing before, between or after two dots")
	}
	return checkPlaces(subject)
}

// natsServer publishes events by NATS. An event is confirmed when the server has
// answered a ping that was sent after it.
type natsServer struct {
	cfg NATSConfig
	url *url.URL

	mu   sync.Mutex // a ping tells of what one alone has published
	conn *nats.Conn // one that the server has told of an error is not used again
}

// NewNATS returns a destination that publishes events to a NATS server. It connects
// when there is something to send.
func NewNATS(cfg NATSConfig) (Destination, error) {
	u, err := parseURL(cfg.URL, cfg.AllowPrivate, natsSchemes())
	if err != nil {
		return nil, err
	}
	if err := CheckSubject(cfg.Subject); err != nil {
		return nil, fmt.Errorf("subject: %w", err)
	}
	return &natsServer{cfg: cfg, url: u}, nil
}

// Where implements Destination.
func (n *natsServer) Where() string { return "nats " + n.url.Host }

// Close implements Destination.
func (n *natsServer) Close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.close()
}

func (n *natsServer) close() {
	if n.conn != nil {
		n.conn.Close()
		n.conn = nil
	}
}

// Send implements Destination.
func (n *natsServer) Send(ctx context.Context, e *Event, body []byte) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.connect(); err != nil {
		return fmt.Errorf("connecting to %s: %w", n.url.Host, err)
	}
	msg := &nats.Msg{Subject: fill(n.cfg.Subject, e), Data: body, Header: nats.Header{}}
	msg.Header.Set("Nats-Msg-Id", e.ID) // a stream of JetStream knows doubles by it
	msg.Header.Set("Content-Type", ContentType)
	err := n.conn.PublishMsg(msg)
	if err == nil {
		err = n.conn.FlushWithContext(ctx)
	}
	if err == nil {
		err = n.conn.LastError() // what it has said of the event, before it answered the ping
	}
	if err != nil {
		n.close()
		return fmt.Errorf("publishing to %s: %w", n.url.Host, err)
	}
	return nil
}

func (n *natsServer) connect() error {
	if n.conn != nil && n.conn.IsConnected() {
		return nil
	}
	n.close()
	options := []nats.Option{
		nats.Name("fleetscore"), nats.SetCustomDialer(guard{n.cfg.AllowPrivate}.dialer()), nats.Timeout(dialTimeout), nats.NoReconnect(),
		nats.IgnoreDiscoveredServers(), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // Send tells
	}
	if n.cfg.TLS != nil {
		options = append(options, nats.Secure(n.cfg.TLS))
	}
	conn, err := nats.Connect(n.url.String(), options...)
	if err != nil {
		return err
	}
	n.conn = conn
	return nil
}
