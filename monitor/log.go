package monitor

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/monitor/span"
)

// NewHandler returns a slog.Handler that adds trace_id and span_id to what is
// logged of a run or a task, before next gets it: those of the span in the context,
// or else those that the attributes "run" and "task" tell.
func NewHandler(next slog.Handler) slog.Handler { return handler{Handler: next} }

type handler struct {
	slog.Handler
	run   string // an attribute that all lines have; "": none
	group bool   // attributes are no longer at the top
}

// Handle is for slog.
func (h handler) Handle(ctx context.Context, r slog.Record) error {
	if h.group {
		return h.Handler.Handle(ctx, r)
	}
	of := trace.SpanContextFromContext(ctx)
	if !of.IsValid() {
		run, task := h.run, ""
		r.Attrs(func(a slog.Attr) bool {
			run, task = named(a, run, task)
			return true
		})
		of = spanOf(run, task)
	}
	if of.IsValid() {
		r = r.Clone()
		r.AddAttrs(slog.String("trace_id", of.TraceID().String()), slog.String("span_id", of.SpanID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

// named takes in an attribute that names a run or a task.
func named(a slog.Attr, run, task string) (string, string) {
	switch {
	case a.Key == "run" && a.Value.Kind() == slog.KindString:
		return a.Value.String(), task
	case a.Key == "task" && a.Value.Kind() == slog.KindString:
		return run, a.Value.String()
	}
	return run, task
}

// spanOf is the span of a run, or of an attempt at a task of it.
func spanOf(run, task string) trace.SpanContext {
	if run == "" {
		return trace.SpanContext{}
	}
	if t, err := fleet.ParseTask(run, task); err == nil {
		return span.OfAttempt(t)
	}
	return span.OfRun(run)
}

// WithAttrs is for slog.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	next := handler{h.Handler.WithAttrs(attrs), h.run, h.group}
	if !h.group {
		for _, a := range attrs {
			next.run, _ = named(a, next.run, "")
		}
	}
	return next
}

// WithGroup is for slog.
func (h handler) WithGroup(name string) slog.Handler {
	return handler{h.Handler.WithGroup(name), h.run, h.group || name != ""}
}
