package monitor

import (
	"context"
	"sync/atomic"

	"go.opentelemetry.io/otel/sdk/trace"
)

// mostWaiting is how many spans may wait to be exported: about those of the largest
// trace of a run. They take some 16 MB.
const mostWaiting = 16384

// gate stands before and behind the SDK's batches of spans, bounds how many are in
// them, and counts.
type gate struct {
	batches  trace.SpanProcessor
	exporter trace.SpanExporter
	delivery *delivery
	most     int64

	waiting, exported, failed, dropped atomic.Int64
}

func newGate(exporter trace.SpanExporter, d *delivery, most int) *gate {
	g := &gate{exporter: exporter, delivery: d, most: int64(most)}
	// It has room for all that the gate lets in, so that it drops nothing unseen.
	g.batches = trace.NewBatchSpanProcessor(behind{g}, trace.WithMaxQueueSize(most))
	return g
}

// OnStart is for the SDK.
func (g *gate) OnStart(parent context.Context, s trace.ReadWriteSpan) { g.batches.OnStart(parent, s) }

// OnEnd is for the SDK. It never waits.
func (g *gate) OnEnd(s trace.ReadOnlySpan) {
	if !s.SpanContext().IsSampled() {
		return
	}
	if g.waiting.Add(1) > g.most {
		g.waiting.Add(-1)
		g.dropped.Add(1)
		return
	}
	g.batches.OnEnd(s)
}

// Shutdown is for the SDK. What cannot be exported before ctx ends is lost.
func (g *gate) Shutdown(ctx context.Context) error { return g.batches.Shutdown(ctx) }

// ForceFlush is for the SDK.
func (g *gate) ForceFlush(ctx context.Context) error { return g.batches.ForceFlush(ctx) }

// behind is the gate's other side.
type behind struct{ *gate }

// ExportSpans is for the SDK. A failure is told here, and to nobody else.
func (b behind) ExportSpans(ctx context.Context, spans []trace.ReadOnlySpan) error {
	err := b.exporter.ExportSpans(ctx, spans)
	n := int64(len(spans))
	if err != nil {
		b.failed.Add(n)
	} else {
		b.exported.Add(n)
	}
	b.waiting.Add(-n) // after they are counted, so that none is missing once none waits
	b.delivery.told(err)
	return nil
}

// Shutdown is for the SDK.
func (b behind) Shutdown(ctx context.Context) error { return b.exporter.Shutdown(ctx) }
