// Command score measures `fleetscore score` as a whole process: time, and peak
// memory for each reading. It makes its own fleets; the models are the example's.
//
//	go run ./bench/score [-runs 5] [-sensors 1000] [-rows 10000]
package main

import (
	"bufio"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	runs := flag.Int("runs", 5, "counted runs of each shape, after one that is not")
	sensors := flag.Int("sensors", 1000, "sensors")
	rows := flag.Int("rows", 10_000, "readings of each sensor")
	flag.Parse()
	if err := measure(*runs, *sensors, *rows); err != nil {
		log.Fatal(err)
	}
}

// shapes are the outputs that are measured.
var shapes = [][]string{
	{"--format", "parquet", "--layout", "single"},
	{"--format", "csv", "--layout", "single"},
	{"--format", "csv", "--layout", "sensor"},
}

func measure(runs, sensors, rows int) error {
	dir, err := os.MkdirTemp("", "fleetscore-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program := filepath.Join(dir, "fleetscore")
	if out, err := exec.Command("go", "build", "-o", program, "./cmd/fleetscore").CombinedOutput(); err != nil {
		return fmt.Errorf("building: %w: %s", err, out)
	}
	data := filepath.Join(dir, "readings.csv")
	if err := writeReadings(data, sensors, rows); err != nil {
		return err
	}
	total := sensors * rows
	fmt.Printf("%d sensors, %d readings, one support-vector machine each; medians of %d runs\n\n", sensors, total, runs)
	fmt.Println("| output | wall s | CPU s | M readings/s | peak memory, B a reading |")
	fmt.Println("|-|-|-|-|-|")
	for _, shape := range shapes {
		var wall, cpu, peak []float64
		for i := range runs + 1 {
			w, c, p, err := score(program, data, filepath.Join(dir, "out"), shape)
			if err != nil {
				return err
			}
			if i > 0 {
				wall, cpu, peak = append(wall, w), append(cpu, c), append(peak, p)
			}
		}
		w := median(wall)
		fmt.Printf("| %s | %.2f | %.2f | %.1f | %.1f |\n", strings.Join(shape, " "), w, median(cpu),
			float64(total)/w/1e6, median(peak)/float64(total))
	}
	return nil
}

func score(program, data, out string, shape []string) (wall, cpu, peak float64, err error) {
	args := append([]string{"score", "--models", "examples/pumps/models", "--model-name", "pump-1/temperature.pkl",
		"--data", data, "--out", out, "--progress", "none"}, shape...)
	cmd := exec.Command(program, args...)
	start := time.Now()
	if text, err := cmd.CombinedOutput(); err != nil {
		return 0, 0, 0, fmt.Errorf("scoring: %w: %s", err, text)
	}
	wall = time.Since(start).Seconds()
	state := cmd.ProcessState
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, 0, 0, fmt.Errorf("no resource usage on this system")
	}
	return wall, (state.UserTime() + state.SystemTime()).Seconds(), float64(usage.Maxrss) * rssUnit(), nil
}

// rssUnit is how many bytes the system counts peak memory in.
func rssUnit() float64 {
	if runtime.GOOS == "darwin" {
		return 1
	}
	return 1024
}

// writeReadings writes the sensors interleaved, as a fleet sends them.
func writeReadings(path string, sensors, rows int) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(file, 1<<20)
	fmt.Fprintln(w, "ts,device,tag,value")
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for row := range rows {
		at := start.Add(time.Duration(row) * time.Second).Format("2006-01-02 15:04:05.000")
		for sensor := range sensors {
			fmt.Fprintf(w, "%s,device-%d,temperature,%d.%02d\n", at, sensor, 55+(row*7+sensor*13)%20, (row*31+sensor)%100)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return file.Close()
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
