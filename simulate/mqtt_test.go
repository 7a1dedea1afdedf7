package simulate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
	"go.uber.org/goleak"
)

// broker is a real one, with a hook that sees all, and at times does not take it.
type broker struct {
	mqtt.HookBase
	server  *mqtt.Server
	address string
	token   string
	mu      sync.Mutex
	seen    map[string]int // topic and payload: how often
	order   []string
	n       int
	clients map[byte]int // by version
	door    *door
	answer  func(n int, client *mqtt.Client) error
}

func (b *broker) ID() string { return "test" }

func (b *broker) Provides(what byte) bool {
	return bytes.IndexByte([]byte{mqtt.OnConnectAuthenticate, mqtt.OnACLCheck, mqtt.OnPublish}, what) >= 0
}

func (b *broker) OnConnectAuthenticate(client *mqtt.Client, p packets.Packet) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clients[client.Properties.ProtocolVersion]++
	return b.token == "" || string(p.Connect.Password) == b.token
}

func (b *broker) OnACLCheck(*mqtt.Client, string, bool) bool { return true }

func (b *broker) OnPublish(client *mqtt.Client, p packets.Packet) (packets.Packet, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n++
	if b.answer != nil {
		if err := b.answer(b.n, client); err != nil {
			return p, err
		}
	}
	if p.FixedHeader.Qos != 1 {
		return p, packets.ErrRejectPacket
	}
	message := p.TopicName + " " + string(p.Payload)
	b.seen[message]++
	b.order = append(b.order, message)
	return p, nil
}

func newBroker(t testing.TB, b *broker) *broker {
	b.seen, b.clients = make(map[string]int), make(map[byte]int)
	b.server = mqtt.New(&mqtt.Options{Logger: slog.New(slog.DiscardHandler)})
	if err := b.server.AddHook(b, nil); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.door = &door{Listener: l}
	b.door.change.L = &b.door.mu
	if err := b.server.AddListener(listeners.NewNet("t", b.door)); err != nil {
		t.Fatal(err)
	}
	if err := b.server.Serve(); err != nil {
		t.Fatal(err)
	}
	b.address = "mqtt://" + l.Addr().String()
	return b
}

// door lets connections in. The broker must not be closed while one begins, which
// is a race in it.
type door struct {
	net.Listener
	mu     sync.Mutex
	change sync.Cond
	open   int
	shut   bool
}

type guest struct {
	net.Conn
	leave func()
}

func (g *guest) Close() error {
	g.leave()
	return g.Conn.Close()
}

func (d *door) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		d.mu.Lock()
		shut := d.shut
		if !shut {
			d.open++
		}
		d.mu.Unlock()
		if !shut {
			return &guest{c, sync.OnceFunc(d.left)}, nil
		}
		_ = c.Close()
	}
}

func (d *door) left() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open--
	d.change.Broadcast()
}

// close ends the broker, when the clients have gone.
func (b *broker) close() {
	b.door.mu.Lock()
	b.door.shut = true
	for b.door.open > 0 {
		b.door.change.Wait()
	}
	b.door.mu.Unlock()
	_ = b.server.Close()
}

// sent publishes what a fleet sends, and returns the tally and the record.
func (b *broker) sent(t *testing.T, c MQTTConfig, fleet Config, length time.Duration) (Counts, []Entry, error) {
	defer goleak.VerifyNone(t)
	defer b.close()
	c.URL, c.Wait = b.address, time.Millisecond
	var file bytes.Buffer
	record := must(NewRecordWriter(&file, fleet))
	tally := &Tally{}
	tally.Keep(record)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err := send(ctx, must(NewMQTT(c, tally)), newFleet(t, fleet).Step(start.Add(length), nil))
	if err := record.Flush(); err != nil {
		t.Fatal(err)
	}
	_, entries, readErr := readRecord(file.Bytes())
	if !errors.Is(readErr, io.EOF) {
		t.Fatal(readErr)
	}
	return tally.Counts(), entries, err
}

func (b *broker) check(t *testing.T, got Counts, entries []Entry) {
	t.Helper()
	if int64(len(entries)) != got.Sent || got.Sent != got.Acknowledged+got.Rejected+got.Unanswered {
		t.Errorf("%d entries, %+v", len(entries), got)
	}
	want := make(map[string]int)
	for i := range entries {
		if r := &entries[i].Reading; entries[i].Outcome == Acknowledged {
			want[topic(r)+" "+string(appendPayload(nil, r))]++
		}
	}
	for message, n := range want {
		if b.seen[message] < n {
			t.Fatalf("%s was acknowledged %d times, and came %d times", message, n, b.seen[message])
		}
	}
}

