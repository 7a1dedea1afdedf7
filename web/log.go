package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

type getLogInput struct {
	RunParam
	Task    string `query:"task" maxLength:"24" doc:"the task, such as 0-12; or 12 alone, of generation 0"`
	Attempt int    `query:"attempt" minimum:"1" maximum:"1000000" doc:"the attempt; without it: the last one"`
	Offset  int64  `query:"offset" minimum:"0" doc:"from where on, in bytes; only with task"`
	Follow  bool   `query:"follow" doc:"go on with what is written, until the attempt, or the run, is over"`
}

// How often a log is looked at that is followed: if nothing happens, and at most.
const (
	followPace = time.Second
	followRest = 200 * time.Millisecond
)

// logBuffer is how much of a log is read at once: a line is not torn unless it is
// longer.
const logBuffer = 256 << 10

// logStream writes logs of a run.
type logStream struct {
	s      *Server
	run    ledger.Run
	one    *fleet.Task // nil: all attempts
	follow bool
	// at is up to where the attempts that are not over were written.
	at  map[fleet.Task]int64
	end map[fleet.Task]bool // all was written
	out *timedWriter
	buf []byte
}

func (s *Server) getLog(ctx context.Context, in *getLogInput) (func(http.ResponseWriter, *http.Request), error) {
	r, err := s.run(ctx, in.Run)
	if err != nil {
		return nil, err
	}
	l := &logStream{s: s, run: r, follow: in.Follow, at: map[fleet.Task]int64{}, end: map[fleet.Task]bool{}}
	switch {
	case in.Task != "":
		if err := l.find(ctx, in); err != nil {
			return nil, err
		}
	case in.Attempt != 0:
		return nil, invalid("query.attempt", errors.New("it needs a task"))
	case in.Offset != 0:
		return nil, invalid("query.offset", errors.New("it needs a task"))
	}
	return l.serve, nil
}

// find looks for the one attempt that is asked for.
func (l *logStream) find(ctx context.Context, in *getLogInput) error {
	generation, index, err := parseTaskName(in.Task)
	if err != nil {
		return invalid("query.task", err)
	}
	attempts, err := l.s.cfg.Ledger.Attempts(ctx, ledger.AttemptFilter{Run: in.Run, Generation: &generation, Index: &index, Limit: maxAttempts})
	if err != nil {
		return fmt.Errorf("looking for task %s of run %s: %w", in.Task, in.Run, err)
	}
	for _, a := range attempts {
		if in.Attempt == 0 || a.Attempt == in.Attempt {
			l.one = &a.Task
		}
	}
	if l.one == nil {
		return missing("there is no such attempt at task "+in.Task+" of run "+in.Run, "the run's tasks list what there is")
	}
	l.at[*l.one] = in.Offset
	if l.follow {
		return nil
	}
	body, err := l.s.cfg.Data.Log(ctx, l.run, *l.one, in.Offset)
	if err != nil {
		return fmt.Errorf("the log of attempt %s of run %s: %w", l.one, in.Run, err)
	}
	return body.Close()
}

// maxAttempts is how many attempts are asked for at once.
const maxAttempts = 5000

// serve writes until all is written, or who reads is gone.
func (l *logStream) serve(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(l.s.ctx, cancel)() //nolint:contextcheck // the server may end before the request
	l.out = newTimedWriter(w)
	l.buf = make([]byte, logBuffer)
	var wake <-chan message
	if l.follow {
		if reader, _, _ := l.s.cfg.Hub.subscribe(l.run.ID, "", 0); reader != nil {
			defer l.s.cfg.Hub.unsubscribe(reader)
			wake = reader.ch
		}
	}
	for {
		began := time.Now()
		over, err := l.pass(ctx)
		if err != nil {
			if ctx.Err() == nil && !errors.Is(err, errReaderGone) {
				l.s.cfg.Log.Error("a log cannot be read", "run", l.run.ID, "error", err)
				fmt.Fprintln(l.out, "fleetscore: the rest of the log cannot be read")
			}
			return
		}
		if l.out.flush() != nil {
			return
		}
		if over || !l.follow {
			return
		}
		// A pass over many attempts takes a while; following must not be most of what we do.
		rest := max(followRest, 5*time.Since(began))
		if !pause(ctx, nil, rest) || !pause(ctx, &wake, followPace) {
			return
		}
	}
}

// pause waits until d has passed, or something has happened. It reports false if
// ctx ends.
func pause(ctx context.Context, wake *<-chan message, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	var woken <-chan message
	if wake != nil {
		woken = *wake
	}
	select {
	case <-ctx.Done():
		return false
	case _, open := <-woken:
		if !open {
			*wake = nil // too slow for events; the timer does
		}
	case <-timer.C:
	}
	return true
}

// pass writes what is new. It reports whether nothing will follow.
func (l *logStream) pass(ctx context.Context) (over bool, err error) {
	r, err := l.s.run(ctx, l.run.ID)
	if err != nil {
		return false, err
	}
	l.run = r
	filter := ledger.AttemptFilter{Run: r.ID, Limit: maxAttempts}
	if l.one != nil {
		filter.Generation, filter.Index = &l.one.Generation, &l.one.Index
	}
	for {
		attempts, err := l.s.cfg.Ledger.Attempts(ctx, filter)
		if err != nil {
			return false, fmt.Errorf("listing the attempts of run %s: %w", r.ID, err)
		}
		for _, a := range attempts {
			if l.end[a.Task] || l.one != nil && a.Task != *l.one {
				continue
			}
			final := a.State.Final() || r.State.Final()
			if err := l.copy(ctx, a.Task, final || !l.follow); err != nil {
				return false, err
			}
			l.end[a.Task] = final
		}
		if len(attempts) < maxAttempts {
			break
		}
		filter.After = attempts[len(attempts)-1].Task.String()
	}
	return l.one != nil && l.end[*l.one] || l.one == nil && r.State.Final(), nil
}

// copy writes what there is of an attempt's log: whole lines, unless it is all.
func (l *logStream) copy(ctx context.Context, t fleet.Task, all bool) error {
	body, err := l.s.cfg.Data.Log(ctx, l.run, t, l.at[t])
	if err != nil {
		if notFound(err) {
			return nil
		}
		return err
	}
	defer body.Close()
	kept := 0 // bytes of buf that are the beginning of a line
	for {
		n, err := io.ReadFull(body, l.buf[kept:])
		chunk := l.buf[:kept+n]
		end := err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !end {
			return err
		}
		cut := bytes.LastIndexByte(chunk, '\n') + 1
		if cut == 0 && len(chunk) == len(l.buf) || end && all {
			cut = len(chunk)
		}
		if err := l.write(t, chunk[:cut]); err != nil {
			return err
		}
		l.at[t] += int64(cut)
		if end {
			return nil
		}
		kept = copy(l.buf, chunk[cut:])
	}
}

// write writes lines, each after the name of its attempt if there are several.
func (l *logStream) write(t fleet.Task, text []byte) error {
	if l.one != nil {
		_, err := l.out.Write(text)
		return err
	}
	for line := range bytes.Lines(text) {
		end := "\n"
		if bytes.HasSuffix(line, []byte("\n")) {
			end = ""
		}
		if _, err := fmt.Fprintf(l.out, "%s | %s%s", t, line, end); err != nil {
			return err
		}
	}
	return nil
}
