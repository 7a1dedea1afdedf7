package mqtt

import (
	"bytes"
	"context"
	"io"
	"math"
	"net"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ingest"
	"github.com/fleetscore/fleetscore/stream"
)

// socket is a connection whose client has sent its bytes and reads nothing but the
// end.
type socket struct {
	io.Reader
	out bytes.Buffer
}

func (s *socket) Write(b []byte) (int, error)      { return s.out.Write(b) }
func (s *socket) Close() error                     { return nil }
func (s *socket) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (s *socket) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (s *socket) SetDeadline(time.Time) error      { return nil }
func (s *socket) SetReadDeadline(time.Time) error  { return nil }
func (s *socket) SetWriteDeadline(time.Time) error { return nil }

// soundLog fails if it is given what is no reading.
type soundLog struct{ t testing.TB }

func (l *soundLog) Append(_ context.Context, messages []stream.Message) error {
	for _, m := range messages {
		readings, err := new(stream.Decoder).Decode(m.Body, nil)
		if err != nil {
			l.t.Error(err)
		}
		for _, r := range readings {
			if fleet.CheckName("device", r.Device) != nil || fleet.CheckName("tag", r.Tag) != nil || math.IsNaN(r.Value) || math.IsInf(r.Value, 0) {
				l.t.Errorf("%+v was taken", r)
			}
		}
	}
	return nil
}

// FuzzConnection has a connection read whatever a client may send, after a CONNECT or
// none. It must end, in bounded memory, and answer nothing but packets.
func FuzzConnection(f *testing.F) {
	f.Add(uint8(0), []byte(connectOld("a")+pub(1, 1, topic, "1")))
	f.Add(uint8(0), []byte(connectNew("a")))
	f.Add(uint8(4), []byte(pub(1, 1, topic, "71.3")+pub(2, 2, topic, `[{"value":1}]`)+"\x62\x02\x00\x02\xc0\x00"+block(0x82, "\x00\x05"+str("#")+"\x01")+"\xe0\x00"))
	f.Add(uint8(5), []byte(pub5(1, 1, topic, "\x23\x00\x01\x26\x00\x01a\x00\x01b", "71.3")+pub5(0, 0, "", "\x23\x00\x01", "{}")+block(0xa2, "\x00\x05\x00"+str("#"))))
	f.Fuzz(func(t *testing.T, version uint8, sent []byte) {
		service, err := ingest.New(ingest.Config{Stream: &soundLog{t}, Log: quiet()})
		if err != nil {
			t.Fatal(err)
		}
		if err := service.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer service.Stop()
		l, err := New(Config{Listen: "127.0.0.1:0", Service: service, Log: quiet(), Packet: 1 << 10})
		if err != nil {
			t.Fatal(err)
		}
		l.ctx = t.Context()
		s := &socket{Reader: bytes.NewReader(sent)}
		switch version {
		case 4:
			s.Reader = io.MultiReader(bytes.NewReader([]byte(connectOld("x"))), s.Reader)
		case 5:
			s.Reader = io.MultiReader(bytes.NewReader([]byte(connectNew("x"))), s.Reader)
		}
		l.serve(s)
		l.running.Wait()
		for rest := s.out.Bytes(); len(rest) > 0; {
			p, n, err := next(rest, 1<<20)
			if err != nil || n == 0 {
				t.Fatalf("it answers % x", rest)
			}
			switch p.kind {
			case 2, 4, 5, 7, 9, 11, 13, 14:
			default:
				t.Fatalf("it answers % x", rest[:n])
			}
			rest = rest[n:]
		}
		if stats := l.Stats(); stats.Open != 0 {
			t.Errorf("%+v", stats)
		}
	})
}
