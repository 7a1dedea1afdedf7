package run

import (
	"path/filepath"
	"testing"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/internal/testkit/otlp"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/monitor"
	"github.com/fleetscore/fleetscore/monitor/span"
)

// TestTraceIsBounded has a run of more attempts than a trace may have spans, whose
// clocks make no sense: those that failed have spans, and the slowest of the others.
func TestTraceIsBounded(t *testing.T) {
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	begin := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	run := ledger.Run{ID: "r", Job: "hourly", Interval: fleet.NewInterval(begin.Add(-time.Hour), begin), Origin: ledger.Manual, State: ledger.Queued, Created: begin}
	if err := l.AddRun(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	const tasks, failing = attemptsPage + 1500, 100
	var attempts []ledger.Attempt
	for i := range tasks {
		a := ledger.Attempt{Task: fleet.Task{Run: "r", Index: i, Attempt: 1}, State: fleet.TaskDone, Node: "n",
			Queued: begin.Add(-time.Minute), Started: begin.Add(time.Hour), Finished: begin.Add(time.Duration(i) * time.Second)}
		a.Seconds = fleet.Seconds{Start: 1, Read: 1e6, Score: -3, Write: 1} // of a node whose clock jumps
		if i%(tasks/failing) == 0 {
			a.State, a.Finished, a.Detail = fleet.TaskLost, begin, "killed"
		}
		attempts = append(attempts, a)
	}
	if err := l.SaveAttempts(t.Context(), attempts); err != nil {
		t.Fatal(err)
	}
	kept := tracetest.NewInMemoryExporter()
	provider := sdk.NewTracerProvider(sdk.WithSyncer(kept), sdk.WithIDGenerator(span.IDs{}))
	end := begin.Add(2 * time.Hour)
	s, err := New(Config{Ledger: l, Partitions: 1, Tracer: provider.Tracer(""), Now: func() time.Time { return end }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, whole := s.beginTrace(t.Context(), run)
	run.State, run.Started, run.Finished = ledger.Succeeded, begin, end
	s.endTrace(ctx, whole, run)

	root := span.OfRun("r")
	byName, lost, slowest := map[string]int{}, 0, 0
	parents := map[string]tracetest.SpanStub{}
	for _, one := range kept.GetSpans() {
		byName[one.Name]++
		parents[one.SpanContext.SpanID().String()] = one
		if one.SpanContext.TraceID() != root.TraceID() {
			t.Fatal("it is in another trace")
		}
		for _, a := range one.Attributes {
			switch {
			case a.Key == "fleetscore.attempts_left_out" && a.Value.AsInt64() != tasks-mostAttempts:
				t.Errorf("%v were left out of %d", a.Value.AsInt64(), tasks)
			case a.Key == "fleetscore.state" && a.Value.AsString() == string(fleet.TaskLost):
				lost++
			case a.Key == "fleetscore.task" && a.Value.AsString() == attempts[tasks-1].String():
				slowest++
			}
		}
	}
	for _, one := range kept.GetSpans() {
		if one.StartTime.After(one.EndTime) || one.StartTime.Before(begin) || one.EndTime.After(end) {
			t.Fatalf("%s is from %s to %s", one.Name, one.StartTime, one.EndTime)
		}
		if p, ok := parents[one.Parent.SpanID().String()]; ok && (one.StartTime.Before(p.StartTime) || one.EndTime.After(p.EndTime)) {
			t.Fatalf("%s is not within %s", one.Name, p.Name)
		}
	}
	if byName["task"] != mostAttempts || lost < failing || slowest != 1 || byName["run hourly"] != 1 {
		t.Errorf("%v; %d lost; the slowest: %d", byName, lost, slowest)
	}
}

// BenchmarkTrace is what the trace of a run of 27 tasks takes, sent to a collector
// in this process.
func BenchmarkTrace(b *testing.B) {
	l, err := ledger.Open(b.Context(), filepath.Join(b.TempDir(), "ledger.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	now := time.Now().UTC()
	run := ledger.Run{ID: "r", Job: "hourly", Interval: fleet.NewInterval(now.Add(-time.Hour).Truncate(time.Second), now.Truncate(time.Second)), Origin: ledger.Manual, State: ledger.Queued, Created: now}
	if err := l.AddRun(b.Context(), run); err != nil {
		b.Fatal(err)
	}
	var attempts []ledger.Attempt
	for i := range 27 {
		attempts = append(attempts, ledger.Attempt{Task: fleet.Task{Run: "r", Index: i, Attempt: 1}, State: fleet.TaskDone, Node: "n",
			Queued: now, Started: now, Finished: now.Add(time.Second), Seconds: fleet.Seconds{Start: .01, Read: .2, Score: .7, Write: .1}})
	}
	if err := l.SaveAttempts(b.Context(), attempts); err != nil {
		b.Fatal(err)
	}
	collector := otlp.New()
	defer collector.Close()
	m, err := monitor.New(b.Context(), monitor.Config{OTLP: collector.URL, Traces: true})
	if err != nil {
		b.Fatal(err)
	}
	s, err := New(Config{Ledger: l, Partitions: 1, Tracer: m.Tracer()})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		ctx, whole := s.beginTrace(b.Context(), run)
		s.endTrace(ctx, whole, run)
	}
	if err := m.Stop(b.Context()); err != nil {
		b.Fatal(err)
	}
}
