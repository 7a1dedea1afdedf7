// Package span names the spans of runs and of attempts at tasks: their IDs are
// digests of what they are of, so that they are the same after a restart and on
// every node, and none need be told.
//
//	log.Info("start", "traceparent", span.Traceparent(span.OfAttempt(task)))
package span

import (
	"context"
	"crypto/rand"
	"crypto/sha256"

	"go.opentelemetry.io/otel/trace"

	"github.com/fleetscore/fleetscore/fleet"
)

// OfRun names the span of a run: the root of its trace. It is made from the
// name of the run, so that whoever knows that, also after a restart or on another
// machine, goes on in the same trace.
func OfRun(run string) trace.SpanContext {
	traceID, spanID := sha256.Sum256([]byte("fleetscore trace "+run)), sha256.Sum256([]byte("fleetscore run "+run))
	return trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID(traceID[:16]), SpanID: trace.SpanID(spanID[:8]), TraceFlags: trace.FlagsSampled,
	})
}

// OfAttempt names the span of an attempt at a task.
func OfAttempt(t fleet.Task) trace.SpanContext {
	spanID := sha256.Sum256([]byte("fleetscore attempt " + t.Run + " " + t.String()))
	return OfRun(t.Run).WithSpanID(trace.SpanID(spanID[:8]))
}

// Traceparent is a span as W3C Trace Context writes it.
func Traceparent(s trace.SpanContext) string {
	return "00-" + s.TraceID().String() + "-" + s.SpanID().String() + "-" + s.TraceFlags().String()
}

// StartRun begins the span of a run. It may be begun by several processes, one
// after the other; the one that ends it has it exported.
func StartRun(ctx context.Context, t trace.Tracer, run, name string, options ...trace.SpanStartOption) (context.Context, trace.Span) {
	return start(ctx, t, OfRun(run), name, append(options, trace.WithNewRoot()))
}

// StartAttempt begins the span of an attempt, in the span of its run that ctx has.
func StartAttempt(ctx context.Context, t trace.Tracer, task fleet.Task, options ...trace.SpanStartOption) (context.Context, trace.Span) {
	return start(ctx, t, OfAttempt(task), "task", options)
}

func start(ctx context.Context, t trace.Tracer, as trace.SpanContext, name string, options []trace.SpanStartOption) (context.Context, trace.Span) {
	_, span := t.Start(context.WithValue(ctx, idsKey{}, as), name, options...)
	return trace.ContextWithSpan(ctx, span), span // without the name, which is not its children's
}

// idsKey is the key of what a span is to be called, in the context of its start.
type idsKey struct{}

// IDs names spans, for the SDK: as the context of their start says, or at random.
type IDs struct{}

// NewIDs is for the SDK.
func (IDs) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	if as, ok := ctx.Value(idsKey{}).(trace.SpanContext); ok {
		return as.TraceID(), as.SpanID()
	}
	var id trace.TraceID
	_, _ = rand.Read(id[:]) // it never fails
	return id, randomSpan()
}

// NewSpanID is for the SDK.
func (IDs) NewSpanID(ctx context.Context, _ trace.TraceID) trace.SpanID {
	if as, ok := ctx.Value(idsKey{}).(trace.SpanContext); ok {
		return as.SpanID()
	}
	return randomSpan()
}

func randomSpan() (id trace.SpanID) {
	_, _ = rand.Read(id[:]) // it never fails
	return id
}
