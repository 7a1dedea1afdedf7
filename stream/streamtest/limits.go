package streamtest

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/stream"
)

// contexts: when one ends, so does the call, and nothing is lost by it.
func contexts(t *testing.T, open Opener) {
	l, _ := openAt(t, open, Place{Dir: t.TempDir()})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	wantError(t, "append", l.Append(ended, []stream.Message{message(0, "x")}), context.Canceled)
	_, err := l.State(ended)
	wantError(t, "state", err, context.Canceled)
	r := l.Read(1, 0)
	defer r.Close()
	for i := range 5 {
		wantNone(t, r)
		appendAll(t, l, message(1, number(i)))
		_, err := r.Next(ended)
		wantError(t, "next", err, context.Canceled)
		wantBodies(t, []stream.Entry{next(t, r)}, number(i))
	}
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error)
	go func() {
		_, err := r.Next(ctx)
		failed <- err
	}()
	cancel()
	wantError(t, "waiting", <-failed, context.Canceled)
	go func() {
		_, err := r.Next(t.Context())
		failed <- err
	}()
	r.Close()
	wantError(t, "closed while waiting", <-failed, stream.ErrClosed)
}

// wrong: what cannot be asked for is refused, and changes nothing.
func wrong(t *testing.T, open Opener) {
	l, _ := openAt(t, open, Place{Dir: t.TempDir()})
	for _, p := range []int{-1, Partitions} {
		err := l.Append(t.Context(), []stream.Message{message(0, "x"), message(p, "x")})
		wantError(t, "append", err, stream.ErrPartition)
		wantError(t, "trim", l.Trim(t.Context(), p, 0), stream.ErrPartition)
		_, err = l.Read(p, 0).Next(t.Context())
		wantError(t, "read", err, stream.ErrPartition)
	}
	large := stream.Message{Body: make([]byte, stream.MaxBody+1)}
	wantError(t, "large body", l.Append(t.Context(), []stream.Message{message(0, "x"), large}), stream.ErrTooLarge)
	var many []stream.Message
	for range stream.MaxAppend / stream.MaxBody {
		many = append(many, stream.Message{Body: large.Body[1:]})
	}
	wantError(t, "many bodies", l.Append(t.Context(), many), stream.ErrTooLarge)
	if last := state(t, l)[0].Last; last != 0 {
		t.Errorf("something was stored: %d", last)
	}
	appendAll(t, l, many[1:]...)
	if n := len(all(t, l, 0, 0)); n != len(many)-1 {
		t.Errorf("%d entries of %d", n, len(many)-1)
	}
	beyond := state(t, l)[0].Last + 1<<40
	wantError(t, "trim", l.Trim(t.Context(), 0, beyond), stream.ErrPosition)
	_, err := l.Read(0, beyond).Next(t.Context())
	wantError(t, "read", err, stream.ErrPosition)
}

// full: a log that is full refuses, keeps all it has, also when it is opened again, and
// takes more once it was trimmed.
func full(t *testing.T, open Opener) {
	at := Place{Dir: t.TempDir(), MaxBytes: 24 << 20}
	l, end := openAt(t, open, at)
	body := bytes.Repeat([]byte("0123456789abcdef"), 1<<13)
	stored := 0
	for {
		err := l.Append(t.Context(), []stream.Message{{Partition: stored % 2, Body: body}})
		if errors.Is(err, stream.ErrFull) {
			break
		}
		if err != nil || stored > 1000 {
			t.Fatalf("after %d: %v", stored, err)
		}
		stored++
	}
	if stored < 150 {
		t.Errorf("full after %d of %d bytes", stored, len(body))
	}
	end()
	l, _ = openAt(t, open, at)
	entries := all(t, l, 0, 0)
	others := all(t, l, 1, 0)
	if n := len(entries) + len(others); n != stored {
		t.Fatalf("%d entries of %d", n, stored)
	}
	wantError(t, "append", l.Append(t.Context(), []stream.Message{{Body: body}}), stream.ErrFull)
	for p, e := range [][]stream.Entry{entries, others} {
		if err := l.Trim(t.Context(), p, e[len(e)/2].Position); err != nil {
			t.Fatal(err)
		}
	}
	for range stored / 4 {
		appendAll(t, l, stream.Message{Body: body})
	}
}

