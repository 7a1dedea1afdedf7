package aggregator_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/memstore"
	"github.com/fleetscore/fleetscore/stream"
	"github.com/fleetscore/fleetscore/stream/jetstream"
	"github.com/fleetscore/fleetscore/window"
	"github.com/fleetscore/fleetscore/window/aggregator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const partitions = 4

// site is a real log, a store that may fail, and a service over both.
type site struct {
	t       *testing.T
	log     *jetstream.Log
	store   *breaking
	service *aggregator.Service
	windows map[string]window.Config
	flush   time.Duration
	inUse   []fleet.Interval // what runs read
	name    string           // of the log
	alone   bool
}

// breaking is a store of which a write fails now and then: like a crash, it leaves
// what was stored before.
type breaking struct {
	store.Store
	mu   sync.Mutex
	left int // writes until all fail; negative: none does
}

var errBroken = errors.New("the store is broken")

func (b *breaking) try() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left == 0 {
		return errBroken
	}
	b.left--
	return nil
}

func (b *breaking) breakAfter(writes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left = writes
}

func (b *breaking) Put(ctx context.Context, key string, body io.Reader) error {
	if err := b.try(); err != nil {
		return err
	}
	return b.Store.Put(ctx, key, body)
}

func (b *breaking) PutIfAbsent(ctx context.Context, key string, body io.Reader) error {
	if err := b.try(); err != nil {
		return err
	}
	return b.Store.PutIfAbsent(ctx, key, body)
}

func newSite(t *testing.T) *site {
	t.Helper()
	w := window.Defaults()
	w.Every, w.Tolerance, w.Idle, w.Settle = time.Minute, 5*time.Second, 500*time.Millisecond, 200*time.Millisecond
	s := &site{t: t, store: &breaking{Store: memstore.New(), left: -1}, windows: map[string]window.Config{"1m": w}, flush: 50 * time.Millisecond}
	var err error
	s.log, err = jetstream.Open(t.Context(), jetstream.Config{Dir: filepath.Join(t.TempDir(), "stream"), Partitions: partitions})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.log.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *site) start() {
	s.t.Helper()
	var err error
	s.service, err = aggregator.New(aggregator.Config{
		Log: s.log, Stream: s.name, Alone: s.alone, Store: s.store, Partitions: partitions, Windows: s.windows, Flush: s.flush,
		InUse: func(context.Context) ([]fleet.Interval, error) { return s.inUse, nil }, Logger: slog.New(slog.DiscardHandler),
	})
	if err == nil {
		err = s.service.Start(s.t.Context())
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// crash ends the service without a last flush.
func (s *site) crash() {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	s.service.Stop(ctx)
}

// send appends readings as ingest does.
func (s *site) send(readings ...fleet.Reading) {
	s.t.Helper()
	by := map[int][]fleet.Reading{}
	for _, r := range readings {
		p := fleet.Partition(r.Device, partitions)
		by[p] = append(by[p], r)
	}
	var messages []stream.Message
	for p, some := range by {
		messages = append(messages, stream.Message{Partition: p, Body: stream.Append(nil, some)})
	}
	if err := s.log.Append(s.t.Context(), messages); err != nil {
		s.t.Fatal(err)
	}
}

// day is one of the last days: readings of the future are early.
var day = fleet.NewInterval(time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -3), time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -2))

// stored reads the windows of a day as a run does: of the files that count, later
// ones supersede earlier ones.
func (s *site) stored() map[string]aggregator.Row {
	s.t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	files, behind, err := s.service.Files(ctx, "1m", day)
	if err != nil || behind > 0 {
		s.t.Fatalf("%d partitions are not ready: %v", behind, err)
	}
	begin, err := s.service.Begin(ctx, "1m")
	if err != nil {
		s.t.Fatal(err)
	}
	rows := map[string]aggregator.Row{}
	for _, inputs := range files {
		for _, in := range inputs {
			data, err := s.store.Get(ctx, in.Key, nil)
			if err != nil {
				s.t.Fatal(err)
			}
			more, err := aggregator.Decode(data)
			if err != nil {
				s.t.Fatal(err)
			}
			for _, r := range more {
				if begin.IsZero() || r.Start < begin.UnixNano() {
					s.t.Errorf("the first window is said to be at %s, and there is %+v", begin, r)
				}
				name := fmt.Sprintf("%s/%s %s", r.Device, r.Tag, time.Unix(0, r.Start).UTC().Format("15:04"))
				if before, ok := rows[name]; ok && before.Rev >= r.Rev {
					s.t.Errorf("%s: revision %d of a later file supersedes %d", name, r.Rev, before.Rev)
				}
				rows[name] = r
			}
		}
	}
	return rows
}

func reading(device string, second int, value float64) fleet.Reading {
	return fleet.Reading{Device: device, Tag: "t", Time: day.From.Add(time.Duration(second) * time.Second).UnixNano(), Value: value}
}

