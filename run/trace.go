package run

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/monitor/span"
)

// Bounds of a trace. Of attempts those that failed are kept, and the slowest.
const (
	mostAttempts = 2000
	mostNodes    = 100
	attemptsPage = 5000
	mostDetail   = 500 // bytes of what is said of a failure
)

// beginTrace begins the span of the run. A service that stops does not end it: the
// next one begins it again, under the same ID.
func (s *Service) beginTrace(ctx context.Context, r ledger.Run) (context.Context, trace.Span) {
	options := []trace.SpanStartOption{trace.WithTimestamp(r.Created), trace.WithAttributes(
		attribute.String("fleetscore.run", r.ID), attribute.String("fleetscore.job", r.Job), attribute.String("fleetscore.interval", r.Interval.String()),
		attribute.String("fleetscore.origin", r.Origin), attribute.Int("fleetscore.priority", r.Priority))}
	if r.RetryOf != "" {
		options = append(options, trace.WithLinks(trace.Link{SpanContext: span.OfRun(r.RetryOf)}))
	}
	return span.StartRun(ctx, s.cfg.Tracer, r.ID, "run "+r.Job, options...)
}

// step does a part of the run, in a span of its own.
func (d *driver) step(name string, do func() error, attributes ...attribute.KeyValue) error {
	whole := d.traced
	part, own := d.cfg.Tracer.Start(whole, name, trace.WithTimestamp(d.cfg.Now()), trace.WithAttributes(attributes...))
	d.traced = part
	err := do()
	d.traced = whole
	switch {
	case err == nil:
	case d.ctx.Err() != nil: // canceled, or done again after the next start
		own.SetAttributes(attribute.Bool("fleetscore.interrupted", true))
	default:
		own.SetStatus(codes.Error, clipped(err.Error()))
	}
	own.End(trace.WithTimestamp(d.cfg.Now()))
	return err
}

func clipped(text string) string { return text[:min(len(text), mostDetail)] }

// endTrace ends the span of a run that is over, after those of what it took, which
// the ledger knows, also of what was before a restart.
func (s *Service) endTrace(ctx context.Context, whole trace.Span, r ledger.Run) {
	end := s.cfg.Now()
	if whole.IsRecording() {
		b := bounds{r.Created, end}
		if !r.Started.IsZero() {
			s.spanOf(ctx, "queue", b, bounds{r.Created, r.Started})
		}
		nodes, err := s.traceAttempts(ctx, whole, b, r.ID)
		if err == nil {
			err = s.traceNodes(ctx, b, nodes)
		}
		if err != nil {
			s.cfg.Log.Warn("the trace of a run is not whole", "run", r.ID, "error", err)
		}
		whole.SetAttributes(
			attribute.String("fleetscore.state", string(r.State)), attribute.Int("fleetscore.rev", r.Rev), attribute.Int("fleetscore.tasks", r.Tasks),
			attribute.Int("fleetscore.generations", r.Generation+1), attribute.Int("fleetscore.sensors", r.Sensors), attribute.Int("fleetscore.scored", r.Scored),
			attribute.Int("fleetscore.failed", r.Failed), attribute.Int("fleetscore.silent", r.Silent), attribute.Int64("fleetscore.readings", r.Readings),
			attribute.Int64("fleetscore.predictions", r.Predictions), attribute.Int64("fleetscore.anomalies", r.Anomalies))
		if r.State == ledger.Failed {
			whole.SetStatus(codes.Error, clipped(r.Error))
		}
	}
	whole.End(trace.WithTimestamp(end))
}

// bounds are the time of a span. Clocks differ: no part of it lies outside.
type bounds struct{ from, to time.Time }

func (b bounds) within(t time.Time) time.Time {
	switch {
	case t.Before(b.from):
		return b.from
	case t.After(b.to):
		return b.to
	}
	return t
}

// spanOf makes a span of something that is over, within bounds.
func (s *Service) spanOf(ctx context.Context, name string, outer, own bounds, attributes ...attribute.KeyValue) {
	_, part := s.cfg.Tracer.Start(ctx, name, trace.WithTimestamp(outer.within(own.from)), trace.WithAttributes(attributes...))
	part.End(trace.WithTimestamp(outer.within(own.to)))
}