// trim: what is trimmed may go, the rest stays, and a reader that would miss
// something is told so.
func trim(t *testing.T, open Opener) {
	at := Place{Dir: t.TempDir()}
	l, end := openAt(t, open, at)
	appendAll(t, l, message(5, "idle"))
	body := bytes.Repeat([]byte("x"), 1<<16)
	for i := range 300 {
		appendAll(t, l, stream.Message{Partition: i % 2, Body: body})
	}
	idle := state(t, l)[5].Last
	var keep [2]stream.Entry
	var after [2]int
	for p := range keep {
		entries := all(t, l, p, 0)
		keep[p], after[p] = entries[100], len(entries)-101
		if err := l.Trim(t.Context(), p, keep[p].Position); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Trim(t.Context(), 5, idle); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for p := range keep {
			if n := len(all(t, l, p, keep[p].Position)); n != after[p] {
				t.Errorf("partition %d: %d entries, want %d", p, n, after[p])
			}
			s := state(t, l)[p]
			if s.Trimmed > keep[p].Position {
				t.Errorf("partition %d: trimmed to %d, beyond %d", p, s.Trimmed, keep[p].Position)
			}
			r := l.Read(p, 0) // begins with what there is
			if e := next(t, r); e.Position > keep[p].Position+1 && e.Position > all(t, l, p, keep[p].Position)[0].Position {
				t.Errorf("partition %d begins at %d", p, e.Position)
			}
			r.Close()
		}
		r := l.Read(5, idle)
		wantNone(t, r)
		appendAll(t, l, message(5, "awake"))
		wantBodies(t, []stream.Entry{next(t, r)}, "awake")
		idle = state(t, l)[5].Last
		r.Close()
		end()
		l, end = openAt(t, open, at)
	}
	if s := state(t, l)[0]; s.Trimmed == 0 {
		t.Error("nothing is gone")
	}
	r := l.Read(0, 1)
	if s := state(t, l)[0]; s.Trimmed > 1 {
		_, err := r.Next(t.Context())
		wantError(t, "reading what is gone", err, stream.ErrTrimmed)
	}
	r.Close()
	emptied(t, l, keep[0].Position)
}

// emptied: who begins where all may be gone gets what is left, if anything, and then
// what comes; who was somewhere gets all that followed, or is told that it is gone.
func emptied(t *testing.T, l stream.Log, somewhere stream.Position) {
	for p, s := range state(t, l) {
		if err := l.Trim(t.Context(), p, s.Last); err != nil {
			t.Fatal(err)
		}
	}
	appendAll(t, l, message(3, "of another partition"))
	if err := l.Trim(t.Context(), 3, state(t, l)[3].Last); err != nil {
		t.Fatal(err)
	}
	fresh := l.Read(0, 0)
	defer fresh.Close()
	for {
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
		_, err := fresh.Next(ctx)
		stop()
		if errors.Is(err, context.DeadlineExceeded) {
			break
		}
		if err != nil {
			t.Fatalf("a reader from the start: %v", err)
		}
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer stop()
	old := l.Read(0, somewhere)
	defer old.Close()
	if _, err := old.Next(ctx); err != nil {
		wantError(t, "reading after what is gone", err, stream.ErrTrimmed)
	}
	appendAll(t, l, message(0, "new"))
	wantBodies(t, []stream.Entry{next(t, fresh)}, "new")
}

// closing: a log that is closed lets go of all that wait for it.
func closing(t *testing.T, open Opener) {
	l, end := openAt(t, open, Place{Dir: t.TempDir()})
	r := l.Read(0, 0)
	failed := make(chan error)
	go func() {
		_, err := r.Next(t.Context())
		failed <- err
	}()
	appendAll(t, l, message(1, "x"))
	end()
	wantError(t, "next", <-failed, stream.ErrClosed)
	wantError(t, "append", l.Append(t.Context(), []stream.Message{message(0, "x")}), stream.ErrClosed)
	wantError(t, "trim", l.Trim(t.Context(), 0, 0), stream.ErrClosed)
	_, err := l.State(t.Context())
	wantError(t, "state", err, stream.ErrClosed)
}
