// Command runs measures the service: the real binary, its nodes as processes, a
// fleet in a folder.
//
//	go run ./bench/runs -sensors 1000,10000,100000
//	go run ./bench/runs -sensors "" -tasks 0 -rounds 40 -traces 10000
//
// It makes models (of one, by moving its support vectors, so that no two files are
// the same) and windows (60 a sensor, a file a partition), starts `fleetscore up`,
// and has it run a job, several times each. With -python it also runs the best
// Python program for the same (bench/python/best.py), in turns.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	b := &bench{}
	sizes := flag.String("sensors", "1000,10000,100000", "sizes of fleets")
	flag.IntVar(&b.rounds, "rounds", 5, "runs of each; medians are of these")
	flag.StringVar(&b.folder, "folder", ".bench/runs", "folder for fleets")
	flag.StringVar(&b.python, "python", "", "interpreter with scikit-learn and pyarrow, to compare with")
	flag.IntVar(&b.tasks, "tasks", 3375, "how many tasks without work to run; 0: none")
	flag.IntVar(&b.traced, "traces", 0, "size of a fleet to measure with, of what tracing runs costs; 0: it is not measured")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b.ctx = ctx
	if err := b.run(strings.Split(*sizes, ",")); err != nil {
		stop()
		log.Fatal(err) //nolint:gocritic // exitAfterDefer: stop has been called
	}
}

type bench struct {
	ctx            context.Context
	rounds, tasks  int
	traced         int
	folder, python string
	program        string
}

func (b *bench) run(sizes []string) error {
	var err error
	if b.folder, err = filepath.Abs(b.folder); err != nil {
		return err
	}
	if err := os.MkdirAll(b.folder, 0o755); err != nil {
		return err
	}
	b.program = filepath.Join(b.folder, "fleetscore")
	build := exec.CommandContext(b.ctx, "go", "build", "-o", b.program, "./cmd/fleetscore")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building: %w\n%s", err, out)
	}
	fmt.Println("| what | median | from, to | notes |\n|-|-|-|-|")
	for _, text := range sizes {
		if text == "" {
			continue
		}
		sensors, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return err
		}
		if err := b.fleet(sensors); err != nil {
			return fmt.Errorf("%d sensors: %w", sensors, err)
		}
	}
	if b.traced > 0 {
		if err := b.traces(b.traced); err != nil {
			return err
		}
	}
	if b.tasks > 0 {
		return b.empty()
	}
	return nil
}

// fleet measures runs of a fleet with 60 windows a sensor.
func (b *bench) fleet(sensors int) error {
	f, err := newFleet(filepath.Join(b.folder, strconv.Itoa(sensors)), sensors, windows)
	if err != nil {
		return err
	}
	s, err := start(b.ctx, b.program, f.folder, `
  measured:
    interval: 1h
    input: {window: 1m, features: [mean], columns: {time: start}}
    models: "models/{device}/{tag}.pkl"
`)
	if err != nil {
		return err
	}
	defer s.stop()
	cold, err := s.measure()
	if err != nil {
		return err
	}
	if cold.run.Predictions != int64(sensors*windows) {
		return fmt.Errorf("%d predictions of %d", cold.run.Predictions, sensors*windows)
	}
	fmt.Printf("| %d sensors × %d windows, packs cold | %.2f s | | %d tasks |\n", sensors, windows, cold.seconds, cold.run.Tasks)
	// Models that were written a moment ago are looked at again: that settles here.
	if _, err := s.measure(); err != nil {
		return err
	}
	var took, first, memory, python []float64
	tasks := 0
	for range b.rounds {
		m, err := s.measure()
		if err != nil {
			return err
		}
		took, first, memory, tasks = append(took, m.seconds), append(first, m.first), append(memory, m.memory), m.run.Tasks
		if b.python != "" {
			begin := time.Now()
			cmd := exec.CommandContext(b.ctx, b.python, "bench/python/best.py", filepath.Join(f.folder, "data", "models"), f.single(), filepath.Join(f.folder, "python", "out.parquet"))
			if out, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("the Python program: %w\n%s", err, out)
			}
			python = append(python, time.Since(begin).Seconds())
		}
	}
	row(fmt.Sprintf("%d sensors × %d windows, packs warm, from zero nodes: fired → committed", sensors, windows), "%.2f s", took,
		fmt.Sprintf("%d tasks; %.1f µs a sensor; at most %.0f MiB a node", tasks, median(took)/float64(sensors)*1e6, slices.Max(memory)))
	row("… zero nodes → first task started", "%.3f s", first, "")
	if len(python) > 0 {
		row("… the best Python program, 2 processes", "%.2f s", python, fmt.Sprintf("%.1f times as long", median(python)/median(took)))
	}
	return nil
}

// empty measures tasks that have nothing to do, and the service when it has nothing to do.
func (b *bench) empty() error {
	f, err := newFleet(filepath.Join(b.folder, "empty"), b.tasks, 0)
	if err != nil {
		return err
	}
	s, err := start(b.ctx, b.program, f.folder, `
  measured:
    interval: 1h
    input: {window: 1m, features: [mean], columns: {time: start}}
    models: "models/{device}/{tag}.pkl"
    tasks: {max_sensors: 1}
`)
	if err != nil {
		return err
	}
	defer s.stop()
	for range 2 { // as above
		if _, err := s.measure(); err != nil {
			return err
		}
	}
	var took []float64
	tasks := 0
	for range b.rounds {
		m, err := s.measure()
		if err != nil {
			return err
		}
		took, tasks = append(took, m.seconds), m.run.Tasks
	}
	row(fmt.Sprintf("%d tasks without work: fired → committed", tasks), "%.2f s", took, "")
	share, memory := s.idle(20 * time.Second)
	fmt.Printf("| idle service | %.2f %% of a core | | %.0f MiB resident |\n", share*100, memory)
	return nil
}

func row(what, format string, values []float64, notes string) {
	fmt.Printf("| %s | "+format+" | "+format+" to "+format+" | %s |\n", what, median(values), slices.Min(values), slices.Max(values), notes)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 {
		return 0
	}
	return sorted[len(sorted)/2]
}
