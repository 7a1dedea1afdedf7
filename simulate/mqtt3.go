package simulate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"
)

var errLost = errors.New("the connection was lost")

// session3 speaks MQTT 3.1.1.
type session3 struct {
	client paho.Client
	lost   chan struct{}
	once   sync.Once // lost
	ends   sync.Once
}

// How long a message may take to be written, in version 3, and a last packet. A
// client whose connection is lost in the midst of that notices then. Messages in
// flight are so few that the socket takes them all.
const (
	writeTimeout = 500 * time.Millisecond
	lastWords    = 100 // milliseconds
)

func connect3(ctx context.Context, m *MQTT, id string) (session, error) {
	s := &session3{lost: make(chan struct{})}
	o := paho.NewClientOptions().AddBroker("tcp://fleetscore").SetClientID(id).SetProtocolVersion(4).SetCleanSession(true).
		SetAutoReconnect(false).SetConnectRetry(false).SetConnectTimeout(connectTimeout).SetWriteTimeout(writeTimeout).
		SetConnectionLostHandler(func(paho.Client, error) { s.lose() }).
		SetCustomOpenConnectionFn(func(*url.URL, paho.ClientOptions) (net.Conn, error) { return m.dial.dial(ctx) })
	if m.config.Token != "" {
		o.SetUsername(orDefault(m.config.User, "fleetscore")).SetPassword(m.config.Token)
	}
	s.client = paho.NewClient(o)
	token := s.client.Connect()
	select {
	case <-token.Done():
	case <-ctx.Done():
		s.close()
		<-token.Done()
	}
	err := token.Error()
	if errors.Is(err, packets.ErrorRefusedBadUsernameOrPassword) || errors.Is(err, packets.ErrorRefusedNotAuthorised) {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if err != nil {
		return nil, fmt.Errorf("connecting by MQTT: %w", err)
	}
	return s, nil
}

func (s *session3) publish(topic string, payload []byte) (func() error, error) {
	if !s.client.IsConnectionOpen() {
		return nil, errLost
	}
	token := s.client.Publish(topic, 1, false, payload)
	return func() error {
		select {
		case <-token.Done():
			return token.Error()
		case <-s.lost:
		}
		select {
		case <-token.Done(): // it was first
			return token.Error()
		default:
			return errLost
		}
	}, nil
}

func (s *session3) lose() { s.once.Do(func() { close(s.lost) }) }

func (s *session3) close() {
	s.ends.Do(func() {
		s.lose()
		s.client.Disconnect(lastWords)
	})
}
