package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/app/demo"
	"github.com/fleetscore/fleetscore/simulate"
)

// demonstration is a demo that runs, as a process of its own.
type demonstration struct {
	t         *testing.T
	cmd       *exec.Cmd
	temporary string
	stdout    bytes.Buffer
	stderr    transcript
	nodes     map[int]bool
}

// transcript is what a program has written so far.
type transcript struct {
	mu   sync.Mutex
	text []byte
}

func (b *transcript) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = append(b.text, p...)
	return len(p), nil
}

func (b *transcript) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.text)
}

// startDemo starts one in an environment that would lead astray who heeded it.
func startDemo(t *testing.T, args ...string) *demonstration {
	t.Helper()
	dir := t.TempDir()
	d := &demonstration{t: t, temporary: filepath.Join(dir, "tmp"), nodes: map[int]bool{}}
	if err := os.Mkdir(d.temporary, 0o700); err != nil {
		t.Fatal(err)
	}
	d.cmd = exec.Command(program(t, dir), append([]string{"demo", "--json"}, args...)...)
	d.cmd.Dir = dir
	d.cmd.Env = append(os.Environ(), "TMPDIR="+d.temporary, "FLEETSCORE_STORE=/nowhere", "FLEETSCORE_INGEST_MQTT=off")
	d.cmd.Stdout, d.cmd.Stderr = &d.stdout, &d.stderr
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = d.cmd.Process.Kill()
		if t.Failed() {
			t.Logf("it printed:\n%s%s", d.stderr.String(), d.stdout.String())
		}
	})
	return d
}

// watch looks at the nodes until the function says that it is enough.
func (d *demonstration) watch(enough func() bool) {
	d.t.Helper()
	for limit := time.Now().Add(2 * time.Minute); !enough(); wait() {
		if time.Now().After(limit) {
			d.t.Fatal("the demo takes too long")
		}
		for _, pid := range children(d.cmd.Process.Pid) {
			d.nodes[pid] = true
		}
	}
}

// end requires that the demo has ended well, and left nothing behind.
func (d *demonstration) end(err error) (s demo.State) {
	d.t.Helper()
	if err != nil {
		d.t.Fatalf("the demo ended with %v", err)
	}
	if left, err := os.ReadDir(d.temporary); err != nil || len(left) > 0 {
		d.t.Errorf("%v is left behind: %v", left, err)
	}
	for pid := range d.nodes {
		if syscall.Kill(pid, 0) == nil {
			d.t.Errorf("node %d is left behind", pid)
		}
	}
	if err := json.Unmarshal(d.stdout.Bytes(), &s); err != nil {
		d.t.Fatal(err)
	}
	return s
}

