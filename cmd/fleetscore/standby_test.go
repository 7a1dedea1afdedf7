//go:build postgres

package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/internal/testkit/postgres"
)

// How long two services fight in the short form, and in the soak.
const (
	fight     = 20 * time.Second
	soakFight = 15 * time.Minute
)

// machine is one of several that share a store and a database.
type machine struct {
	*deployment
	address string
	env     []string
	service *exec.Cmd
	ended   chan error
}

// machines makes n machines of a deployment.
func (d *deployment) machines(n int, database string) (all []*machine) {
	for i := range n {
		m := &machine{deployment: d, address: unusedAddress(d.t)}
		m.env = []string{"FLEETSCORE_DATABASE=" + database, "FLEETSCORE_LISTEN=" + m.address, fmt.Sprintf("FLEETSCORE_DATA=%s/machine-%d", d.dir, i)}
		d.t.Cleanup(func() {
			if m.service != nil {
				_ = m.service.Process.Kill()
				<-m.ended
			}
		})
		all = append(all, m)
	}
	return all
}

func (m *machine) start() {
	m.t.Helper()
	m.service, m.ended = m.up(m.env...), make(chan error, 1)
	go func(service *exec.Cmd, ended chan<- error) { ended <- service.Wait() }(m.service, m.ended)
}

// again starts the service again if it has ended by itself, which it may only because
// it has lost its place.
func (m *machine) again() {
	m.t.Helper()
	select {
	case err := <-m.ended:
		if err == nil || err.Error() != "exit status 1" {
			m.t.Fatalf("a service ended with %v", err)
		}
		m.start()
	default:
	}
}

func (m *machine) signal(s os.Signal) {
	m.t.Helper()
	if err := m.service.Process.Signal(s); err != nil {
		m.t.Fatal(err)
	}
}

// get asks the machine for something; 0 if it does not answer.
func (m *machine) get(path string) (status int, body string) {
	client := http.Client{Timeout: 2 * time.Second}
	answer, err := client.Get("http://" + m.address + path)
	if err != nil {
		return 0, ""
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text)
}

// active waits until one of the machines is.
func active(t *testing.T, all ...*machine) *machine {
	t.Helper()
	for limit := time.Now().Add(time.Minute); time.Now().Before(limit); <-time.After(20 * time.Millisecond) {
		for _, m := range all {
			if status, _ := m.get("/readyz"); status == http.StatusOK {
				return m
			}
			m.again()
		}
	}
	t.Fatal("no service is active")
	return nil
}

