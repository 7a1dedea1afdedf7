package streamtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/stream"
)

// order: each partition's messages come in the order of the calls and, in a call, of
// its slice; an empty body too; bodies may be reused by the caller at once.
func order(t *testing.T, open Opener) {
	l, _ := openAt(t, open, Place{Dir: t.TempDir()})
	if err := l.Append(t.Context(), nil); err != nil {
		t.Errorf("nothing: %v", err)
	}
	want := make([][]string, Partitions)
	body := make([]byte, 0, 64)
	for i := range 40 {
		var messages []stream.Message
		for j := range 1 + i%5 {
			p := (i*3 + j*j) % Partitions
			text := ""
			if i%7 != 0 {
				text = fmt.Sprint(i, " ", j)
			}
			want[p] = append(want[p], text)
			body = append(body, text...)
			messages = append(messages, stream.Message{Partition: p, Body: body[len(body)-len(text):]})
		}
		appendAll(t, l, messages...)
		clear(body)
		body = body[:0]
	}
	for p := range Partitions {
		entries := all(t, l, p, 0)
		wantBodies(t, entries, want[p]...)
		for i := 1; i < len(entries); i++ {
			if entries[i].Time < entries[i-1].Time {
				t.Errorf("time falls from %d to %d", entries[i-1].Time, entries[i].Time)
			}
		}
		if s := state(t, l)[p]; len(entries) > 0 {
			last := entries[len(entries)-1]
			if s.Last != last.Position || s.Time != last.Time || s.Trimmed >= entries[0].Position {
				t.Errorf("state %+v, last entry is at %d, %d", s, last.Position, last.Time)
			}
		}
	}
}

// resume: a reader that begins after any entry goes on with the next.
func resume(t *testing.T, open Opener) {
	l, _ := openAt(t, open, Place{Dir: t.TempDir()})
	for i := range 12 {
		appendAll(t, l, message(3, number(2*i)), message(i%3, "other"), message(3, number(2*i+1)))
	}
	entries := all(t, l, 3, 0)
	for i, e := range entries {
		if rest := all(t, l, 3, e.Position); !slices.Equal(bodies(rest), bodies(entries[i+1:])) {
			t.Fatalf("after %d: %q", i, bodies(rest))
		}
	}
	r := l.Read(3, entries[len(entries)-1].Position)
	defer r.Close()
	wantNone(t, r)
	for i := range 3 { // others' entries are none of its
		appendAll(t, l, message(2, number(i)))
	}
	wantNone(t, r)
	appendAll(t, l, message(2, "x"), message(3, "more"), message(3, "and more"))
	wantBodies(t, []stream.Entry{next(t, r), next(t, r)}, "more", "and more")
}

// reopen: what was acknowledged is there when the log is opened again, and its positions
// and times too.
func reopen(t *testing.T, open Opener) {
	at := Place{Dir: t.TempDir()}
	var before []stream.State
	var entries []stream.Entry
	for round := range 3 {
		l, end := openAt(t, open, at)
		if round > 0 {
			if s := state(t, l); !slices.Equal(s, before) {
				t.Fatalf("state %+v, was %+v", s, before)
			}
			again := all(t, l, 1, 0)
			if !slices.Equal(bodies(again), bodies(entries)) || again[0].Position != entries[0].Position || again[0].Time != entries[0].Time {
				t.Fatalf("entries %+v, were %+v", again, entries)
			}
		}
		for i := range 5 {
			appendAll(t, l, message(1, number(round*5+i)), message(2, "x"))
		}
		before, entries = state(t, l), all(t, l, 1, 0)
		end()
	}
}

// concurrent: of many that append at once, each finds its own in its order, and
// readers that wait get all of it.
func concurrent(t *testing.T, open Opener) {
	const writers, each = 16, 30
	l, _ := openAt(t, open, Place{Dir: t.TempDir()})
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				body := fmt.Appendf(make([]byte, 0, 1<<14), "%d %d", w, i)
				m := stream.Message{Partition: w % Partitions, Body: body[:cap(body)-rand.IntN(1<<13)]}
				if err := l.Append(t.Context(), []stream.Message{m}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for p := range Partitions {
		wg.Go(func() {
			r := l.Read(p, 0)
			defer r.Close()
			last := map[int]int{}
			var pos stream.Position
			var at int64
			for range writers / Partitions * each {
				e, err := r.Next(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				var w, i int
				if _, err := fmt.Sscanf(string(e.Body[:8]), "%d %d", &w, &i); err != nil || i != last[w] || w%Partitions != p {
					t.Errorf("partition %d: got %d of writer %d after %d, %v", p, i, w, last[w], err)
					return
				}
				last[w]++
				if e.Position <= pos || e.Time < at {
					t.Errorf("partition %d: %d at %d after %d at %d", p, e.Position, e.Time, pos, at)
				}
				pos, at = e.Position, e.Time
			}
		})
	}
	wg.Wait()
}

// appendTime: times do not fall when the clock does, nor when the log is opened again.
func appendTime(t *testing.T, open Opener) {
	clock := time.Unix(1_800_000_000, 0)
	at := Place{Dir: t.TempDir(), Now: func() time.Time { return clock }}
	l, end := openAt(t, open, at)
	appendAll(t, l, message(0, "a"))
	clock = clock.Add(-time.Hour)
	appendAll(t, l, message(0, "b"))
	end()
	l, _ = openAt(t, open, at)
	appendAll(t, l, message(0, "c"))
	clock = clock.Add(2 * time.Hour)
	appendAll(t, l, message(0, "d"))
	got := all(t, l, 0, 0)
	for i := 1; i < len(got); i++ {
		if got[i].Time < got[i-1].Time {
			t.Errorf("time falls from %d to %d", got[i-1].Time, got[i].Time)
		}
	}
	if got[3].Time <= got[2].Time {
		t.Errorf("time stands still at %d", got[3].Time)
	}
}
