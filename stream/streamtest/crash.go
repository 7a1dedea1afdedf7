package streamtest

import (
	"context"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/fleetscore/fleetscore/stream"
)

// Writers is how many goroutines of Load append at once.
const Writers = 4

// Load appends to all partitions until it is killed, or ctx ends, and writes a line
// for whatever is acknowledged to a writer, or seen by a reader. A round is one run
// of it over the same log.
func Load(ctx context.Context, l stream.Log, round int, out io.Writer) error {
	var mu sync.Mutex
	tell := func(line string) error {
		mu.Lock()
		defer mu.Unlock()
		_, err := io.WriteString(out, line)
		return err
	}
	errs := make(chan error, Writers+1)
	for w := range Writers {
		go func() { errs <- write(ctx, l, round*Writers+w, tell) }()
	}
	go func() {
		r := l.Read(0, 0)
		defer r.Close()
		for {
			e, err := r.Next(ctx)
			var w, i int
			if err == nil {
				_, err = fmt.Sscanf(string(e.Body), "%d %d", &w, &i)
			}
			if err == nil {
				err = tell(line(w, i))
			}
			if err != nil {
				errs <- err
				return
			}
		}
	}()
	return <-errs
}

func line(writer, i int) string { return fmt.Sprintf("%d %d\n", writer, i) }

func write(ctx context.Context, l stream.Log, writer int, tell func(string) error) error {
	for i := 0; ; i++ {
		messages := make([]stream.Message, Partitions)
		for p := range messages {
			body := append([]byte(line(writer, i)), make([]byte, i*97%5000)...)
			messages[p] = stream.Message{Partition: p, Body: body}
		}
		if err := l.Append(ctx, messages); err != nil {
			return err
		}
		if err := tell(line(writer, i)); err != nil {
			return err
		}
	}
}

// Acknowledged is, of each writer, how many entries a log must have: what Load
// wrote to out.
type Acknowledged map[int]int

// Add takes in a line of Load.
func (a Acknowledged) Add(text string) error {
	var w, i int
	if _, err := fmt.Sscanf(text, "%d %d\n", &w, &i); err != nil {
		return fmt.Errorf("line %q: %w", text, err)
	}
	a[w] = max(a[w], i+1)
	return nil
}

// Check fails the test unless in every partition there is all that was
// acknowledged and not trimmed, of each writer in its order and without a gap, and
// nothing twice.
func (a Acknowledged) Check(t *testing.T, l stream.Log) {
	t.Helper()
	for p, s := range state(t, l) {
		trimmed := s.Trimmed > 0
		found := map[int]int{}
		for _, e := range all(t, l, p, 0) {
			var w, i int
			_, err := fmt.Sscanf(string(e.Body), "%d %d\n", &w, &i)
			if _, known := found[w]; !known && trimmed {
				found[w] = i
			}
			if err != nil || i != found[w] {
				t.Fatalf("partition %d: %d of writer %d, want %d (%v)", p, i, w, found[w], err)
			}
			found[w]++
		}
		for w, n := range a {
			if found[w] < n {
				t.Errorf("partition %d: %d entries of writer %d, %d were acknowledged", p, found[w], w, n)
			}
		}
	}
}
