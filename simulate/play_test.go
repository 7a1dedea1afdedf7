package simulate

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// heard is a sender that notes when it was sent what.
type heard struct {
	messages []Message
	delays   []time.Duration
	fail     error
}

func (h *heard) Send(_ context.Context, messages []Message) error {
	for _, m := range messages {
		h.delays = append(h.delays, time.Since(time.Unix(0, m.Sent)))
	}
	h.messages = append(h.messages, messages...)
	return h.fail
}

func (h *heard) Close(context.Context) error { return nil }

// TestPlay: the past is sent at once, the rest when it is time, and all of it.
func TestPlay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := everything()
		now := time.Now()
		c.Start = now.Add(-time.Hour)
		h := &heard{}
		var truth []Truth
		p := Play{Fleet: newFleet(t, c), Sender: h, Until: now.Add(time.Minute), Planted: func(all []Truth) error {
			truth = append(truth, all...)
			return nil
		}}
		if err := p.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		again := newFleet(t, c)
		if want := again.Step(p.Until, nil); !slices.Equal(h.messages, want) {
			t.Errorf("%d messages, not %d, or others", len(h.messages), len(want))
		}
		if !slices.Equal(truth, again.Planted()) || p.Anomalies() == 0 || !p.At().Equal(p.Until) {
			t.Errorf("%d truths, %d anomalies, until %s", len(truth), p.Anomalies(), p.At())
		}
		for i, m := range h.messages {
			if time.Unix(0, m.Sent).After(now) && (h.delays[i] < 0 || h.delays[i] > playEvery) {
				t.Fatalf("a message is sent %s late", h.delays[i])
			}
		}
	})
}

// TestPlayEnds: with its context, and with an error of the sender.
func TestPlayEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := everything()
		c.Start = time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		p := Play{Fleet: newFleet(t, c), Sender: &heard{}}
		if err := p.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		broken := errors.New("broken")
		p = Play{Fleet: newFleet(t, c), Sender: &heard{fail: broken}}
		if err := p.Run(t.Context()); !errors.Is(err, broken) {
			t.Error(err)
		}
	})
}

// TestLines: what is written is NDJSON.
func TestLines(t *testing.T) {
	var text bytes.Buffer
	tally := &Tally{}
	l := NewLines(&text, tally)
	c := Config{Devices: 10, Tags: 2, Rate: 1, Seed: 1, Start: start, Prefix: "pump-"}
	if err := l.Send(t.Context(), newFleet(t, c).Step(start.Add(2*time.Second), nil)); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(text.String(), "\n"); n != 40 || tally.Counts().Acknowledged != 40 {
		t.Errorf("%d lines, %+v", n, tally.Counts())
	}
	if line, _, _ := strings.Cut(text.String(), "\n"); line != `{"device":"pump-08","tag":"temperature","ts":"2026-11-23T13:00:00.060Z","value":62.313}` {
		t.Error(line)
	}
	if err := NewLines(failing{}, tally).Send(t.Context(), nil); err == nil {
		t.Error("what cannot be written is no error")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
