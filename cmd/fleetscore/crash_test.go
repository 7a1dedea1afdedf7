package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/app"
	"github.com/fleetscore/fleetscore/web"
)

// How many times the service is killed: the short form, and the soak.
const (
	crashes     = 10
	soakCrashes = 300
)

// deployment is a real service in a folder: the test binary, which runs main under
// the name fleetscore, and its nodes.
type deployment struct {
	t       *testing.T
	dir     string
	program string
	address string // of the API
	log     *os.File
	begun   int64 // where in the log the last service began
	env     []string
}

func newDeployment(t *testing.T, sensors int, settings string) *deployment {
	t.Helper()
	d := &deployment{t: t, dir: t.TempDir()}
	d.program = program(t, d.dir)
	model, err := os.ReadFile("../../examples/pumps/models/pump-1/temperature.pkl")
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	text.WriteString("ts,device,tag,value\n")
	for i := range sensors {
		d.write(fmt.Sprintf("data/models/device-%d/tag-%d.pkl", i/3, i%3), model)
		fmt.Fprintf(&text, "2026-01-01T00:00:00Z,device-%d,tag-%d,60\n2026-01-01T00:00:01Z,device-%d,tag-%d,61.5\n", i/3, i%3, i/3, i%3)
	}
	d.write("data/readings.csv", text.Bytes())
	d.address = unusedAddress(t)
	d.write("fleetscore.yaml", []byte("store: ./data\nlisten: "+d.address+"\ningest: {mqtt: off}\n"+settings))
	if d.log, err = os.Create(filepath.Join(d.dir, "log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		d.log.Close()
		if t.Failed() {
			if text, err := os.ReadFile(d.log.Name()); err == nil {
				t.Logf("the end of the log:\n%s", text[max(0, len(text)-8000):])
			}
		}
	})
	return d
}

// unusedAddress is an address on this machine at which nobody listens.
func unusedAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// program makes the test binary a program in a folder, of its own name, so that
// nodes, which are the same program, run main as well.
func program(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "fleetscore")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if os.Link(self, path) == nil {
		return path
	}
	data, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func (d *deployment) write(name string, data []byte) {
	d.t.Helper()
	path := filepath.Join(d.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		d.t.Fatal(err)
	}
}

func (d *deployment) command(args ...string) *exec.Cmd {
	cmd := exec.Command(d.program, args...)
	cmd.Dir = d.dir
	cmd.Env = append(os.Environ(), d.env...)
	return cmd
}

func (d *deployment) up(env ...string) *exec.Cmd {
	d.t.Helper()
	info, err := d.log.Stat()
	if err != nil {
		d.t.Fatal(err)
	}
	d.begun = info.Size()
	cmd := d.command("up")
	cmd.Stdout, cmd.Stderr = d.log, d.log
	cmd.Env = append(cmd.Env, env...)
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	return cmd
}

// isUp reports whether the last service has said that it is up: before, the system
// may end it where it would end itself.
func (d *deployment) isUp() bool {
	text, err := os.ReadFile(d.log.Name())
	return err == nil && bytes.Contains(text[d.begun:], []byte("fleetscore is up"))
}

// ask runs a command of the CLI that prints JSON.
func (d *deployment) ask(into any, args ...string) error {
	out, err := d.command(append(args, "--json")...).Output()
	if err == nil {
		err = json.Unmarshal(out, into)
	}
	return err
}

// settled waits until the service has no run that is not over, but for those it
// goes on making: jobs are paused.
func (d *deployment) settled(job string) []web.Run {
	d.t.Helper()
	var runs web.RunList
	paused := false
	for limit := time.Now().Add(3 * time.Minute); time.Now().Before(limit); wait() {
		if !paused {
			paused = d.command("job", "pause", job).Run() == nil
			continue
		}
		if d.ask(&runs, "run", "list", "--state", "queued,planning,running,committing", "--limit", "5") == nil && len(runs.Runs) == 0 {
			if err := d.ask(&runs, "run", "list", "--limit", "1000"); err != nil {
				d.t.Fatal(err)
			}
			return runs.Runs
		}
	}
	d.t.Fatal("runs do not end")
	return nil
}

// wait lets another process go on for a moment.
func wait() { <-time.After(100 * time.Millisecond) }

// stop ends the service as an operator would.
func (d *deployment) stop(service *exec.Cmd) {
	d.t.Helper()
	begin := time.Now()
	if err := service.Process.Signal(syscall.SIGTERM); err != nil {
		d.t.Fatal(err)
	}
	if err := service.Wait(); err != nil {
		d.t.Errorf("the service ended with %v", err)
	}
	if took := time.Since(begin); took > 15*time.Second {
		d.t.Errorf("it took the service %v to end", took)
	}
}

// verified verifies the store.
func (d *deployment) verified() app.Verification {
	d.t.Helper()
	var v app.Verification
	if err := d.ask(&v, "verify-store"); err != nil || len(v.Problems) > 0 {
		d.t.Fatalf("the store: %v, %+v", err, v.Problems)
	}
	return v
}

