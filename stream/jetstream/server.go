package jetstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	streamName = "FLEETSCORE"
	subject    = "fleetscore.readings"
	maxPayload = 8 << 20
	patience   = 30 * time.Second // with the server, which is in this process
)

// embedded is a running server, a connection to it and the stream on it.
type embedded struct {
	server *server.Server
	conn   *nats.Conn
	js     jetstream.JetStream
	stream jetstream.Stream
}

// start starts a server over a folder and makes the stream if it is missing.
func start(ctx context.Context, dir string, maxBytes int64, logger *slog.Logger) (_ *embedded, err error) {
	srv, err := server.NewServer(&server.Options{
		ServerName:             "fleetscore",
		DontListen:             true,
		NoSigs:                 true,
		NoLog:                  true, // but to ours
		MaxPayload:             maxPayload,
		JetStream:              true,
		StoreDir:               dir,
		SyncAlways:             true,
		JetStreamMaxMemory:     1 << 20,
		JetStreamMaxStore:      maxBytes + maxPayload,
		DisableJetStreamBanner: true,
	})
	if err != nil {
		return nil, fmt.Errorf("setting up the server: %w", err)
	}
	srv.SetLoggerV2(serverLog{logger}, false, false, false)
	e := &embedded{server: srv}
	defer func() {
		if err != nil {
			e.stop()
		}
	}()
	srv.Start()
	if !srv.ReadyForConnections(patience) {
		return nil, errors.New("the server did not start")
	}
	e.conn, err = nats.Connect("", nats.InProcessServer(srv), nats.NoReconnect(), nats.Name("fleetscore"))
	if err != nil {
		return nil, fmt.Errorf("connecting to the server: %w", err)
	}
	if e.js, err = jetstream.New(e.conn, jetstream.WithDefaultTimeout(patience)); err != nil {
		return nil, fmt.Errorf("connecting to the server: %w", err)
	}
	first, err := e.first(ctx)
	if err != nil {
		return nil, err
	}
	e.stream, err = e.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:        streamName,
		FirstSeq:    first,
		Subjects:    []string{subject},
		Retention:   jetstream.LimitsPolicy,
		Storage:     jetstream.FileStorage,
		Discard:     jetstream.DiscardNew,
		MaxBytes:    maxBytes,
		AllowDirect: true,
	})
	if err != nil {
		return nil, fmt.Errorf("opening the stream: %w", err)
	}
	return e, nil
}

// first is the sequence that a stream begins with: the time it was made at, in
// milliseconds. So a stream that is made in the place of another has no position that
// the other had, and who comes with one of those is told.
func (e *embedded) first(ctx context.Context) (uint64, error) {
	made, err := e.js.Stream(ctx, streamName)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return uint64(max(1, time.Now().UnixMilli())), nil
	case err != nil:
		return 0, fmt.Errorf("looking for the stream: %w", err)
	}
	return made.CachedInfo().Config.FirstSeq, nil
}

// stop ends the server, and returns when it has.
func (e *embedded) stop() {
	if e.conn != nil {
		e.conn.Close()
	}
	e.server.Shutdown()
	e.server.WaitForShutdown()
}

// get reads a group. It is jetstream.ErrMsgNotFound if there is none.
func (e *embedded) get(ctx context.Context, seq uint64) (*group, error) {
	m, err := e.stream.GetMsg(ctx, seq)
	if err != nil {
		return nil, fmt.Errorf("reading group %d: %w", seq, err)
	}
	g, err := parseGroup(seq, m.Data)
	if err != nil {
		return nil, fmt.Errorf("reading group %d: %w", seq, err)
	}
	return g, nil
}

// newest reads the last group there is from first to last, if any. The server may
// remember in its index groups that a power cut took, because they were not synced:
// nobody was told that they were stored, and their sequences are not used again.
func (e *embedded) newest(ctx context.Context, first, last uint64) (*group, error) {
	for seq := last; seq >= first && seq > 0; seq-- {
		g, err := e.get(ctx, seq)
		if !errors.Is(err, jetstream.ErrMsgNotFound) {
			return g, err
		}
	}
	return nil, nil
}

// put stores a group, durably, if it is the next.
func (e *embedded) put(ctx context.Context, g *group) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ack, err := e.js.PublishMsg(ctx, &nats.Msg{Subject: subject, Data: g.raw},
		jetstream.WithExpectLastSequence(g.seq-1), jetstream.WithRetryAttempts(0))
	if err == nil && ack.Sequence != g.seq {
		err = fmt.Errorf("it became %d", ack.Sequence)
	}
	if err != nil {
		return fmt.Errorf("storing group %d: %w", g.seq, err)
	}
	return nil
}

// isFull reports whether the server refused a message because it holds enough.
func isFull(err error) bool {
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode {
	case 10002, 10023, 10047: // account, server, storage: resources exceeded
		return true
	case 10077: // storing failed
		return api.Description == server.ErrMaxBytes.Error()
	}
	return false
}

// serverLog passes on what the server has to say. What it only notices, it
// notices at every start.
type serverLog struct{ to *slog.Logger }

func (l serverLog) log(level slog.Level, format string, v []any) {
	ctx := context.Background()
	if l.to.Enabled(ctx, level) {
		l.to.Log(ctx, level, fmt.Sprintf(format, v...), "of", "nats")
	}
}

func (l serverLog) Noticef(format string, v ...any) { l.log(slog.LevelDebug, format, v) }
func (l serverLog) Warnf(format string, v ...any)   { l.log(slog.LevelWarn, format, v) }
func (l serverLog) Fatalf(format string, v ...any)  { l.log(slog.LevelError, format, v) }
func (l serverLog) Errorf(format string, v ...any)  { l.log(slog.LevelError, format, v) }
func (l serverLog) Debugf(format string, v ...any)  { l.log(slog.LevelDebug, format, v) }
func (l serverLog) Tracef(format string, v ...any)  { l.log(slog.LevelDebug, format, v) }
