package main

import (
	"bytes"
	"io"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/creack/pty"
)

// TestProgressOnTerminal runs the program on a real pseudo-terminal and reads
// what a person would see.
func TestProgressOnTerminal(t *testing.T) {
	fleet := newFleet(t, 3000, 60)
	for mode, want := range map[string]string{
		"auto":  `\x1b\[.*scoring .*[\d,]+ of 3,000 sensors · [\d,]+ rows/s · [\d,]+ anomalies · 0 failed · \S+ left`,
		"none":  `^sensors +3,000\r\n`,
		"plain": `^sensors +3,000\r\n`,
	} {
		cmd := fleet.score(filepath.Join(t.TempDir(), "out"), []string{"--layout", "sensor", "--progress", mode})
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