// traceAttempts makes the spans of attempts, and names the nodes that did them.
func (s *Service) traceAttempts(ctx context.Context, whole trace.Span, b bounds, run string) (nodes map[string]bool, err error) {
	attempts, all, err := s.notable(ctx, run)
	if err != nil {
		return nil, err
	}
	nodes = map[string]bool{}
	for i := range attempts {
		nodes[attempts[i].Node] = true
		s.traceAttempt(ctx, b, &attempts[i])
	}
	whole.SetAttributes(attribute.Int("fleetscore.attempts", all), attribute.Int("fleetscore.attempts_left_out", all-len(attempts)))
	return nodes, nil
}

// notable are the attempts of a run that are worth a span, and how many there are.
func (s *Service) notable(ctx context.Context, run string) (kept []ledger.Attempt, all int, err error) {
	filter := ledger.AttemptFilter{Run: run, Limit: attemptsPage}
	for {
		page, err := s.cfg.Ledger.Attempts(ctx, filter)
		if err != nil {
			return nil, 0, err
		}
		all += len(page)
		kept = append(kept, page...)
		if len(kept) > mostAttempts {
			slices.SortStableFunc(kept, byNote)
			kept = slices.Clip(kept[:mostAttempts])
		}
		if len(page) < attemptsPage {
			return kept, all, nil
		}
		filter.After = page[len(page)-1].String()
	}
}

// byNote has what failed first, and of others what took longest.
func byNote(a, b ledger.Attempt) int {
	rank := func(a *ledger.Attempt) int {
		if a.State != fleet.TaskDone {
			return 0
		}
		return 1
	}
	return cmp.Or(rank(&a)-rank(&b), cmp.Compare(b.Finished.Sub(b.Queued), a.Finished.Sub(a.Queued)))
}

// traceAttempt makes the span of an attempt, and of what it did.
func (s *Service) traceAttempt(ctx context.Context, outer bounds, a *ledger.Attempt) {
	b := bounds{outer.within(a.Queued), outer.within(a.Finished)}
	if a.Finished.IsZero() {
		b.to = outer.to
	}
	ctx, own := span.StartAttempt(ctx, s.cfg.Tracer, a.Task, trace.WithTimestamp(b.from), trace.WithAttributes(
		attribute.String("fleetscore.task", a.String()), attribute.String("fleetscore.node", a.Node), attribute.String("fleetscore.state", string(a.State)),
		attribute.Int("fleetscore.sensors", a.Sensors), attribute.Int("fleetscore.scored", a.Scored), attribute.Int("fleetscore.failed", a.Failed),
		attribute.Int64("fleetscore.predictions", a.Predictions), attribute.Float64("fleetscore.cost_seconds", a.Cost)))
	began := a.Started
	if a.State == fleet.TaskDone {
		// The node says how long each part took, up to the end.
		at := a.Finished
		parts := []struct {
			name    string
			seconds float64
		}{{"write", a.Seconds.Write}, {"score", a.Seconds.Score}, {"read", a.Seconds.Read}, {"start", a.Seconds.Start}}
		for _, p := range parts {
			from := at.Add(-time.Duration(max(p.seconds, 0) * float64(time.Second)))
			s.spanOf(ctx, p.name, b, bounds{from, at})
			at = from
		}
		began = at
	}
	if !began.IsZero() {
		s.spanOf(ctx, "queue", b, bounds{a.Queued, began})
	}
	if a.State == fleet.TaskFailed || a.State == fleet.TaskLost || a.State == fleet.TaskTimedOut {
		own.SetStatus(codes.Error, clipped(a.Detail))
	}
	own.End(trace.WithTimestamp(b.to))
}

// traceNodes makes the spans of the nodes that started while the run waited for them.
func (s *Service) traceNodes(ctx context.Context, b bounds, names map[string]bool) error {
	nodes, err := s.cfg.Ledger.Nodes(ctx, b.from)
	if err != nil {
		return err
	}
	made := 0
	for i := range nodes {
		n := &nodes[i]
		if names[n.ID] && n.Ready.After(b.from) && made < mostNodes {
			made++
			s.spanOf(ctx, "node start", b, bounds{n.Started, n.Ready}, attribute.String("fleetscore.node", n.ID),
				attribute.String("fleetscore.executor", n.Executor), attribute.String("fleetscore.pid", strconv.Itoa(n.PID)))
		}
	}
	return nil
}
