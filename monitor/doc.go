// Package monitor lets others look inside: the trace of each run, and the numbers
// of /metrics, by OTLP to a collector; and logs whose lines bear the IDs of traces.
//
//	m, err := monitor.New(ctx, monitor.Config{OTLP: "http://127.0.0.1:4318", Traces: true, Log: log})
//	…
//	ctx, whole := span.StartRun(ctx, m.Tracer(), run, "run hourly")
//	defer whole.End()
//
// # Invariants
//
//   - Nothing is on unless an address is given, by the settings or by the variables
//     of OpenTelemetry; what is off costs nothing.
//   - The IDs of a run's trace, and of the spans of its attempts, are digests of
//     their names (package span): the same after a restart and on every node.
//   - A collector that is slow or away delays nobody. What waits for it is bounded;
//     past that spans are dropped, and counted.
//   - Nothing global is set: libraries that know OpenTelemetry send nothing by us.
//
// OTLP is spoken by HTTP alone: every collector has it, it passes proxies, and its
// clients add little to the program. Secrets are in headers, which come from
// OTEL_EXPORTER_OTLP_HEADERS and the like only.
package monitor
