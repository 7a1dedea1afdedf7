package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/web"
)

// Event is something that has changed, as it is now. One of its fields but ID is
// set. After a Snapshot, what was known before counts no more.
type Event struct {
	ID       string
	Snapshot *web.Snapshot
	Run      *web.Run
	Progress *web.RunProgress
	Node     *fleet.Node
	Job      *web.JobState
}

const (
	maxEvent   = 64 << 20 // bytes of a line
	firstPause = 100 * time.Millisecond
	lastPause  = 5 * time.Second
	// silence is how long a stream may say nothing; it has a heartbeat.
	silence = time.Minute
	// patience is how often in a row the service may not answer.
	patience = 12
)

// errEnded is that a stream ended, as one does whose service is stopped.
var errEnded = errors.New("the stream of events ended")

// Events yields what changes, of one run if that is not empty, until ctx ends or
// the loop is left. If the connection breaks it is made again, and what was missed
// follows. The last thing yielded may be an error: the service said no, or has not
// answered for about a minute.
func (c *Client) Events(ctx context.Context, run string) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		last, pause, failures := "", firstPause, 0
		for {
			err := c.stream(ctx, run, last, func(e Event) bool {
				if e.ID != "" {
					last = e.ID
				}
				pause, failures = firstPause, 0
				return yield(e, nil)
			})
			var refusal *Error
			switch {
			case err == nil:
				return // the loop was left
			case ctx.Err() != nil:
				yield(Event{}, ctx.Err())
				return
			case errors.As(err, &refusal) && refusal.Status < http.StatusInternalServerError:
				yield(Event{}, err)
				return
			}
			if failures++; failures > patience || failures == 1 && last == "" && errors.Is(err, ErrNotRunning) {
				yield(Event{}, err)
				return
			}
			if !wait(ctx, pause) {
				yield(Event{}, ctx.Err())
				return
			}
			pause = min(2*pause, lastPause)
		}
	}
}

// wait reports false if ctx ends before d has passed.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// stream reads one connection's events. It is nil if each does not want more.
func (c *Client) stream(ctx context.Context, run, last string, each func(Event) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	quiet := time.AfterFunc(silence, cancel)
	defer quiet.Stop()
	header := http.Header{"Accept": {"text/event-stream"}}
	if last != "" {
		header.Set("Last-Event-ID", last)
	}
	q := query{}
	q.text("run", run)
	res, err := c.open(ctx, http.MethodGet, at("events"), url.Values(q), nil, header)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return readEvents(res.Body, func() { quiet.Reset(silence) }, each)
}

// readEvents reads server-sent events. alive is called for every line.
func readEvents(r io.Reader, alive func(), each func(Event) bool) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxEvent)
	var kind, id string
	var data []byte
	for lines.Scan() {
		alive()
		name, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "event":
			kind = value
		case "id":
			id = value
		case "data":
			data = append(data, value...)
		case "":
			if lines.Text() != "" || kind == "" {
				continue // a comment, or the end of nothing
			}
			e, known, err := parseEvent(kind, id, data)
			if err != nil {
				return err
			}
			if known && !each(e) {
				return nil
			}
			kind, id, data = "", "", nil
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading events: %w", err)
	}
	return errEnded
}

// parseEvent reads the data of an event. It is not known if a later version of the
// service has it.
func parseEvent(kind, id string, data []byte) (e Event, known bool, err error) {
	e.ID = id
	var into any
	switch kind {
	case web.KindSnapshot:
		e.Snapshot = &web.Snapshot{}
		into = e.Snapshot
	case web.KindRun:
		e.Run = &web.Run{}
		into = e.Run
	case web.KindProgress:
		e.Progress = &web.RunProgress{}
		into = e.Progress
	case web.KindNode:
		e.Node = &fleet.Node{}
		into = e.Node
	case web.KindJob:
		e.Job = &web.JobState{}
		into = e.Job
	case web.KindDropped:
		return e, false, errEnded
	default:
		return e, false, nil
	}
	if err := json.Unmarshal(data, into); err != nil {
		return e, false, fmt.Errorf("reading an event %q: %w", kind, err)
	}
	return e, true, nil
}
