package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// How many times each layout is killed: the short form, and the soak.
const (
	kills     = 15
	soakKills = 500
)

// TestKill kills the program at random instants, with no warning, and looks at
// what is in the output: whole files only, each with the bytes of a run that
// was not killed.
func TestKill(t *testing.T) {
	fleet := newFleet(t, 200, 30)
	times := kills
	if os.Getenv("FLEETSCORE_SOAK") != "" {
		times = soakKills
	}
	for _, shape := range [][]string{
		{"--format", "csv", "--layout", "sensor"},
		{"--format", "parquet", "--layout", "sensor"},
		{"--format", "csv", "--layout", "single"},
		{"--format", "parquet", "--layout", "single"},
	} {
		t.Run(strings.Join(shape, " "), func(t *testing.T) {
			whole := filepath.Join(t.TempDir(), "whole")
			start := time.Now()
			if out, err := fleet.score(whole, shape).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			took := time.Since(start)
			want := contents(t, whole)
			if len(want) == 0 {
				t.Fatal("a whole run wrote nothing")
			}
			out := filepath.Join(t.TempDir(), "killed")
			killed := 0
			for range times {
				if fleet.kill(t, out, shape, rand.N(took+took/4)) {
					killed++
				}
				for name, got := range contents(t, out) {
					if !bytes.Equal(got, want[name]) {
						t.Fatalf("%s has %d bytes that a whole run did not write (it wrote %d)", name, len(got), len(want[name]))
					}
				}
			}
			if killed == 0 {
				t.Fatal("no run was killed before its end")
			}
			if out, err := fleet.score(out, shape).CombinedOutput(); err != nil {
				t.Fatalf("after the kills: %v: %s", err, out)
			}
			if got := contents(t, out); len(got) != len(want) {
				t.Fatalf("after the kills a whole run left %d files, want %d", len(got), len(want))
			}
		})
	}
}

// testFleet is sensors that share one model, and their readings.
type testFleet struct{ models, data string }

func newFleet(t *testing.T, sensors, rows int) testFleet {
	t.Helper()
	dir := t.TempDir()
	f := testFleet{"../../examples/pumps/models", filepath.Join(dir, "readings.csv")}
	var text bytes.Buffer
	text.WriteString("ts,device,tag,value\n")
	for row := range rows {
		for sensor := range sensors {
			fmt.Fprintf(&text, "2026-01-01T00:%02d:00Z,device-%d,temperature,%d.%d\n", row%60, sensor, 40+row%30, sensor%10)
		}
	}
	if err := os.WriteFile(f.data, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return f
}

// score is the program itself: the test binary, which runs main under that name.
func (f testFleet) score(out string, shape []string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Args = append([]string{"fleetscore", "score", "--models", f.models, "--model-name", "pump-1/temperature.pkl",
		"--data", f.data, "--out", out, "--progress", "none"}, shape...)
	return cmd
}

// kill runs the program and kills it after some time. It reports whether the program was still running.
func (f testFleet) kill(t *testing.T, out string, shape []string, after time.Duration) bool {
	t.Helper()
	cmd := f.score(out, shape)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	return cmd.Wait() != nil
}

// contents reads the files of a folder, but for hidden ones, which are temporary.
func contents(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string][]byte)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if found[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return found
}