// TestPostgresStandby has two services over one database and one store. They are killed,
// stopped, ended in order, and lose their database. When the active one dies the other
// takes over, with the runs in flight, and afterwards every interval has been scored
// once.
func TestPostgresStandby(t *testing.T) {
	const sensors = 60
	server := postgres.Start(t)
	d := newDeployment(t, sensors, `pool: {max: 2, idle: 1s}
jobs:
  often:
    schedule: "@every 1s"
    interval: 1s
    input: {file: readings.csv}
    tasks: {max_sensors: 11, seconds: 0s}
    retries: {max: 8, backoff: 50ms, max_backoff: 200ms}
    catch_up: all
`)
	both := d.machines(2, server.Schema(t))
	both[0].start()
	now := active(t, both[0])
	both[1].start()
	standsBy(t, both[1], both[0])

	other := func(m *machine) *machine {
		if m == both[0] {
			return both[1]
		}
		return both[0]
	}
	killed := func() {
		begin := time.Now()
		now.signal(syscall.SIGKILL)
		<-now.ended
		next := active(t, other(now))
		took := time.Since(begin)
		t.Logf("taken over %.1f s after kill -9", took.Seconds())
		if took > 30*time.Second {
			t.Errorf("it took %v to take over", took)
		}
		now.start()
		now = next
	}
	stopped := func() {
		begin := time.Now()
		now.signal(syscall.SIGSTOP)
		next := active(t, other(now))
		t.Logf("taken over %.1f s after SIGSTOP", time.Since(begin).Seconds())
		now.signal(syscall.SIGCONT)
		select {
		case err := <-now.ended:
			if err == nil {
				t.Error("it has lost its place, and ended as if nothing was wrong")
			}
		case <-time.After(30 * time.Second):
			t.Fatal("it has lost its place, and does not end")
		}
		now.start()
		now = next
	}
	endedInOrder := func() {
		begin := time.Now()
		now.signal(syscall.SIGTERM)
		if err := <-now.ended; err != nil {
			t.Errorf("it ended with %v", err)
		}
		next := active(t, other(now))
		t.Logf("taken over %.1f s after SIGTERM", time.Since(begin).Seconds())
		now.start()
		now = next
	}
	restarted := func() {
		begin := time.Now()
		server.Kill()
		<-time.After(rand.N(2 * time.Second))
		server.Up()
		up := time.Now()
		now = active(t, both...)
		t.Logf("PostgreSQL was down for %.1f s; active %.1f s after", up.Sub(begin).Seconds(), time.Since(up).Seconds())
	}
	length := fight
	if os.Getenv("FLEETSCORE_SOAK") != "" {
		length = soakFight
	}
	deeds := []func(){killed, restarted, stopped, endedInOrder}
	end := time.Now().Add(length)
	for n := 0; n < len(deeds) || time.Now().Before(end); n++ {
		<-time.After(rand.N(3 * time.Second))
		now = active(t, both...)
		deeds[n%len(deeds)]()
	}
	for _, m := range both {
		m.again()
		if m != now {
			m.signal(syscall.SIGKILL)
			<-m.ended
			m.service = nil
		}
	}
	now = active(t, now)
	d.env = now.env
	runs := d.settled("often")
	now.signal(syscall.SIGTERM)
	<-now.ended
	now.service = nil
	v := d.verified()
	if v.Intervals == 0 || v.Commits != v.Intervals || len(v.Gaps) > 0 || v.Predictions != int64(2*sensors*v.Intervals) {
		t.Errorf("%d intervals, %d commits, %d predictions, gaps: %v", v.Intervals, v.Commits, v.Predictions, v.Gaps)
	}
	for _, r := range runs {
		if r.State != "succeeded" || r.Scored != sensors {
			t.Errorf("run %s is %s (%s): %+v", r.ID, r.State, r.Error, r.Counts)
		}
	}
	t.Logf("%d intervals, each scored once", v.Intervals)
}

// standsBy checks what is seen of a service that stands by for another.
func standsBy(t *testing.T, m, other *machine) {
	t.Helper()
	for limit := time.Now().Add(20 * time.Second); ; wait() {
		if status, _ := m.get("/healthz"); status == http.StatusOK {
			break
		}
		if time.Now().After(limit) {
			t.Fatal("it does not stand by")
		}
	}
	if status, body := m.get("/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, "standing_by") {
		t.Errorf("whether it is ready is answered with %d, %s", status, body)
	}
	if status, body := m.get("/api/v1/jobs"); status != http.StatusServiceUnavailable || !strings.Contains(body, "stands by") {
		t.Errorf("a question is answered with %d, %s", status, body)
	}
	want := []byte(fmt.Sprintf("standing by: process %d on ", other.service.Process.Pid))
	for limit := time.Now().Add(20 * time.Second); ; wait() {
		log, err := os.ReadFile(m.log.Name())
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(log, want) && bytes.Contains(log, []byte("fleetscore up has it")) {
			break
		}
		if time.Now().After(limit) {
			t.Fatal("it does not say for whom it stands by")
		}
	}
	if files, _ := filepath.Glob(filepath.Join(m.dir, "machine-1", "*")); len(files) > 0 {
		t.Errorf("it has begun: %v", files)
	}
}