// TestDemo: within half a minute a real service has taken a fleet's readings in, nodes
// have come and gone, and planted anomalies were found.
func TestDemo(t *testing.T) {
	d := startDemo(t, "--for", "25s", "--seed", "1")
	ended := make(chan error, 1)
	go func() { ended <- d.cmd.Wait() }()
	var err error
	d.watch(func() bool {
		select {
		case err = <-ended:
			return true
		default:
			return false
		}
	})
	s := d.end(err)
	// 200 sensors send 10 readings a second; a machine that is busy may be late, and
	// loses none.
	if r := s.Readings; r.Sent < 40_000 || r.Acknowledged != r.Sent || r.Rejected > 0 {
		t.Errorf("readings: %+v", r)
	}
	if s.Windows.Closed < 800 || s.Windows.Duplicates == 0 {
		t.Errorf("windows: %+v", s.Windows)
	}
	if s.Runs.Succeeded < 4 || s.Runs.Failed > 0 {
		t.Errorf("runs: %+v", s.Runs)
	}
	if s.Nodes.Started < 2 || s.Nodes.Ended < 1 || len(d.nodes) < 2 {
		t.Errorf("nodes: %+v, and %d were seen", s.Nodes, len(d.nodes))
	}
	// The seed plants about 15. All show in the mean of a window by more than a normal
	// sensor ever strays, but for a spike that two windows share at an hour of the day at
	// which the sensor is near its other end; a normal window passes the boundary of its
	// model less often than once in a thousand, and there are 1,200. What the end cuts
	// short is not scored: anomalies last 20 seconds in the mean.
	a := s.Anomalies
	if a.Planted < 8 || a.Found < a.Planted/2 || a.Missed > 2 || a.FalseAlarms > 3 || a.Planted != a.Found+a.Missed+a.Unscored {
		t.Errorf("anomalies: %+v", a)
	}
	lines := d.stderr.String()
	for _, want := range []string{
		`page and API +http://127\.0\.0\.1:\d+`, `\S*fleetscore run list --config \S+/fleetscore.yaml`,
		`anomalies: \d+ planted, [1-9]\d* found, \d+ missed, \d+ false alarms`, `[1-9]\d* came, [1-9]\d* went`, `found: \w+ of pump-\d\d \w+, \d+ s after it began`,
	} {
		if !regexp.MustCompile(want).MatchString(lines) {
			t.Errorf("no line matches %s", want)
		}
	}
	if strings.Contains(lines, "\x1b") {
		t.Error("there are colours, and no terminal")
	}
}

// TestDemoInterrupted: Ctrl-C ends a demo at any time, and the commands that it
// names work until then.
func TestDemoInterrupted(t *testing.T) {
	d := startDemo(t)
	d.watch(func() bool { return len(d.nodes) > 0 && strings.Contains(d.stderr.String(), "sensors anomalous") })
	commands := regexp.MustCompile(`(?m)^  \S*fleetscore (.*)$`).FindAllStringSubmatch(d.stderr.String(), -1)
	if len(commands) < 3 {
		t.Errorf("only %d commands are named", len(commands))
	}
	for _, c := range commands {
		if out, err := exec.Command(d.cmd.Path, strings.Fields(c[1])...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", c[1], err, out)
		}
	}
	if err := d.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	s := d.end(d.cmd.Wait())
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("it took %v to end", took)
	}
	if s.Readings.Acknowledged == 0 || s.Readings.Acknowledged != s.Readings.Sent {
		t.Errorf("readings: %+v", s.Readings)
	}
}

// TestDemoView: lines are the same on a terminal and elsewhere, but for colours.
func TestDemoView(t *testing.T) {
	state := demo.State{
		Seconds: 10, Sensors: 200, Windows: demo.Windows{Closed: 1200}, Nodes: demo.Nodes{Now: 1, Started: 3, Ended: 2},
		Readings: simulate.Counts{Acknowledged: 20_000}, Anomalies: demo.Verdict{Planted: 12, Found: 10, Missed: 1, Unscored: 1, FalseAlarms: 2},
		News: []demo.Finding{{Truth: simulate.Truth{Device: "pump-07", Tag: "flow", Kind: simulate.Drift}, Found: true, After: 9 * time.Second}, {Truth: simulate.Truth{Device: "pump-08", Tag: "flow", Kind: simulate.Spike}}},
	}
	want := `   10s  readings: 2,000/s acknowledged, 20,000 in all · windows: 1,200 closed · nodes: 1 now, 3 came, 2 went
        found: drift of pump-07 flow, 9 s after it began
        missed: spike of pump-08 flow
        anomalies: 12 planted, 10 found, 1 missed, 2 false alarms, 1 not yet scored
`
	for _, colour := range []bool{false, true} {
		var out bytes.Buffer
		view := demoView{w: &out, colour: colour}
		view.progress(&state)
		got := regexp.MustCompile("\x1b\\[\\d*m").ReplaceAllString(out.String(), "")
		if got != want || colour != strings.Contains(out.String(), "\x1b") {
			t.Errorf("colours %v:\n%s", colour, out.String())
		}
	}
}