// children lists the processes that a process has started.
func children(pid int) (all []int) {
	var out []byte
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, path := range threads {
		text, _ := os.ReadFile(path) // the thread may have ended
		out = append(append(out, text...), ' ')
	}
	if _, err := os.Stat("/proc/self"); err != nil {
		out, _ = exec.Command("pgrep", "-P", strconv.Itoa(pid)).Output() // it fails if there are none
	}
	for _, field := range strings.Fields(string(out)) {
		if child, err := strconv.Atoi(field); err == nil {
			all = append(all, child)
		}
	}
	return all
}

// TestCrash kills the service and its nodes at random instants, with no warning,
// again and again, and now and then has it end in order. Afterwards every interval has been scored once: no row is
// missing, doubled or torn.
func TestCrash(t *testing.T) {
	const sensors = 150
	d := newDeployment(t, sensors, `pool: {max: 3, idle: 1s}
jobs:
  often:
    schedule: "@every 1s"
    interval: 1s
    input: {file: readings.csv}
    tasks: {max_sensors: 11, seconds: 0s}
    retries: {max: 8, backoff: 50ms, max_backoff: 200ms}
    catch_up: all
`)
	times := crashes
	if os.Getenv("FLEETSCORE_SOAK") != "" {
		times = soakCrashes
	}
	nodes := 0
	for range times {
		service := d.up()
		for range rand.IntN(4) {
			<-time.After(rand.N(500 * time.Millisecond))
			if pids := children(service.Process.Pid); len(pids) > 0 {
				if syscall.Kill(pids[rand.IntN(len(pids))], syscall.SIGKILL) == nil {
					nodes++
				}
			}
		}
		<-time.After(rand.N(1500 * time.Millisecond))
		if rand.IntN(3) == 0 && d.isUp() {
			d.stop(service)
			continue
		}
		pids := children(service.Process.Pid)
		if err := service.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = service.Wait() // it was killed
		for _, pid := range pids {
			for limit := time.Now().Add(10 * time.Second); syscall.Kill(pid, 0) == nil; wait() {
				if time.Now().After(limit) {
					t.Fatalf("node %d outlives its service", pid)
				}
			}
		}
	}
	service := d.up()
	runs := d.settled("often")
	d.stop(service)
	v := d.verified()
	if v.Intervals == 0 || v.Commits != v.Intervals || len(v.Gaps) > 0 || v.Predictions != int64(2*sensors*v.Intervals) {
		t.Errorf("%d intervals, %d commits, %d predictions, gaps: %v", v.Intervals, v.Commits, v.Predictions, v.Gaps)
	}
	for _, r := range runs {
		if r.State != "succeeded" || r.Scored != sensors {
			t.Errorf("run %s is %s (%s): %+v", r.ID, r.State, r.Error, r.Counts)
		}
	}
	t.Logf("%d kills of the service, %d of nodes, %d intervals", times, nodes, v.Intervals)
}

// TestPoison has models that kill, hang or use up the memory of whoever scores
// them: each hurts itself, and nobody else.
func TestPoison(t *testing.T) {
	const sensors = 400
	d := newDeployment(t, sensors, `pool: {max: 3, memory: 256MiB}
jobs:
  poisoned:
    interval: 1h
    input: {file: readings.csv}
    timeout: 3s
    tasks: {max_sensors: 100, seconds: 0s}
    retries: {max: 1, backoff: 10ms, max_backoff: 10ms}
`)
	service := d.up("FLEETSCORE_INJECT=crash:device-7/tag-1,hang:device-50/tag-0,memory:device-99/tag-2")
	var failed web.Run
	for limit := time.Now().Add(20 * time.Second); d.ask(&failed, "job", "run", "poisoned") != nil; wait() {
		if time.Now().After(limit) {
			t.Fatal("the service does not answer")
		}
	}
	runs := d.settled("poisoned")
	if len(runs) != 1 || runs[0].State != "failed" || runs[0].Scored != sensors-3 || runs[0].Failed != 3 {
		t.Fatalf("%+v", runs)
	}
	var list web.SensorList
	if err := d.ask(&list, "predictions", "sensors", "poisoned"); err != nil {
		t.Fatal(err)
	}
	causes := map[string]string{}
	for _, s := range list.Sensors {
		causes[s.String()] = string(s.Cause)
	}
	if len(causes) != 3 || causes["device-7/tag-1"] != "crashed" || causes["device-50/tag-0"] != "timed_out" || causes["device-99/tag-2"] != "crashed" {
		t.Errorf("not scored: %v", causes)
	}
	log, err := d.command("run", "logs", runs[0].ID).Output()
	if err != nil || !bytes.Contains(log, []byte("a crash was injected")) || !bytes.Contains(log, []byte("MiB")) {
		t.Errorf("the logs do not tell why nodes died: %v, %d bytes", err, len(log))
	}
	d.stop(service)
	// Mended, only what failed is done again.
	service = d.up()
	var again web.Run
	for limit := time.Now().Add(20 * time.Second); d.ask(&again, "run", "retry", runs[0].ID, "--failed") != nil; wait() {
		if time.Now().After(limit) {
			t.Fatal("the run is not retried")
		}
	}
	runs = d.settled("poisoned")
	if runs[0].State != "succeeded" || runs[0].Scored != sensors || runs[0].Rev != 2 {
		t.Errorf("%+v", runs[0])
	}
	d.stop(service)
	if v := d.verified(); v.Predictions != 2*sensors {
		t.Errorf("%d predictions", v.Predictions)
	}
}
