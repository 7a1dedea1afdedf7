package notify_test

import (
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/notify"
)

// unused is an address on this machine at which nobody listens.
func unused(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().String()
}

// inOrder takes n events of three ordering keys from a channel, and holds that each
// key's come in order; one may come again.
func inOrder(t *testing.T, got <-chan notify.Event, n int) {
	t.Helper()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	seen, last := map[string]bool{}, map[string]string{}
	for len(seen) < n {
		select {
		case e := <-got:
			if last[e.Subject] > e.ID {
				t.Errorf("%s comes after %s", e.ID, last[e.Subject])
			}
			last[e.Subject], seen[e.ID] = e.ID, true
		case <-limit.C:
			t.Fatalf("%d of %d came", len(seen), n)
		}
	}
}

// door lets in who has the password.
type door struct{ mqtt.HookBase }

func (*door) Provides(b byte) bool { return b == mqtt.OnConnectAuthenticate || b == mqtt.OnACLCheck }

func (*door) OnConnectAuthenticate(_ *mqtt.Client, p packets.Packet) bool {
	return string(p.Connect.Username) == "fleet" && string(p.Connect.Password) == "PASSWORD"
}

func (*door) OnACLCheck(*mqtt.Client, string, bool) bool { return true }

// TestMQTT publishes to a broker that is not there at first, and to one that is
// replaced by another meanwhile.
func TestMQTT(t *testing.T) {
	const n = 60
	address := unused(t)
	got := make(chan notify.Event, 10*n)
	topics := make(chan string, 10*n)
	begin := func() *mqtt.Server {
		broker := mqtt.New(&mqtt.Options{InlineClient: true, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
		must(t, broker.AddHook(new(door), nil))
		must(t, broker.AddListener(listeners.NewTCP(listeners.Config{ID: "tcp", Address: address})))
		must(t, broker.Subscribe("#", 1, func(_ *mqtt.Client, _ packets.Subscription, p packets.Packet) {
			if strings.HasPrefix(p.TopicName, "plant/") {
				c := call{body: p.Payload}
				topics <- p.TopicName
				got <- c.event(t)
			}
		}))
		must(t, broker.Serve())
		return broker
	}
	d, err := notify.NewMQTT(notify.MQTTConfig{URL: "mqtt://fleet:PASSWORD@" + address, Topic: "plant/{type}/{job}", ClientID: "fleetscore-test", AllowPrivate: true})
	must(t, err)
	l := openLedger(t)
	messages(t, l, "mqtt", n, 3)
	s := start(t, l, notify.Config{Receivers: []notify.Receiver{{Name: "mqtt", Destination: d, Timeout: time.Second}}})
	eventually(t, "it is noted that nobody is there", func() bool {
		st, err := s.Status(t.Context())
		return err == nil && strings.HasPrefix(st[0].Error, "connecting to 127.0.0.1:")
	})
	first := begin()
	inOrder(t, got, n)
	must(t, first.Close())
	second := begin()
	defer second.Close()
	all := make([]ledger.Message, 0, n)
	now := time.Now()
	for i := range n {
		all = append(all, ledger.Message{Receiver: "mqtt", ID: "later-" + strings.Repeat("x", i), Type: "run.failed", OrderingKey: "k", Subject: "k",
			Body: `{"specversion":"1.0","id":"later-` + strings.Repeat("x", i) + `","type":"io.github.fleetscore.run.failed","subject":"hourly/x"}`, Created: now, Due: now, Expires: now.Add(time.Hour)})
	}
	must(t, l.Enqueue(t.Context(), all))
	if _, err := s.Retry(t.Context(), "mqtt", ""); err != nil { // which has it look
		t.Fatal(err)
	}
	inOrder(t, got, n)
	seen := map[string]bool{}
	for len(topics) > 0 {
		seen[<-topics] = true
	}
	if !seen["plant/run.failed/hourly"] || !seen["plant/anomalies.found/sensor-1"] {
		t.Errorf("%v", seen)
	}
	if strings.Contains(d.Where(), "PASSWORD") {
		t.Error(d.Where())
	}
}

// TestNATS publishes to a server that refuses some subjects.
func TestNATS(t *testing.T) {
	const n = 60
	user := &server.User{Username: "fleet", Password: "PASSWORD", Permissions: &server.Permissions{Publish: &server.SubjectPermission{Allow: []string{"plant.>"}}}}
	reader := &server.User{Username: "reader", Password: "reader"}
	nc, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoLog: true, NoSigs: true, Users: []*server.User{user, reader}})
	must(t, err)
	go nc.Start()
	defer func() { nc.Shutdown(); nc.WaitForShutdown() }()
	if !nc.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
	address := nc.Addr().String()
	conn, err := nats.Connect("nats://reader:reader@" + address)
	must(t, err)
	defer conn.Close()
	got := make(chan notify.Event, n)
	_, err = conn.Subscribe("plant.anomalies.found.>", func(m *nats.Msg) {
		c := call{body: m.Data}
		e := c.event(t)
		if m.Header.Get("Nats-Msg-Id") != e.ID {
			t.Errorf("%v", m.Header)
		}
		got <- e
	})
	must(t, err)
	must(t, conn.Flush())
	to := func(subject string) notify.Destination {
		d, err := notify.NewNATS(notify.NATSConfig{URL: "nats://fleet:PASSWORD@" + address, Subject: subject, AllowPrivate: true})
		must(t, err)
		return d
	}
	l := openLedger(t)
	messages(t, l, "nats", n, 3)
	messages(t, l, "refused", 1, 1)
	s := start(t, l, notify.Config{Receivers: []notify.Receiver{{Name: "nats", Destination: to("plant.{type}.{job}")}, {Name: "refused", Destination: to("elsewhere.{type}")}}})
	inOrder(t, got, n)
	eventually(t, "a subject is refused", func() bool {
		st, err := s.Status(t.Context())
		return err == nil && st[0].Delivered == n && st[1].Delivered == 0 && strings.Contains(st[1].Error, "Permissions Violation") && !strings.Contains(st[1].Error, "PASSWORD")
	})
}
