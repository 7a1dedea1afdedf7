// Command runtime measures the Python runtime beside a bare loop in Python, and beside a
// process for each sensor; what its pipe costs; how soon it goes on after a crash; and what a container costs.
//
//	go run ./bench/runtime [-python .venvs/runtimes/bin/python] [-sensors 10000]
//
// It writes its section of bench/RESULTS.md. With FLEETSCORE_CONTAINERS, as make bench-runtime sets it, it measures containers too.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// The marks in RESULTS.md between which the measurements stand.
const (
	beginMark = "<!-- measured by go run ./bench/runtime: what is between these marks is written anew -->"
	endMark   = "<!-- end of what bench/runtime measured -->"
)

func main() {
	b := &bench{}
	flag.StringVar(&b.python, "python", ".venvs/runtimes/bin/python", "the interpreter, with scikit-learn")
	flag.IntVar(&b.sensors, "sensors", 10_000, "models, each of a sensor")
	flag.IntVar(&b.rounds, "rounds", 3, "counted rounds")
	flag.BoolVar(&b.dry, "dry", false, "print, and do not write to bench/RESULTS.md")
	flag.Parse()
	if err := b.run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// row is a line of the table.
type row struct{ what, measured, aim string }

type bench struct {
	python          string
	sensors, rounds int
	dry             bool
	folder          string
	rows            []row
}

func (b *bench) run(ctx context.Context) (err error) {
	if b.python, err = filepath.Abs(b.python); err != nil {
		return err
	}
	if b.folder, err = os.MkdirTemp("", "fleetscore-bench-"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.folder) }()
	for _, step := range []func(context.Context) error{b.fit, b.speed, b.pipe, b.crash, b.container} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return b.report()
}

func (b *bench) add(what, measured, aim string) {
	b.rows = append(b.rows, row{what, measured, aim})
	log.Printf("%s: %s (%s)", what, measured, aim)
}

func (b *bench) report() error {
	var s strings.Builder
	fmt.Fprintf(&s, "\n%d cores, %s, %s/%s; medians of %d rounds.\n\n| measure | measured | aim |\n|-|-|-|\n", runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH, b.rounds)
	for _, r := range b.rows {
		fmt.Fprintf(&s, "| %s | %s | %s |\n", r.what, r.measured, r.aim)
	}
	fmt.Print(s.String())
	if b.dry {
		return nil
	}
	const results = "bench/RESULTS.md"
	old, err := os.ReadFile(results)
	if err != nil {
		return err
	}
	begin, end := bytes.Index(old, []byte(beginMark)), bytes.Index(old, []byte(endMark))
	if begin < 0 || end < begin {
		return errors.New("RESULTS.md has no marks to write between")
	}
	return os.WriteFile(results, slices.Concat(old[:begin+len(beginMark)], []byte(s.String()), old[end:]), 0o644)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// aimed says whether an aim is reached.
func aimed(reached bool, aim string) string {
	if !reached {
		return aim + ", missed"
	}
	return aim
}
