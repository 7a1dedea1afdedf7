// Command dashboard measures how long the service takes for what the dashboard asks, with a
// fleet of 100,000 sensors and a month of hourly runs, and what 200 viewers cost.
//
//	go run ./bench/dashboard [-sensors 100000] [-days 30] [-viewers 200] [-keep folder] [-browser]
//
// It generates the ledger, the tiles and, for the partition of one sensor, the days of
// windows; the files of hours that these are made of are there by name, and are not read.
// With -browser it measures in Debian's Chromium, by web/ui/e2e/bench.mjs, how long views take
// until they are drawn (npm ci in web/ui comes first).
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "dashboard:", err)
		os.Exit(1)
	}
}

func run() error {
	sensors := flag.Int("sensors", 100_000, "")
	days := flag.Int("days", 30, "")
	viewers := flag.Int("viewers", 200, "")
	keep := flag.String("keep", "", "a folder for what is generated; without it, a temporary one")
	browser := flag.Bool("browser", false, "")
	flag.Parse()
	ctx := context.Background()
	folder := *keep
	if folder == "" {
		var err error
		if folder, err = os.MkdirTemp("", "dashboard"); err != nil {
			return err
		}
		defer os.RemoveAll(folder)
	}
	program := filepath.Join(folder, "fleetscore")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/fleetscore")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building: %w: %s", err, out)
	}
	s := newScene(folder, *sensors, *days, time.Now().UTC().Truncate(time.Hour))
	began := time.Now()
	if err := s.generate(ctx); err != nil {
		return err
	}
	fmt.Printf("generated %d sensors × %d runs in %s\n", *sensors, *days*24, time.Since(began).Round(time.Second))
	return s.measure(ctx, program, *viewers, *browser)
}
