package main

import (
	"bytes"
	"io"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/fleetscore/fleetscore/score"
)

// TestProgressOnTerminal runs the program on a real pseudo-terminal and reads
// what a person would see.
func TestProgressOnTerminal(t *testing.T) {
	fleet := newFleet(t, 1000, 60)
	for mode, want := range map[string]string{
		"auto":  `scoring +\[=+\] +1,000 of 1,000 sensors · [\d,]+ anomalies · 0 failed`,
		"none":  `(?m)^sensors +1,000\r$`,
		"plain": `(?m)^sensors +1,000\r$`,
	} {
		cmd := fleet.score(filepath.Join(t.TempDir(), "out"), []string{"--progress", mode})
		terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 160})
		if err != nil {
			t.Fatal(err)
		}
		var screen bytes.Buffer
		_, _ = io.Copy(&screen, terminal) // ends with an error when the program does
		if err := cmd.Wait(); err != nil {
			t.Fatalf("%v: %s", err, screen.Bytes())
		}
		if !regexp.MustCompile(want).Match(screen.Bytes()) {
			t.Errorf("--progress %s shows\n%q", mode, screen.Bytes())
		}
		if mode == "none" && bytes.Contains(screen.Bytes(), []byte("\x1b")) {
			t.Errorf("--progress none moves the cursor:\n%q", screen.Bytes())
		}
	}
}

// TestFacts: what stands beside the bar of a scoring that has gone on for a while.
func TestFacts(t *testing.T) {
	var p score.Progress
	p.Sensors.Store(4000)
	p.SensorsDone.Store(1000)
	p.Rows.Store(50_000_000)
	p.Failures.Store(2)
	b := &bar{progress: &p, started: time.Now().Add(-time.Minute)}
	if got, want := b.facts(decor.Statistics{}), regexp.MustCompile(`1,000 of 4,000 sensors · 0 anomalies · 2 failed · 83\d,\d\d\d rows/s · 3m0s left`); !want.MatchString(got) {
		t.Errorf("%q", got)
	}
	b.started = time.Now()
	if got := b.facts(decor.Statistics{}); got != " 1,000 of 4,000 sensors · 0 anomalies · 2 failed" {
		t.Errorf("at the start: %q", got)
	}
}

// TestLines: what is printed now and then where there is no terminal.
func TestLines(t *testing.T) {
	var p score.Progress
	var text bytes.Buffer
	p.Reading.Store(true)
	p.BytesRead.Store(1_500_000)
	printLine(&text, &p)
	p.BytesTotal.Store(3_000_000)
	printLine(&text, &p)
	p.Reading.Store(false)
	p.Sensors.Store(15)
	p.SensorsDone.Store(7)
	p.Rows.Store(12_345)
	p.Anomalies.Store(67)
	p.Failures.Store(1)
	printLine(&text, &p)
	want := "reading: 1.5 MB of ?\nreading: 1.5 MB of 3.0 MB\nscoring: 7 of 15 sensors, 12,345 rows, 67 anomalies, 1 failed\n"
	if text.String() != want {
		t.Errorf("%q, want %q", text.String(), want)
	}
}
