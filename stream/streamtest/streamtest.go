package streamtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/stream"
)

// Partitions is how many the suite's logs have.
const Partitions = 8

// Place is where a log is kept, and how.
type Place struct {
	Dir      string // empty at first; the same again to open the same log again
	MaxBytes int64  // if not 0
	Now      func() time.Time
}

// Opener opens a log. What it returns is closed by the suite if it is an io.Closer.
type Opener func(t *testing.T, at Place) stream.Log

// Run runs the suite.
func Run(t *testing.T, open Opener) {
	for name, test := range map[string]func(*testing.T, Opener){
		"order":      order,
		"resume":     resume,
		"reopen":     reopen,
		"concurrent": concurrent,
		"contexts":   contexts,
		"wrong":      wrong,
		"full":       full,
		"trim":       trim,
		"time":       appendTime,
		"close":      closing,
	} {
		t.Run(name, func(t *testing.T) { test(t, open) })
	}
}

func openAt(t *testing.T, open Opener, at Place) (stream.Log, func()) {
	t.Helper()
	l := open(t, at)
	closed := false
	end := func() {
		if c, ok := l.(interface{ Close() error }); ok && !closed {
			closed = true
			if err := c.Close(); err != nil {
				t.Errorf("closing: %v", err)
			}
		}
	}
	t.Cleanup(end)
	return l, end
}

// message is one whose body says what it is.
func message(partition int, body string) stream.Message {
	return stream.Message{Partition: partition, Body: []byte(body)}
}

func appendAll(t *testing.T, l stream.Log, messages ...stream.Message) {
	t.Helper()
	if err := l.Append(t.Context(), messages); err != nil {
		t.Fatal(err)
	}
}

// next reads an entry that must come.
func next(t *testing.T, r stream.Reader) stream.Entry {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	e, err := r.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	e.Body = slices.Clone(e.Body)
	return e
}

// all reads what is in a partition after a position, to the end that State tells.
func all(t *testing.T, l stream.Log, partition int, after stream.Position) []stream.Entry {
	t.Helper()
	end := state(t, l)[partition].Last
	r := l.Read(partition, after)
	defer r.Close()
	var entries []stream.Entry
	for pos := after; pos < end; {
		e := next(t, r)
		if e.Position <= pos {
			t.Fatalf("position %d after %d", e.Position, pos)
		}
		entries = append(entries, e)
		pos = e.Position
	}
	return entries
}

func bodies(entries []stream.Entry) []string {
	out := make([]string, 0, len(entries))
	for _, e := range entries {
		out = append(out, string(e.Body))
	}
	return out
}

func wantBodies(t *testing.T, got []stream.Entry, want ...string) {
	t.Helper()
	if b := bodies(got); !slices.Equal(b, want) {
		t.Errorf("got %q, want %q", b, want)
	}
}

func wantNone(t *testing.T, r stream.Reader) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if e, err := r.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("entry %+v, %v, want none", e, err)
	}
}

func wantError(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func state(t *testing.T, l stream.Log) []stream.State {
	t.Helper()
	s, err := l.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(s) != Partitions {
		t.Fatalf("%d partitions, want %d", len(s), Partitions)
	}
	return s
}

func number(i int) string { return fmt.Sprint("entry ", i) }