// Whatever breaks, and wherever, every reading is in its window once.
func TestExactlyOnce(t *testing.T) {
	s := newSite(t)
	random := rand.New(rand.NewPCG(1, 2))
	want := map[string][]float64{}
	s.start()
	second := make([]int, 12)
	for round := range 30 {
		var some []fleet.Reading
		for d := range second {
			if random.IntN(4) == 0 {
				continue // it catches up later
			}
			for range random.IntN(90) {
				second[d] += 1 + random.IntN(3)
				value := float64(random.IntN(100))
				device := fmt.Sprint("device-", d)
				some = append(some, reading(device, second[d], value))
				name := fmt.Sprintf("%s/t %02d:%02d", device, second[d]/3600, second[d]/60%60)
				want[name] = append(want[name], value)
			}
		}
		if len(some) > 0 && random.IntN(2) == 0 {
			some = append(some, some[random.IntN(len(some))]) // a doubled one
		}
		s.send(some...)
		switch round % 3 {
		case 1:
			s.store.breakAfter(random.IntN(12))
			<-time.After(time.Duration(random.IntN(200)) * time.Millisecond)
			s.crash()
			s.store.breakAfter(-1)
			s.start()
		case 2:
			s.service.Stop(t.Context())
			s.start()
		}
	}
	rows := s.stored()
	s.service.Stop(t.Context())
	for name, values := range want {
		r, ok := rows[name]
		sum := 0.0
		for _, v := range values {
			sum += v
		}
		if !ok || r.Count != int64(len(values)) || r.Sum != sum || r.Min != slices.Min(values) || r.Max != slices.Max(values) {
			t.Errorf("%s is %+v, not of %v", name, r, values)
		}
	}
	if len(rows) != len(want) {
		t.Errorf("%d windows, not %d", len(rows), len(want))
	}
	if begin, err := s.service.Begin(t.Context(), "1m"); err != nil || !begin.Equal(day.From) {
		t.Errorf("the first window is said to be at %s, %v", begin, err)
	}
}

// A reading that comes late makes a revision, also of a window that is in a file,
// and one that is too late is kept aside.
func TestLate(t *testing.T) {
	s := newSite(t)
	s.start()
	s.send(reading("a", 10, 1), reading("a", 70, 2))
	if rows := s.stored(); rows["a/t 00:00"].Rev != 0 || rows["a/t 00:00"].Count != 1 {
		t.Errorf("first %+v", rows)
	}
	s.crash()
	s.start()
	s.send(reading("a", 11, 5))
	if rows := s.stored(); rows["a/t 00:00"].Rev != 1 || rows["a/t 00:00"].Count != 2 || rows["a/t 00:00"].Max != 5 {
		t.Errorf("then %+v", rows)
	}
	s.send(reading("a", 30*3600, 1))
	s.send(reading("a", 12, 7))
	s.stored()
	s.service.Stop(t.Context())
	var late []string
	for info, err := range s.store.List(t.Context(), "late/") {
		if err != nil {
			t.Fatal(err)
		}
		data, _ := s.store.Get(t.Context(), info.Key, nil)
		late = append(late, string(data))
	}
	if len(late) != 1 || !strings.Contains(late[0], `"value":7,"cause":"late"`) {
		t.Errorf("late readings: %v", late)
	}
}

// What is open, about to be stored, and stored is shown as one.
func TestWindows(t *testing.T) {
	s := newSite(t)
	s.flush = time.Hour
	w := s.windows["1m"]
	w.Idle = time.Hour
	s.windows["1m"] = w
	s.start()
	defer func() { s.service.Stop(context.Background()) }()
	s.send(reading("a", 10, 1), reading("a", 70, 2), reading("a", 130, 3))
	sensor := fleet.Sensor{Device: "a", Tag: "t"}
	var rows []aggregator.Row
	for limit := time.Now().Add(10 * time.Second); len(rows) < 3 && time.Now().Before(limit); {
		var err error
		if rows, err = s.service.Windows(t.Context(), "1m", sensor, day); err != nil {
			t.Fatal(err)
		}
	}
	if len(rows) != 3 || rows[0].Open || rows[1].Open || !rows[2].Open || rows[2].Mean != 3 {
		t.Errorf("%+v", rows)
	}
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	_, behind, err := s.service.Files(ctx, "1m", day)
	if err != nil || behind != 1 {
		t.Errorf("%d partitions have an open window: %v", behind, err)
	}
}

// A window that is new begins with what the stream still has, and nobody waits for it
// where that is nothing.
func TestNewWindow(t *testing.T) {
	s := newSite(t)
	s.start()
	for i := range 20 {
		s.send(reading(fmt.Sprint("device-", i), 10, 1), reading(fmt.Sprint("device-", i), 70, 1))
	}
	s.stored()
	s.service.Stop(t.Context())
	s.windows["2m"] = s.windows["1m"]
	s.start()
	defer func() { s.service.Stop(t.Context()) }()
	if rows := s.stored(); len(rows) != 40 {
		t.Errorf("%d windows", len(rows))
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	if _, behind, err := s.service.Files(ctx, "2m", day); err != nil || behind > 0 {
		t.Errorf("%d partitions of the new window are not ready: %v", behind, err)
	}
	s.send(reading("a", 200, 1))
	s.eventually("the new window has what comes", func() bool {
		rows, err := s.service.Windows(t.Context(), "2m", fleet.Sensor{Device: "a", Tag: "t"}, day)
		return err == nil && len(rows) == 1
	})
}
