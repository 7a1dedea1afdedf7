package simulate

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"
)

// MQTTConfig is how to send by MQTT.
type MQTTConfig struct {
	// URL is the service's, such as mqtt://127.0.0.1:1883, or mqtts://… with TLS.
	URL string
	// Token is the password, unless it is empty; User goes with it.
	User, Token string
	// Protocol is 3 for MQTT 3.1.1, or 5; 3 if it is 0.
	Protocol int
	// Connections is how many there are; 10 if it is 0.
	Connections int
	// InFlight is how many messages of a connection are not acknowledged at most; 256 if
	// it is 0. A service that speaks version 5 may ask for fewer.
	InFlight int
	// Wait is the least before it connects again, and grows; 100 ms if it is 0.
	Wait time.Duration
}

// MQTT publishes a message for each reading to readings/{device}/{tag}, with QoS 1.
// What was not acknowledged when a connection is lost is published on the next.
type MQTT struct {
	*lanes
	config MQTTConfig
	tally  *Tally
	dial   dialer
	id     string
}

// NewMQTT is a sender to a service, which need not be there yet.
func NewMQTT(c MQTTConfig, tally *Tally) (*MQTT, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Hostname() == "" || u.Scheme != "mqtt" && u.Scheme != "mqtts" {
		return nil, fmt.Errorf("%q is not an address such as mqtt://127.0.0.1:1883", c.URL)
	}
	if u.User != nil {
		return nil, errors.New("the address has a password: give a token, by FLEETSCORE_TOKEN")
	}
	c.Protocol = orDefault(c.Protocol, 3)
	c.Connections = orDefault(c.Connections, 10)
	c.InFlight = orDefault(c.InFlight, 256)
	c.Wait = orDefault(c.Wait, 100*time.Millisecond)
	if c.Protocol != 3 && c.Protocol != 5 {
		return nil, fmt.Errorf("there is no version %d of MQTT; there are 3 (3.1.1) and 5", c.Protocol)
	}
	m := &MQTT{config: c, tally: tally, id: randomID(), dial: dialer{host: u.Hostname(), port: u.Port()}}
	if u.Scheme == "mqtts" {
		m.dial.tls = &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	}
	m.lanes = newLanes(c.Connections, 1000, tally.notSent, m.serve)
	return m, nil
}

// randomID keeps apart the clients of two simulations.
func randomID() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// dialer makes connections.
type dialer struct {
	host, port string
	tls        *tls.Config
}

const connectTimeout = 10 * time.Second

func (d *dialer) dial(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	var c net.Conn
	var err error
	if d.tls == nil {
		c, err = new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(d.host, cmp.Or(d.port, "1883")))
	} else {
		c, err = (&tls.Dialer{Config: d.tls}).DialContext(ctx, "tcp", net.JoinHostPort(d.host, cmp.Or(d.port, "8883")))
	}
	if err != nil {
		return nil, err
	}
	return newConn(c), nil
}

// session is a connection of some version of the protocol.
type session interface {
	// publish sends, and returns what waits for the acknowledgement. It keeps payload.
	publish(topic string, payload []byte) (wait func() error, err error)
	// close ends the session. What waits is told so.
	close()
}

// rejection is an answer that no repetition would change.
type rejection struct{ error }

// connect makes a session.
func (m *MQTT) connect(ctx context.Context, lane int) (session, error) {
	id := "fleetscore-simulate-" + m.id + "-" + strconv.Itoa(lane)
	if m.config.Protocol == 5 {
		return connect5(ctx, m, id)
	}
	return connect3(ctx, m, id)
}
