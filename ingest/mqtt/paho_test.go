package mqtt

import (
	"context"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	paho5 "github.com/eclipse/paho.golang/paho"
	paho3 "github.com/eclipse/paho.mqtt.golang"

	"github.com/fleetscore/fleetscore/ingest"
)

func client3(t testing.TB, l *Listener, id string) paho3.Client {
	t.Helper()
	address := url.URL{Scheme: "tcp", Host: l.Addr().String()}
	c := paho3.NewClient(paho3.NewClientOptions().AddBroker(address.String()).SetClientID(id).SetProtocolVersion(4).
		SetCleanSession(false).SetConnectRetry(true).SetConnectRetryInterval(10 * time.Millisecond).SetMaxReconnectInterval(10 * time.Millisecond))
	wait(t, c.Connect())
	t.Cleanup(func() { c.Disconnect(100) })
	return c
}

func wait(t testing.TB, token paho3.Token) {
	t.Helper()
	if !token.WaitTimeout(20*time.Second) || token.Error() != nil {
		t.Fatal("the client waits in vain: ", token.Error())
	}
}

// A client of 3.1.1 publishes without waiting; what it was told is stored is stored.
func TestPaho3(t *testing.T) {
	log := &fakeLog{gate: make(chan struct{}), entered: make(chan struct{}, 1000)}
	l := start(t, log, Config{}, ingest.Config{})
	c := client3(t, l, "a")
	tokens := make([]paho3.Token, 100)
	for i := range tokens {
		tokens[i] = c.Publish(topic, byte(i%2+1), i%3 == 0, "71.3") // QoS 1 and 2, some to be retained
	}
	<-log.entered
	until(t, "all have come", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for c := range l.conns {
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.inflight == len(tokens)
		}
		return false
	})
	for _, token := range tokens {
		select {
		case <-token.Done():
			t.Fatal("acknowledged before it was stored")
		default:
		}
	}
	close(log.gate)
	for _, token := range tokens {
		wait(t, token)
	}
	if n := len(log.all()); n != 100 || log.appends > 5 {
		t.Errorf("%d readings in %d Appends", n, log.appends)
	}
	subscribed := c.Subscribe("#", 1, nil).(*paho3.SubscribeToken)
	wait(t, subscribed)
	if got := subscribed.Result()["#"]; got != 0x80 {
		t.Errorf("a subscription got %d", got)
	}
	wait(t, c.Publish(topic, 0, false, "1"))
	wait(t, c.Publish(topic, 1, false, "1"))
}

// A client whose messages could not be stored connects and sends them again.
func TestPahoAgain(t *testing.T) {
	log := &fakeLog{fail: errDisk}
	l := start(t, log, Config{}, ingest.Config{})
	c := client3(t, l, "a")
	c.Publish(topic, 1, false, "71.3") // whose token says when it is sent anew, and not that it arrived
	until(t, "it has failed twice", func() bool { return l.Stats().Failed >= 2 })
	log.mu.Lock()
	log.fail = nil
	log.mu.Unlock()
	until(t, "it is stored", func() bool { return len(log.all()) > 0 })
	if got := log.all()[0]; got.Value != 71.3 {
		t.Errorf("%+v", got)
	}
}

func TestPaho5(t *testing.T) {
	log := &fakeLog{}
	l := start(t, log, Config{Inflight: 20}, ingest.Config{})
	socket, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c := paho5.NewClient(paho5.ClientConfig{Conn: socket})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	ack, err := c.Connect(ctx, &paho5.Connect{KeepAlive: 30, ClientID: "five", CleanStart: true})
	if err != nil || *ack.Properties.ReceiveMaximum != 20 || *ack.Properties.MaximumQoS != 1 || ack.Properties.RetainAvailable {
		t.Fatalf("%+v, %v", ack, err)
	}
	var all sync.WaitGroup
	for range 100 { // the client keeps to the receive maximum
		all.Go(func() {
			answer, err := c.Publish(ctx, &paho5.Publish{QoS: 1, Topic: topic, Payload: []byte(`{"value":71.3,"seq":1}`), Properties: &paho5.PublishProperties{ContentType: "application/json"}})
			if err != nil || answer.ReasonCode != success {
				t.Errorf("%+v, %v", answer, err)
			}
		})
	}
	all.Wait()
	answer, err := c.Publish(ctx, &paho5.Publish{QoS: 1, Topic: topic, Payload: []byte("hot")})
	if answer == nil || answer.ReasonCode != payloadInvalid {
		t.Errorf("%+v, %v", answer, err)
	}
	if _, err := c.Subscribe(ctx, &paho5.Subscribe{Subscriptions: []paho5.SubscribeOptions{{Topic: "a"}}}); err == nil {
		t.Error("a subscription was not refused")
	}
	if n := len(log.all()); n != 100 {
		t.Errorf("%d readings", n)
	}
	if err := c.Disconnect(&paho5.Disconnect{}); err != nil {
		t.Error(err)
	}
}
