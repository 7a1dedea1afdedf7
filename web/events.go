package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/view/pace"
)

type eventsInput struct {
	Run  string `query:"run" maxLength:"80" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]*$" doc:"only of this run"`
	Last string `header:"Last-Event-ID" maxLength:"64" doc:"the ID of the last event that was read: what was missed since follows, or a snapshot"`
}

func (s *Server) eventOperation(api huma.API) {
	schemas := api.OpenAPI().Components.Schemas
	var kinds []string
	for _, k := range []struct {
		kind string
		body reflect.Type
	}{
		{KindSnapshot, reflect.TypeFor[Snapshot]()}, {KindRun, reflect.TypeFor[Run]()}, {KindProgress, reflect.TypeFor[RunProgress]()},
		{KindNode, reflect.TypeFor[fleet.Node]()}, {KindJob, reflect.TypeFor[JobState]()},
		{KindPulse, reflect.TypeFor[pace.Pulse]()}, {KindPool, reflect.TypeFor[PoolDecision]()}, {KindDropped, reflect.TypeFor[Dropped]()},
	} {
		kinds = append(kinds, fmt.Sprintf("\n- `%s`: %s", k.kind, schemas.Schema(k.body, true, "").Ref))
	}
	registerStream(s, api, operation{id: "watch-events", at: "GET " + base + "/events", tag: "service", role: Viewer, summary: "What changes, as it does",
		about: "Server-sent events. The data of each is JSON, by the name of the event:" + strings.Join(kinds, "") +
			"\n\nEach holds the whole state of what it is about. After `dropped` the stream ends: its reader was too slow, and may come back."},
		"text/event-stream", "Events", s.watchEvents)
}

func (s *Server) watchEvents(ctx context.Context, in *eventsInput) (func(http.ResponseWriter, *http.Request), error) {
	if in.Run != "" {
		if _, err := s.run(ctx, in.Run); err != nil {
			return nil, err
		}
	}
	epoch, since, err := parseEventID(in.Last)
	if err != nil {
		epoch = "" // of another kind of server, or none: a snapshot
	}
	reader, from, resumed := s.cfg.Hub.subscribe(in.Run, epoch, since)
	if reader == nil {
		return nil, fmt.Errorf("%w: too many are watching", ErrUnavailable)
	}
	first := message{id: from, kind: KindSnapshot}
	if !resumed {
		// Read after the subscription, so that nothing is missed in between.
		if first.data, err = s.snapshot(ctx, in.Run); err != nil {
			s.cfg.Hub.unsubscribe(reader)
			return nil, err
		}
	}
	return func(w http.ResponseWriter, r *http.Request) {
		defer s.cfg.Hub.unsubscribe(reader)
		out := &eventWriter{newTimedWriter(w), s.cfg.Hub.epoch}
		if err := out.begin(first); err != nil {
			return
		}
		s.pass(r.Context(), reader, out)
	}, nil
}

// pass passes on events until there are no more, or who reads is gone.
func (s *Server) pass(ctx context.Context, reader *reader, out *eventWriter) {
	beat := time.NewTicker(s.pulse)
	defer beat.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-s.ctx.Done():
			return
		case <-beat.C:
			err = out.beat()
		case m, open := <-reader.ch:
			if !open {
				if s.cfg.Hub.lost(reader) {
					data, _ := json.Marshal(Dropped{"events came faster than they were read; come back with the ID of the last one, or for a snapshot"})
					_ = out.send(message{kind: KindDropped, data: data}) // it is the last in any case
				}
				return
			}
			err = out.send(m)
		}
		if err != nil {
			return
		}
	}
}

// maxSnapshot is how many runs a snapshot has: a backfill makes thousands.
const maxSnapshot = 500

// snapshot is the first event: all that is under way, or one run.
func (s *Server) snapshot(ctx context.Context, run string) ([]byte, error) {
	shot := Snapshot{Runs: []Run{}, Jobs: []JobState{}, Nodes: []fleet.Node{}}
	if run != "" {
		r, err := s.run(ctx, run)
		if err != nil {
			return nil, err
		}
		shot.Runs = append(shot.Runs, viewRun(r))
		return json.Marshal(shot)
	}
	runs, err1 := s.cfg.Ledger.ActiveRuns(ctx)
	jobs, err2 := s.cfg.Ledger.Jobs(ctx)
	nodes, err3 := s.cfg.Ledger.Nodes(ctx, s.cfg.Now())
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, fmt.Errorf("reading what is under way: %w", err)
	}
	shot.Runs, shot.Nodes = viewRuns(runs[:min(len(runs), maxSnapshot)]), alive(nodes)
	for _, j := range jobs {
		shot.Jobs = append(shot.Jobs, viewJobState(j))
	}
	return json.Marshal(shot)
}

// eventWriter writes server-sent events.
type eventWriter struct {
	out   *timedWriter
	epoch string
}

func (w *eventWriter) begin(first message) error {
	if _, err := fmt.Fprint(w.out, "retry: 2000\n\n"); err != nil {
		return err
	}
	if first.data == nil {
		return w.out.flush()
	}
	// Event 0 has an ID too: what came before everything.
	return w.write(first, true)
}

func (w *eventWriter) send(m message) error { return w.write(m, m.id > 0) }

func (w *eventWriter) write(m message, id bool) error {
	if id {
		fmt.Fprintf(w.out, "id: %s\n", eventID(w.epoch, m.id))
	}
	// JSON has no line ends in it.
	if _, err := fmt.Fprintf(w.out, "event: %s\ndata: %s\n\n", m.kind, m.data); err != nil {
		return err
	}
	return w.out.flush()
}

// beat shows that the stream lives.
func (w *eventWriter) beat() error {
	if _, err := fmt.Fprint(w.out, ":\n\n"); err != nil {
		return err
	}
	return w.out.flush()
}
