package simulate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"
	"github.com/eclipse/paho.golang/paho/session/state"
)

// session5 speaks MQTT 5. It goes to the state of the session itself, because
// Publish of the client waits for the answer.
type session5 struct {
	client *paho.Client
	state  *state.State
	conn   net.Conn
	ctx    context.Context // ends with the session
	end    context.CancelFunc
	once   sync.Once
}

func connect5(ctx context.Context, m *MQTT, id string) (session, error) {
	conn, err := m.dial.dial(ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting by MQTT: %w", err)
	}
	s := &session5{state: state.NewInMemory(), conn: packets.NewThreadSafeConn(conn)}
	s.ctx, s.end = context.WithCancel(ctx)
	s.client = paho.NewClient(paho.ClientConfig{ClientID: id, Conn: s.conn, Session: s.state})
	c := &paho.Connect{ClientID: id, KeepAlive: 30, CleanStart: true}
	if m.config.Token != "" {
		c.Username, c.UsernameFlag = orDefault(m.config.User, "fleetscore"), true
		c.Password, c.PasswordFlag = []byte(m.config.Token), true
	}
	connecting, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	answer, err := s.client.Connect(connecting, c)
	if err == nil {
		return s, nil
	}
	s.end()
	_ = conn.Close()
	if answer != nil && (answer.ReasonCode == packets.ConnackBadUsernameOrPassword || answer.ReasonCode == packets.ConnackNotAuthorized) {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return nil, fmt.Errorf("connecting by MQTT: %w", err)
}

func (s *session5) publish(topic string, payload []byte) (func() error, error) {
	p := &packets.Publish{Topic: topic, Payload: payload, QoS: 1, Properties: &packets.Properties{}}
	answers := make(chan packets.ControlPacket, 1)
	if err := s.state.AddToSession(s.ctx, p, answers); err != nil { // waits where the service wants fewer in flight
		return nil, fmt.Errorf("publishing: %w", err)
	}
	// A failure to write ends the session, and that is an answer too.
	_, err := p.WriteTo(s.conn)
	if err != nil {
		s.end()
		_ = s.conn.Close()
	}
	return func() error {
		select {
		case a := <-answers:
			return answered(&a)
		case <-s.client.Done():
		case <-s.ctx.Done():
		}
		select {
		case a := <-answers: // it was first
			return answered(&a)
		default:
			return errLost
		}
	}, nil
}

// answered says what an acknowledgement means.
func answered(a *packets.ControlPacket) error {
	ack, ok := a.Content.(*packets.Puback)
	switch {
	case !ok:
		return errLost
	case ack.ReasonCode < 0x80:
		return nil
	}
	reason := ""
	if ack.Properties != nil {
		reason = ": " + ack.Properties.ReasonString
	}
	err := fmt.Errorf("the service says %s (0x%02X)%s", ack.Reason(), ack.ReasonCode, reason)
	switch ack.ReasonCode {
	case packets.PubackUnspecifiedError, packets.PubackImplementationSpecificError, packets.PubackQuotaExceeded:
		return errors.Join(errLost, err) // sent again, on another session, later
	}
	return rejection{err}
}

func (s *session5) close() {
	s.once.Do(func() {
		s.end()
		_ = s.client.Disconnect(&paho.Disconnect{})
		_ = s.conn.Close()
		<-s.client.Done()
	})
}
