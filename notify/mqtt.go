package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

// MQTTConfig is how an MQTT broker is reached.
type MQTTConfig struct {
	URL          string // mqtts://[user:password@]host[:port]
	Topic        string // with {type} and {job}
	ClientID     string
	AllowPrivate bool
	TLS          *tls.Config // nil: the system's certificates
}

// CheckTopic says what is wrong with a topic to publish to.
func CheckTopic(topic string) error {
	switch {
	case topic == "":
		return errors.New("is empty")
	case strings.ContainsAny(topic, "+#\x00"):
		return errors.New("has one of + and #, which are for those who subscribe")
	}
	return checkPlaces(topic)
}

// checkPlaces refuses what is in braces and means nothing.
func checkPlaces(text string) error {
	if strings.ContainsAny(fill(text, &Event{}), "{}") {
		return errors.New("may have {type} and {job} in braces, and nothing else")
	}
	return nil
}

// fill puts an event's type and job into a topic or subject.
func fill(text string, e *Event) string {
	job, _, _ := strings.Cut(e.Subject, "/")
	if e.job != "" {
		job = e.job
	}
	if job == "" {
		job = "none"
	}
	return strings.NewReplacer("{type}", string(e.Kind()), "{job}", job).Replace(text)
}

// broker publishes events by MQTT 3.1.1, with quality of service 1: an event is
// confirmed by the broker's PUBACK.
type broker struct {
	cfg MQTTConfig
	url *url.URL

	mu     sync.Mutex
	client mqtt.Client // nil: none is connected
}

// NewMQTT returns a destination that publishes events to an MQTT broker. It connects
// when there is something to send.
func NewMQTT(cfg MQTTConfig) (Destination, error) {
	u, err := parseURL(cfg.URL, cfg.AllowPrivate, mqttSchemes())
	if err != nil {
		return nil, err
	}
	if err := CheckTopic(cfg.Topic); err != nil {
		return nil, fmt.Errorf("topic: %w", err)
	}
	return &broker{cfg: cfg, url: u}, nil
}

// Where implements Destination.
func (b *broker) Where() string { return "mqtt " + b.url.Host }

// Close implements Destination.
func (b *broker) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.client != nil {
		b.client.Disconnect(0)
		b.client = nil
	}
}

// Send implements Destination.
func (b *broker) Send(ctx context.Context, e *Event, body []byte) error {
	client, err := b.connect(ctx)
	if err != nil {
		return fmt.Errorf("connecting to %s: %w", b.url.Host, err)
	}
	if err := settled(ctx, client.Publish(fill(b.cfg.Topic, e), 1, false, body)); err != nil {
		b.drop(client)
		return fmt.Errorf("publishing to %s: %w", b.url.Host, err)
	}
	return nil
}

// connect is the client that is connected, or a new one.
func (b *broker) connect(ctx context.Context) (mqtt.Client, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.client != nil && b.client.IsConnectionOpen() {
		return b.client, nil
	}
	o := mqtt.NewClientOptions().AddBroker("tcp://broker").SetClientID(b.cfg.ClientID).SetProtocolVersion(4).SetCleanSession(true).
		SetAutoReconnect(false).SetConnectRetry(false).SetConnectTimeout(dialTimeout).SetWriteTimeout(dialTimeout).
		SetCustomOpenConnectionFn(func(*url.URL, mqtt.ClientOptions) (net.Conn, error) { return b.dial(ctx) })
	if user := b.url.User; user != nil {
		password, _ := user.Password()
		o.SetUsername(user.Username()).SetPassword(password)
	}
	client := mqtt.NewClient(o)
	if err := settled(ctx, client.Connect()); err != nil {
		client.Disconnect(0)
		return nil, err
	}
	b.client = client
	return client, nil
}

func (b *broker) dial(ctx context.Context) (net.Conn, error) {
	dialer := guard{b.cfg.AllowPrivate}.dialer()
	if b.url.Scheme == "mqtt" {
		return dialer.DialContext(ctx, "tcp", withPort(b.url, "1883"))
	}
	return (&tls.Dialer{NetDialer: dialer, Config: b.cfg.TLS}).DialContext(ctx, "tcp", withPort(b.url, "8883"))
}

// drop gives up a connection that did not confirm what it was sent.
func (b *broker) drop(client mqtt.Client) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.client == client {
		b.client = nil
	}
	client.Disconnect(0)
}

func settled(ctx context.Context, token mqtt.Token) error {
	select {
	case <-token.Done():
		return token.Error()
	case <-ctx.Done():
		return errors.New("it did not answer in time")
	}
}
