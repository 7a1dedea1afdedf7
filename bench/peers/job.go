package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// size of the fleet, and rows a sensor of the large job.
func (b *bench) size() (sensors, largeRows int) {
	if b.quick {
		return 500, 100
	}
	return 10_000, 4000
}

const jobRows = 60

func (b *bench) models() string { return filepath.Join(b.folder, "models") }

func (b *bench) data(rows int) string {
	sensors, _ := b.size()
	return filepath.Join(b.folder, fmt.Sprintf("windows-%dx%d.parquet", sensors, rows))
}

// fleet makes the models and the windows, unless they are there.
func (b *bench) fleet() error {
	sensors, large := b.size()
	stamp := filepath.Join(b.folder, fmt.Sprintf("fleet-%d-%d", sensors, large))
	if _, err := os.Stat(stamp); err == nil {
		return nil
	}
	if err := os.RemoveAll(b.models()); err != nil {
		return err
	}
	a, err := b.workers["python"].ask(request{Op: "fleet", Seed: 7, Model: b.models(), Models: sensors,
		Files: map[string]int{b.data(jobRows): jobRows, b.data(large): large}})
	if err != nil {
		return err
	}
	return os.WriteFile(stamp, []byte(strconv.Itoa(a.Vectors)), 0o600)
}

// whole measures a program from its start to its end.
func (b *bench) whole(peak *float64, name string, args ...string) func() (float64, error) {
	return func() (float64, error) {
		cmd := exec.CommandContext(b.ctx, name, args...)
		begin := time.Now()
		out, err := cmd.CombinedOutput()
		seconds := time.Since(begin).Seconds()
		if err != nil {
			return 0, fmt.Errorf("%w\n%s", err, out)
		}
		if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok && peak != nil {
			*peak = max(*peak, float64(usage.Maxrss)/1024) // kilobytes, on Linux
		}
		return seconds, nil
	}
}

func (b *bench) fleetscore(data, out string, peak *float64) func() (float64, error) {
	return b.whole(peak, b.program, "score", "--models", b.models(), "--data", data, "--out", out, "--progress", "none", "--json")
}

// job measures many models with a window's rows each, files to files.
func (b *bench) job() error {
	sensors, _ := b.size()
	measure := fmt.Sprintf("%d models × %d rows, Parquet to Parquet, %d cores, whole processes", sensors, jobRows, runtime.NumCPU())
	if !b.only.MatchString(measure) {
		return nil
	}
	own, python := filepath.Join(b.folder, "own"), filepath.Join(b.folder, "python", "predictions.parquet")
	var ownPeak, pythonPeak float64
	err := b.compete(measure, "job", []contestant{
		{name: "best Python program", once: b.whole(&pythonPeak, b.python, "bench/python/best.py", b.models(), b.data(jobRows), python), peak: &pythonPeak},
		{name: "a process per sensor", once: func() (float64, error) { return b.perSensor(sensors) },
			note: fmt.Sprintf("measured on %d sensors, as many at a time as there are cores", sampled)},
		{name: "fleetscore", target: 12, peer: "best Python program", once: b.fleetscore(b.data(jobRows), own, &ownPeak), peak: &ownPeak},
	})
	if err != nil {
		return err
	}
	a, err := b.workers["python"].ask(request{Op: "compare", A: filepath.Join(own, "predictions.parquet"), B: python})
	if err != nil {
		return err
	}
	if a.Rows != sensors*jobRows || a.Difference > 1e-9 || a.Labels != 0 {
		return fmt.Errorf("the predictions differ from the Python program's: %d rows, scores by %g, %d labels", a.Rows, a.Difference, a.Labels)
	}
	b.results[len(b.results)-1].Note = fmt.Sprintf("scores differ from the Python program's by at most %.2g, no label does", a.Difference)
	return nil
}

// sampled is how many sensors are measured one by one.
const sampled = 12

// perSensor scores some sensors in a process each, and gives the time that all would take.
func (b *bench) perSensor(sensors int) (float64, error) {
	folder := filepath.Join(b.folder, "sensors")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return 0, err
	}
	var all errgroup.Group
	all.SetLimit(runtime.NumCPU())
	begin := time.Now()
	for i := range sampled {
		all.Go(func() error {
			data := filepath.Join(folder, fmt.Sprintf("%d.csv", i))
			if err := os.WriteFile(data, sensorRows(i), 0o600); err != nil {
				return err
			}
			return b.exec(b.python, "bench/python/one.py", filepath.Join(b.models(), fmt.Sprintf("device-%d", i/5), fmt.Sprintf("tag-%d.pkl", i%5)),
				data, filepath.Join(folder, fmt.Sprintf("%d.out.csv", i)))
		})
	}
	if err := all.Wait(); err != nil {
		return 0, err
	}
	return time.Since(begin).Seconds() / sampled * float64(sensors), nil
}

func sensorRows(sensor int) []byte {
	text := []byte("ts,device,tag,value\n")
	for i := range jobRows {
		text = fmt.Appendf(text, "2026-11-23T13:%02d:00Z,device-%d,tag-%d,%d.5\n", i, sensor/5, sensor%5, 20+sensor+i%7)
	}
	return text
}

// large measures as many rows as a known run of many models had.
func (b *bench) large() error {
	sensors, rows := b.size()
	measure := fmt.Sprintf("%d models × %d rows, Parquet to Parquet, %d cores", sensors, rows, runtime.NumCPU())
	if !b.only.MatchString(measure) {
		return nil
	}
	rounds := b.rounds
	b.rounds = min(rounds, 3)
	defer func() { b.rounds = rounds }()
	var peak float64
	return b.compete(measure, "job", []contestant{{name: "fleetscore", once: b.fleetscore(b.data(rows), filepath.Join(b.folder, "own"), &peak), peak: &peak}})
}

// writeJSON keeps all that was measured for programs.
func (b *bench) writeJSON(path string) error {
	text, err := json.MarshalIndent(b.results, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
