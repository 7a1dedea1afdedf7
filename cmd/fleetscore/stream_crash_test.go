package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/simulate"
	"github.com/fleetscore/fleetscore/web/client"
)

// How long readings come while the service is killed: the short form, and the soak.
const (
	streamCrashes     = 20 * time.Second
	soakStreamCrashes = 30 * time.Minute
)

// TestStreamCrash kills the service at random instants, and now and then ends it in
// order, while a fleet sends to it by HTTP, one by MQTT, and a client of another make
// by MQTT. Every reading that was acknowledged is then in its window or
// kept aside, and counts once.
func TestStreamCrash(t *testing.T) {
	const every = time.Second
	broker := unusedAddress(t)
	d := newDeployment(t, 0, `partitions: 4
stream: {flush: 2s}
windows: {1s: {every: 1s, tolerance: 1s, idle: 2s, lateness: 8s, settle: 1s}}
`)
	env := "FLEETSCORE_INGEST_MQTT=" + broker
	length := streamCrashes
	if os.Getenv("FLEETSCORE_SOAK") != "" {
		length = soakStreamCrashes
	}
	service := d.up(env)
	end := time.Now().Add(length)
	fleets := []*sender{
		d.simulate("h", "http://"+d.address, length),
		d.simulate("m", "mqtt://"+broker, length, "--connections", "7"),
		d.simulate("v", "mqtt://"+broker, length, "--connections", "3", "--mqtt-version", "5"),
	}
	other := make(chan []simulate.Entry, 1)
	go func() { other <- publish("tcp://"+broker, end) }()
	kills, ends := 0, 0
	for time.Now().Before(end) {
		<-time.After(time.Duration(rand.ExpFloat64() * float64(1500*time.Millisecond)))
		if rand.IntN(4) == 0 && d.isUp() {
			d.stop(service)
			ends++
		} else {
			if err := service.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = service.Wait() // it was killed
			kills++
		}
		service = d.up(env)
	}
	var records []string
	for _, f := range fleets {
		f.ended(t)
		records = append(records, f.record)
	}
	c, err := client.New("http://"+d.address, "")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	a := accountOf(t, records...)
	for e := range slices.Values(<-other) {
		a.add(t, &e)
	}
	b := d.audited(a, c, every)
	d.stop(service)
	again := d.up(env) // what is in memory came out; the files have all of it
	b2 := d.audited(a, c, every)
	if b.counted != b2.counted || b.windows != b2.windows {
		t.Errorf("before a restart %d readings count in %d windows, and after it %d in %d", b.counted, b.windows, b2.counted, b2.windows)
	}
	d.stop(again)
	if a.acknowledged == 0 || b.windows == 0 || b.late == 0 || b.revisions == 0 {
		t.Errorf("this shows nothing: %d acknowledged, %+v", a.acknowledged, b)
	}
	t.Logf("%d kills, %d ends; %d messages acknowledged: %d readings in %d windows, %d of them again, %d late", kills, ends, a.acknowledged, b.counted, b.windows, b.revisions, b.late)
}

// sender is the program that sends what a fleet would.
type sender struct {
	cmd    *exec.Cmd
	output bytes.Buffer
	record string
}

func (d *deployment) simulate(prefix, to string, length time.Duration, more ...string) *sender {
	d.t.Helper()
	s := &sender{record: filepath.Join(d.dir, prefix+".record")}
	s.cmd = d.command(append([]string{
		"simulate", "--to", to, "--prefix", prefix, "--devices", "8", "--tags", "3", "--rate", "10/s", "--for", length.String(),
		"--late", "6%", "--late-by", "40s", "--duplicates", "2%", "--outages", "5%", "--anomalies", "1%", "--record", s.record,
	}, more...)...)
	s.cmd.Stdout, s.cmd.Stderr = &s.output, &s.output
	if err := s.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	return s
}

func (s *sender) ended(t *testing.T) {
	t.Helper()
	if err := s.cmd.Wait(); err != nil {
		t.Fatalf("a simulation ended with %v:\n%s", err, s.output.Bytes())
	}
}

// publish sends readings with a client that is not ours, which sends again what was
// not acknowledged when it is connected again, and tells what became of them.
func publish(broker string, end time.Time) []simulate.Entry {
	kept := &acknowledged{MemoryStore: mqtt.NewMemoryStore(), waiting: map[string]string{}, done: map[string]bool{}}
	c := mqtt.NewClient(mqtt.NewClientOptions().AddBroker(broker).SetClientID("other").SetCleanSession(false).SetConnectRetry(true).
		SetConnectRetryInterval(50 * time.Millisecond).SetMaxReconnectInterval(200 * time.Millisecond).SetStore(kept))
	defer c.Disconnect(0)
	_ = c.Connect() // it tries for ever
	var entries []simulate.Entry
	var payloads []string
	for n := 0; time.Now().Before(end); n++ {
		at := time.Now().Truncate(time.Millisecond)
		payload := fmt.Sprintf(`{"ts":%q,"value":%d}`, at.Format(time.RFC3339Nano), n)
		_ = c.Publish("readings/other/x", 1, false, payload)
		payloads = append(payloads, payload)
		entries = append(entries, simulate.Entry{
			Message: simulate.Message{Reading: fleet.Reading{Device: "other", Tag: "x", Time: at.UnixNano(), Value: float64(n)}},
			Outcome: simulate.Unanswered, Tries: 2,
		})
		<-time.After(5 * time.Millisecond)
	}
	for limit := time.Now().Add(30 * time.Second); kept.left() > 0 && time.Now().Before(limit); wait() {
	}
	kept.mu.Lock()
	defer kept.mu.Unlock()
	for i, payload := range payloads {
		if kept.done[payload] {
			entries[i].Outcome = simulate.Acknowledged
		}
	}
	return entries
}

// acknowledged is where the client keeps what it may have to send again: it lets go
// of a message when that is acknowledged, and not before. Its tokens do not tell, as
// they are completed too when a message is about to be sent again.
type acknowledged struct {
	*mqtt.MemoryStore
	mu      sync.Mutex
	waiting map[string]string // payloads by the client's key
	done    map[string]bool   // payloads
}

func (a *acknowledged) Put(key string, p packets.ControlPacket) {
	if message, ok := p.(*packets.PublishPacket); ok {
		a.mu.Lock()
		a.waiting[key] = string(message.Payload)
		a.mu.Unlock()
	}
	a.MemoryStore.Put(key, p)
}

func (a *acknowledged) Del(key string) {
	a.mu.Lock()
	if payload, ok := a.waiting[key]; ok {
		delete(a.waiting, key)
		a.done[payload] = true
	}
	a.mu.Unlock()
	a.MemoryStore.Del(key)
}

func (a *acknowledged) left() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.waiting)
}

// audited is the balance once all windows are closed and stored, which takes a moment.
func (d *deployment) audited(a *account, c *client.Client, every time.Duration) *balance {
	d.t.Helper()
	var b *balance
	for limit := time.Now().Add(time.Minute); ; wait() {
		if c.Health(d.t.Context()) != nil && time.Now().Before(limit) {
			continue
		}
		b = a.audit(d.t, c, "1s", every)
		if len(b.problems) == 0 || time.Now().After(limit) {
			break
		}
	}
	for _, p := range b.problems {
		d.t.Error(p)
	}
	return b
}
