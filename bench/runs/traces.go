package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/fleetscore/fleetscore/internal/testkit/otlp"
)

// traces measures what tracing every run costs: two services with fleets that are
// alike, one of which sends traces to a collector in this process, in turns.
func (b *bench) traces(sensors int) error {
	collector := otlp.New()
	defer collector.Close()
	var services [2]*service
	for i, settings := range []string{"", fmt.Sprintf("telemetry: {otlp: %q, metrics: false}\n", collector.URL)} {
		f, err := newFleet(filepath.Join(b.folder, fmt.Sprintf("%d-traced-%d", sensors, i)), sensors, windows)
		if err != nil {
			return err
		}
		if services[i], err = start(b.ctx, b.program, f.folder, `
  measured:
    interval: 1h
    input: {window: 1m, features: [mean], columns: {time: start}}
    models: "models/{device}/{tag}.pkl"
`+settings); err != nil {
			return err
		}
		defer services[i].stop()
		for range 2 { // packs, and models that were written a moment ago
			if _, err := services[i].measure(); err != nil {
				return err
			}
		}
	}
	var took, ratios []float64
	before := [2]float64{services[0].ticks(), services[1].ticks()}
	for round := range b.rounds {
		var seconds [2]float64
		for turn := range 2 {
			i := (round + turn) % 2
			m, err := services[i].measure()
			if err != nil {
				return err
			}
			seconds[i] = m.seconds
		}
		took, ratios = append(took, seconds[1]), append(ratios, seconds[1]/seconds[0])
	}
	<-time.After(settled) // the last spans are sent
	off, on := services[0].ticks()-before[0], services[1].ticks()-before[1]
	row(fmt.Sprintf("%d sensors × %d windows, traced: fired → committed", sensors, windows), "%.3f s", took,
		fmt.Sprintf("%d spans a run", len(collector.Spans())/(b.rounds+2)))
	row("… to the same without traces, in turns", "%.3f", ratios, "")
	fmt.Printf("| … what the service itself computes, a run | %.0f ms | | %.0f ms without |\n", on*10/float64(b.rounds), off*10/float64(b.rounds))
	return nil
}

// settled is longer than spans wait to be sent.
const settled = 6 * time.Second
