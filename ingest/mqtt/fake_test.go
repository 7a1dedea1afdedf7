package mqtt

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ingest"
	"github.com/fleetscore/fleetscore/stream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errDisk = errors.New("the disk is gone")

// fakeLog keeps readings in memory.
type fakeLog struct {
	gate    chan struct{} // if set, each Append waits for one
	entered chan struct{} // if set, each Append says that it has begun

	mu       sync.Mutex
	fail     error
	appends  int
	readings []fleet.Reading
}

func (l *fakeLog) Append(ctx context.Context, messages []stream.Message) error {
	if l.entered != nil {
		l.entered <- struct{}{}
	}
	if l.gate != nil {
		select {
		case <-l.gate:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.appends++
	if l.fail != nil {
		return l.fail
	}
	var d stream.Decoder
	for _, m := range messages {
		var err error
		if l.readings, err = d.Decode(m.Body, l.readings); err != nil {
			return err
		}
	}
	return nil
}

func (l *fakeLog) all() []fleet.Reading {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]fleet.Reading(nil), l.readings...)
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// start starts a listener and its service, and stops them when the test ends.
func start(t testing.TB, log ingest.Log, cfg Config, service ingest.Config) *Listener {
	t.Helper()
	service.Stream, service.Log = log, quiet()
	s, err := ingest.New(service)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	cfg.Listen, cfg.Service, cfg.Log = "127.0.0.1:0", s, quiet()
	l, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Stop)
	return l
}

// raw is a client that writes and reads bytes.
type raw struct {
	net.Conn
	t testing.TB
}

func dial(t testing.TB, l *Listener) *raw {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	return &raw{c, t}
}

func (r *raw) send(packets ...string) {
	r.t.Helper()
	for _, p := range packets {
		if _, err := r.Write([]byte(p)); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *raw) expect(want string) {
	r.t.Helper()
	got := make([]byte, len(want))
	n, err := io.ReadFull(r, got)
	if err != nil || string(got) != want {
		r.t.Fatalf("read % x (%v), not % x", got[:n], err, want)
	}
}

// ended expects that nothing more comes.
func (r *raw) ended() {
	r.t.Helper()
	if rest, err := io.ReadAll(r); len(rest) > 0 || errors.Is(err, context.DeadlineExceeded) || isTimeout(err) {
		r.t.Fatalf("read % x (%v), not the end", rest, err)
	}
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

func block(head byte, body string) string {
	n := len(body)
	b := []byte{head}
	for ; n >= 0x80; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return string(append(b, byte(n))) + body
}

func str(s string) string { return string([]byte{byte(len(s) >> 8), byte(len(s))}) + s }

// connectOld and connectNew are CONNECTs of 3.1.1 and 5.
func connectOld(id string) string { return block(0x10, str("MQTT")+"\x04\x02\x00\x3c"+str(id)) }
func connectNew(id string) string { return block(0x10, str("MQTT")+"\x05\x02\x00\x3c\x00"+str(id)) }

// pub is a PUBLISH of 3.1.1.
func pub(qos byte, id byte, topic, payload string) string {
	body := str(topic)
	if qos > 0 {
		body += "\x00" + string([]byte{id})
	}
	return block(0x30|qos<<1, body+payload)
}

// pub5 is a PUBLISH of 5.
func pub5(qos byte, id byte, topic, props, payload string) string {
	body := str(topic)
	if qos > 0 {
		body += "\x00" + string([]byte{id})
	}
	return block(0x30|qos<<1, body+string([]byte{byte(len(props))})+props+payload)
}

const connackOld = "\x20\x02\x00\x00"

// connackNew is the CONNACK of a listener with the usual limits.
const connackNew = "\x20\x18\x00\x00\x15\x21\x03\xe8\x24\x01\x25\x00\x27\x00\x01\x00\x00\x22\x00\x10\x28\x00\x29\x00\x2a\x00"
