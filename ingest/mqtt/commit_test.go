package mqtt

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/ingest"
	"github.com/fleetscore/fleetscore/ingest/decode"
)

// until waits for a condition that others bring about.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); !ok(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func burst(from, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(pub(1, byte(from+i), topic, fmt.Sprint(from+i)))
	}
	return b.String()
}

func acks(from, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("\x40\x02\x00" + string([]byte{byte(from + i)}))
	}
	return b.String()
}

// While an Append is under way, a connection goes on to be read, and nothing is
// acknowledged; all that came is one commit, acknowledged in its order.
func TestPipelining(t *testing.T) {
	log := &fakeLog{gate: make(chan struct{}), entered: make(chan struct{})}
	l := start(t, log, Config{}, ingest.Config{})
	c := dial(t, l)
	c.send(connectOld("a"))
	c.expect(connackOld)
	c.send(burst(1, 1))
	<-log.entered
	c.send(burst(2, 50), burst(52, 49), "\xc0\x00")
	c.expect("\xd0\x00") // all was read, and nothing acknowledged
	until(t, "99 wait", func() bool { return l.cfg.Service.Stats().Waiting == 99 })
	log.gate <- struct{}{}
	c.expect(acks(1, 1))
	<-log.entered
	log.gate <- struct{}{}
	c.expect(acks(2, 99))
	for i, r := range log.all() {
		if r.Value != float64(i+1) {
			t.Fatalf("reading %d is %v", i, r.Value)
		}
	}
	if log.appends != 2 {
		t.Errorf("100 messages took %d Appends", log.appends)
	}
}

// What could not be stored is not acknowledged, and the connection is closed.
func TestFailed(t *testing.T) {
	log := &fakeLog{fail: errDisk}
	l := start(t, log, Config{}, ingest.Config{})
	old, recent := dial(t, l), dial(t, l)
	old.send(connectOld("a"), pub(0, 0, topic, "1"))
	old.expect(connackOld)
	recent.send(connectNew("b"), pub5(0, 0, topic, "", "1"))
	recent.expect(connackNew)
	until(t, "what is lost of QoS 0 is counted", func() bool { return count(l, lost) == 2 })
	old.send(burst(1, 10))
	old.ended()
	recent.send("\xc0\x00") // it goes on
	recent.expect("\xd0\x00")
	recent.send(pub5(1, 1, topic, "", "1"))
	recent.expect("\xe0\x01\x89")
	recent.ended()
	until(t, "both are counted", func() bool { return l.Stats().Failed == 2 })
}

func count(l *Listener, cause decode.Cause) (n uint64) {
	for _, r := range l.cfg.Service.Stats().Rejected {
		if r.Cause == cause {
			n += r.Count
		}
	}
	return n
}

// A connection has no more in flight than it may: then it is not read.
func TestInflight(t *testing.T) {
	log := &fakeLog{gate: make(chan struct{})}
	l := start(t, log, Config{Inflight: 10}, ingest.Config{})
	c := dial(t, l)
	c.send(connectOld("a"))
	c.expect(connackOld)
	c.send(burst(1, 100), "\xc0\x00")
	until(t, "it is not read", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for c := range l.conns {
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.inflight == 10
		}
		return false
	})
	close(log.gate)
	got := make([]byte, 402)
	if _, err := io.ReadFull(c, got); err != nil || strings.ReplaceAll(string(got), "\xd0\x00", "") != acks(1, 100) {
		t.Fatalf("% x, %v", got, err)
	}
}

// When too much waits, QoS 0 is dropped and counted, and QoS 1 waits.
func TestBusy(t *testing.T) {
	log := &fakeLog{gate: make(chan struct{}), entered: make(chan struct{}, 100)}
	l := start(t, log, Config{}, ingest.Config{Waiting: 10, Decode: decode.Limits{Readings: 10}})
	c := dial(t, l)
	c.send(connectOld("a"))
	c.expect(connackOld)
	c.send(pub(1, 1, topic, "[{\"value\":1}"+strings.Repeat(",{\"value\":1}", 9)+"]"))
	<-log.entered
	c.send(pub(0, 0, topic, "1"))
	until(t, "it is dropped", func() bool { return count(l, ingest.Busy) == 1 })
	c.send(pub(1, 2, topic, "1"), pub(1, 3, topic, "[{\"value\":1}"+strings.Repeat(",{\"value\":1}", 10)+"]"))
	close(log.gate)
	c.expect(acks(1, 3)) // the last has too many, and is as wrong the next time
	if n := len(log.all()); n != 11 || count(l, ingest.TooMany) != 1 {
		t.Errorf("%d readings, %d too many", n, count(l, ingest.TooMany))
	}
}

// Stop acknowledges what is under way, if it is stored, and ends the connections.
func TestStop(t *testing.T) {
	log := &fakeLog{gate: make(chan struct{}), entered: make(chan struct{})}
	l := start(t, log, Config{}, ingest.Config{})
	c, idle := dial(t, l), dial(t, l)
	c.send(connectNew("a"))
	c.expect(connackNew)
	c.send(pub5(1, 1, topic, "", "1"))
	<-log.entered
	stopped := make(chan struct{})
	go func() { l.Stop(); close(stopped) }()
	idle.ended()
	close(log.gate)
	c.expect("\x40\x02\x00\x01" + "\xe0\x01\x8b")
	c.ended()
	<-stopped
	l.Stop()
	if stats := l.Stats(); stats.Open != 0 {
		t.Errorf("%+v", stats)
	}
}

// A device that is over its rate is read more slowly, and loses nothing.
func TestRate(t *testing.T) {
	log := &fakeLog{}
	l := start(t, log, Config{}, ingest.Config{Rate: 100, Burst: 10})
	c := dial(t, l)
	c.send(connectOld("a"))
	c.expect(connackOld)
	begun := time.Now()
	c.send(burst(1, 30))
	c.expect(acks(1, 30))
	c.send(burst(31, 1))
	c.expect(acks(31, 1))
	if took := time.Since(begun); took < 200*time.Millisecond {
		t.Errorf("31 readings at 100/s with a burst of 10 took %s", took)
	}
}