// TestMQTT: all is delivered, once, and in the order of each device.
func TestMQTT(t *testing.T) {
	for _, version := range []int{3, 5} {
		b := newBroker(t, &broker{token: "secret"})
		c := everything()
		c.Late, c.Duplicates, c.Outages, c.WrongClocks = 0, 0, 0, 0
		got, entries, err := b.sent(t, MQTTConfig{Protocol: version, Token: "secret", Connections: 3}, c, time.Minute)
		if err != nil || got.Acknowledged != 12_000 || got.Repeated > 0 || got.Rejected > 0 {
			t.Errorf("version %d: %+v: %v", version, got, err)
		}
		b.check(t, got, entries)
		if b.clients[map[int]byte{3: 4, 5: 5}[version]] != 3 || len(b.clients) != 1 {
			t.Errorf("version %d: clients %v", version, b.clients)
		}
		last := make(map[string]string)
		for _, m := range b.order {
			topic, payload, _ := strings.Cut(m, " ")
			if payload < last[topic] {
				t.Fatalf("version %d: %s comes after %s", version, payload, last[topic])
			}
			last[topic] = payload
		}
	}
}

// TestMQTTLost: connections that are cut in the midst lose nothing.
func TestMQTTLost(t *testing.T) {
	for _, version := range []int{3, 5} {
		b := newBroker(t, &broker{answer: func(n int, client *mqtt.Client) error {
			if n%2500 == 0 {
				client.Stop(errors.New("cut"))
				return packets.ErrRejectPacket
			}
			return nil
		}})
		got, entries, err := b.sent(t, MQTTConfig{Protocol: version, Connections: 3}, everything(), time.Minute)
		if err != nil || got.Acknowledged < 10_000 || got.Rejected > 0 || got.Unanswered > 0 || got.Repeated == 0 || got.Trouble == "" {
			t.Errorf("version %d: %+v: %v", version, got, err)
		}
		b.check(t, got, entries)
	}
}

// TestMQTTReasons: in version 5 a message can be rejected, or put off.
func TestMQTTReasons(t *testing.T) {
	b := newBroker(t, &broker{answer: func(n int, _ *mqtt.Client) error {
		switch {
		case n%1000 == 0:
			return packets.ErrPayloadFormatInvalid
		case n == 1500:
			return packets.ErrQuotaExceeded
		}
		return nil
	}})
	got, entries, err := b.sent(t, MQTTConfig{Protocol: 5, Connections: 1}, everything(), 30*time.Second)
	if err != nil || got.Rejected < 5 || got.Rejected > 7 || !strings.Contains(got.Reason, "0x99") || got.Repeated == 0 || !strings.Contains(got.Trouble, "0x97") {
		t.Errorf("%+v: %v", got, err)
	}
	b.check(t, got, entries)
}

// TestMQTTRefused: a sender that may not send says so, and ends.
func TestMQTTRefused(t *testing.T) {
	for _, version := range []int{3, 5} {
		b := newBroker(t, &broker{token: "secret"})
		got, _, err := b.sent(t, MQTTConfig{Protocol: version, Token: "wrong"}, everything(), time.Minute)
		if !errors.Is(err, ErrRefused) || got.Sent > 0 {
			t.Errorf("version %d: %+v: %v", version, got, err)
		}
	}
}

// TestMQTTGivesUp: where acknowledgements do not come, Close ends when it is told to.
func TestMQTTGivesUp(t *testing.T) {
	for _, version := range []int{3, 5} {
		func() {
			defer goleak.VerifyNone(t)
			b := newBroker(t, &broker{answer: func(int, *mqtt.Client) error { return packets.ErrRejectPacket }})
			defer b.close()
			tally := &Tally{}
			s := must(NewMQTT(MQTTConfig{URL: b.address, Protocol: version, InFlight: 10}, tally))
			if err := s.Send(t.Context(), newFleet(t, everything()).Step(start.Add(3*time.Second), nil)); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			if err := s.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("version %d: %v", version, err)
			}
			if got := tally.Counts(); got.Acknowledged > 0 || got.Unanswered == 0 || got.Unanswered != got.Sent || got.Sent > 120 {
				t.Errorf("version %d: %+v", version, got)
			}
		}()
	}
}

// BenchmarkMQTT is against a broker that stores nothing, on the same cores.
func BenchmarkMQTT(b *testing.B) {
	for _, version := range []int{3, 5} {
		b.Run(fmt.Sprint("version=", version), func(b *testing.B) {
			server := newBroker(b, &broker{})
			defer server.close()
			s := must(NewMQTT(MQTTConfig{URL: server.address, Protocol: version, Connections: 100}, &Tally{}))
			c := everything()
			c.Devices = 1000
			messages := newFleet(b, c).Step(start.Add(20*time.Second), nil)
			sent := 0
			for b.Loop() {
				n := min(5000, len(messages))
				if err := s.Send(b.Context(), messages[:n]); err != nil {
					b.Fatal(err)
				}
				sent += n
			}
			if err := s.Close(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(sent)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}
