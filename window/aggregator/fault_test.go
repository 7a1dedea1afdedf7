package aggregator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/internal/testkit/faulty"
	"github.com/fleetscore/fleetscore/internal/testkit/memlog"
	"github.com/fleetscore/fleetscore/stream"
	"github.com/fleetscore/fleetscore/window"
	"github.com/fleetscore/fleetscore/window/aggregator"
)

// bench is a service over a log in memory and a store that may go wrong, in a bubble
// whose clock is its own.
type bench struct {
	t       *testing.T
	log     *memlog.Log
	store   *faulty.Store
	service *aggregator.Service
	cfg     aggregator.Config
	want    map[string][]float64 // by window
	late    []string
	random  *rand.Rand
	logged  bytes.Buffer
}

func newBench(t *testing.T, parts int) *bench {
	w := window.Defaults()
	w.Lateness, w.Forget = 60*time.Hour, 60*time.Hour
	b := &bench{t: t, log: memlog.New(parts, 1), store: faulty.New(), want: map[string][]float64{}, random: rand.New(rand.NewPCG(3, 4))}
	b.cfg = aggregator.Config{
		Log: b.log, Store: b.store, Partitions: parts, Windows: map[string]window.Config{"1m": w}, Flush: 10 * time.Minute, FlushBytes: 2000,
		Grace: 30 * time.Minute, Logger: slog.New(slog.NewTextHandler(&b.logged, nil)),
	}
	return b
}

func (b *bench) start() {
	b.t.Helper()
	var err error
	if b.service, err = aggregator.New(b.cfg); err == nil {
		err = b.service.Start(b.t.Context())
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) crash() {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	b.service.Stop(ctx)
}

// pass lets time pass; a process that died is started again.
func (b *bench) pass(d time.Duration) {
	for ; d > 0; d -= time.Minute {
		<-time.After(min(d, time.Minute))
		if b.store.IsDead() {
			b.crash()
			b.store.Revive()
			b.start()
		}
	}
}

// send sends readings of a device, some seconds ago.
func (b *bench) send(device string, ago ...int) {
	b.t.Helper()
	var some []fleet.Reading
	for _, s := range ago {
		at := time.Now().Add(-time.Duration(s) * time.Second).Truncate(time.Second)
		r := fleet.Reading{Device: device, Tag: "t", Time: at.UnixNano(), Value: float64(b.random.IntN(100))}
		some = append(some, r)
		name := windowName(&aggregator.Row{Device: device, Tag: "t", Start: at.Truncate(time.Minute).UnixNano()})
		b.want[name] = append(b.want[name], r.Value)
	}
	b.append(some)
}

func (b *bench) append(some []fleet.Reading) {
	b.t.Helper()
	some = append(some, some[0]) // it comes twice
	body := stream.Append(nil, some)
	if err := b.log.Append(b.t.Context(), []stream.Message{{Partition: fleet.Partition(some[0].Device, b.cfg.Partitions), Body: body}}); err != nil {
		b.t.Fatal(err)
	}
}

// tooLate sends a reading that no window takes.
func (b *bench) tooLate(device string, value float64) {
	at := time.Now().Add(-70 * time.Hour).Truncate(time.Second)
	b.append([]fleet.Reading{{Device: device, Tag: "t", Time: at.UnixNano(), Value: value}})
	line := fmt.Sprintf("%s %v", device, value)
	b.late = append(b.late, line, line)
}

func windowName(r *aggregator.Row) string {
	return fmt.Sprintf("%s/%s %s", r.Device, r.Tag, time.Unix(0, r.Start).UTC().Format("02 15:04"))
}

// script is days of a small fleet: hours that end and are merged, readings that are late
// for them, and for hours that checkpoints have forgotten.
func (b *bench) script() {
	const minute, hour = 60, 3600
	for i := range 7 {
		b.send("a", 50, 40, 30, 20, 10)
		b.send("b", 45, 5)
		if i%2 == 0 {
			b.tooLate("b", float64(100+i))
		}
		if i%3 == 1 {
			b.send("a", 17*minute+1, 17*minute+2) // a revision
		}
		b.pass(11 * time.Minute)
	}
	b.send("c", 2*hour) // it is merged: another file of it
	b.pass(25 * time.Minute)
	b.send("a", 1, 2*hour+31)
	b.tooLate("a", 7)
	b.pass(47 * time.Hour)
	b.send("a", 1, 3, 48*hour) // hours are old: they go from the checkpoint
	b.pass(2 * time.Hour)
	b.send("a", 50*hour+1)  // a revision in one of them
	b.send("late", 51*hour) // and a first one
	b.send("b", 1)
	b.tooLate("b", 8)
	b.pass(15 * time.Minute)
	b.send("b", 51*hour+2)
	b.pass(15 * time.Minute)
	b.send("b", 51*hour+3)
	b.pass(3 * time.Hour)
	b.send("a", 1)
	b.pass(2 * time.Hour)
	b.send("a", 1)
	b.pass(30 * time.Minute)
}

// stored reads the files that count as doc.go says, without a service.
func (b *bench) stored() (map[string]aggregator.Row, error) {
	ctx := context.Background()
	rows := map[string]aggregator.Row{}
	for p := range b.cfg.Partitions {
		var c aggregator.Checkpoint
		for info := range b.store.Store.List(ctx, fmt.Sprintf("checkpoints/1m/p=%03d/", p)) {
			if strings.HasSuffix(info.Key, ".json") {
				data, err := b.store.Store.Get(ctx, info.Key, nil)
				if err == nil {
					c = aggregator.Checkpoint{}
					err = json.Unmarshal(data, &c)
				}
				if err != nil {
					return nil, err
				}
			}
		}
		var keys []string
		named := map[time.Time]bool{}
		for _, f := range c.Files {
			named[f.Hour.UTC()] = true
			keys = append(keys, f.Key)
		}
		for info := range b.store.Store.List(ctx, "windows/window=1m/") {
			var hour time.Time
			hour, err := time.Parse("windows/window=1m/date=2006-01-02/hour=15", info.Key[:strings.LastIndexByte(info.Key, '/')])
			if err != nil {
				return nil, err
			}
			if strings.Contains(info.Key, fmt.Sprintf("/p=%03d-", p)) && hour.Before(c.Since) && !named[hour] {
				keys = append(keys, info.Key)
			}
		}
		for _, key := range keys {
			data, err := b.store.Store.Get(ctx, key, nil)
			if err != nil {
				return nil, err
			}
			more, err := aggregator.Decode(data)
			if err != nil {
				return nil, err
			}
			for _, r := range more {
				if old, ok := rows[windowName(&r)]; ok && old.Rev > r.Rev {
					return nil, fmt.Errorf("%s: revision %d of a later file supersedes %d", windowName(&r), r.Rev, old.Rev)
				}
				rows[windowName(&r)] = r
			}
		}
	}
	return rows, nil
}

// check compares what is stored with what was sent.
func (b *bench) check() error {
	rows, err := b.stored()
	errs := []error{err}
	for name, values := range b.want {
		r, ok := rows[name]
		sum := 0.0
		for _, v := range values {
			sum += v
		}
		if !ok || r.Count != int64(len(values)) || r.Sum != sum || r.Min != slices.Min(values) || r.Max != slices.Max(values) {
			errs = append(errs, fmt.Errorf("%s is rev %d of %d, sum %v, and not of %v", name, r.Rev, r.Count, r.Sum, values))
		}
	}
	if len(rows) != len(b.want) {
		errs = append(errs, fmt.Errorf("%d windows, not %d", len(rows), len(b.want)))
	}
	var late []string
	for info := range b.store.Store.List(context.Background(), "late/") {
		data, err := b.store.Store.Get(context.Background(), info.Key, nil)
		errs = append(errs, err)
		for line := range bytes.Lines(data) {
			var l aggregator.LateReading
			errs = append(errs, json.Unmarshal(line, &l))
			late = append(late, fmt.Sprintf("%s %v", l.Device, l.Value))
		}
	}
	slices.Sort(late)
	slices.Sort(b.late)
	if !slices.Equal(late, b.late) {
		errs = append(errs, fmt.Errorf("late are %v, not %v", late, b.late))
	}
	return errors.Join(errs...)
}

// TestFaults has the store go wrong at each of its writes in turn, in each way.
func TestFaults(t *testing.T) {
	writes := 0
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 1)
		b.start()
		b.script()
		b.service.Stop(t.Context())
		if err := b.check(); err != nil {
			t.Fatal(err)
		}
		writes = b.store.Writes
		checkNames(t, b)
		replay(t, b)
	})
	step := int(faulty.Faults) // each write goes wrong in one way
	if os.Getenv("FLEETSCORE_SOAK") != "" {
		step = 1
	}
	for how := range faulty.Faults {
		t.Run(how.String(), func(t *testing.T) {
			for at := int(how) % step; at < writes; at += step {
				synctest.Test(t, func(t *testing.T) {
					b := newBench(t, 1)
					b.store.At, b.store.How = at, how
					b.start()
					b.script()
					b.service.Stop(t.Context())
					if b.store.Revive() {
						b.start()
						b.pass(5 * time.Minute)
						b.service.Stop(t.Context())
					}
					if b.store.At >= 0 {
						t.Errorf("there was no write %d", at)
					}
					if err := b.check(); err != nil {
						t.Errorf("at write %d: %v\n%s", at, err, b.logged.Bytes())
					}
				})
			}
		})
	}
	t.Logf("%d writes, each goes wrong in %d ways", writes, int(faulty.Faults)/step)
}

// checkNames proves that the script comes to what it is about.
func checkNames(t *testing.T, b *bench) {
	t.Helper()
	files, merged := 0, 0
	var c aggregator.Checkpoint
	var since time.Time
	for info := range b.store.Store.List(t.Context(), "checkpoints/") {
		if data, err := b.store.Store.Get(t.Context(), info.Key, nil); err == nil && json.Unmarshal(data, &c) == nil {
			since = c.Since
		}
	}
	for _, f := range c.Files {
		if f.Merged {
			merged++
		}
	}
	old := 0
	for info := range b.store.Store.List(t.Context(), "windows/") {
		files++
		if hour, err := time.Parse("windows/window=1m/date=2006-01-02/hour=15", info.Key[:strings.LastIndexByte(info.Key, '/')]); err == nil && hour.Before(since) {
			old++
		}
	}
	if merged == 0 || old == 0 || b.log.Trimmed(0) == 0 {
		t.Errorf("%d files, %d merged, %d of hours before %v, trimmed to %v", files, merged, old, since, b.log.Trimmed(0))
	}
	t.Logf("%d files, %d named and merged, %d in hours before those", files, merged, old)
}

// replay aggregates the whole log again: the windows are the same.
func replay(t *testing.T, b *bench) {
	t.Helper()
	first, err := b.stored()
	if err != nil {
		t.Fatal(err)
	}
	again := newBench(t, b.cfg.Partitions)
	again.log = b.log.Whole()
	again.cfg.Log = again.log
	again.want, again.late = b.want, b.late
	again.start()
	<-time.After(time.Hour)
	again.service.Stop(t.Context())
	if err := again.check(); err != nil {
		t.Errorf("a replay: %v", err)
	}
	second, err := again.stored()
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range first {
		s := second[name]
		if math.IsNaN(r.Stddev) && math.IsNaN(s.Stddev) {
			r.Stddev, s.Stddev = 0, 0
		}
		r.Coverage, s.Coverage = 0, 0
		if fmt.Sprintf("%+v", r) != fmt.Sprintf("%+v", s) {
			t.Errorf("%s is\n%+v and in a replay\n%+v", name, r, s)
		}
	}
}

// Two services on one store and log: of each partition one gives up, and nothing is
// doubled.
func TestTwo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 2)
		b.start()
		first := b.service
		b.start()
		b.script()
		lost := 0
		for _, s := range append(first.Status(), b.service.Status()...) {
			if strings.Contains(s.Failed, "another process aggregates this partition") {
				lost++
			}
		}
		if lost != 2 {
			t.Errorf("%d workers have given up, not one for each partition", lost)
		}
		first.Stop(t.Context())
		b.service.Stop(t.Context())
		b.start() // one of them may have had partitions that it lost since
		b.pass(30 * time.Minute)
		b.service.Stop(t.Context())
		if err := b.check(); err != nil {
			t.Error(err)
		}
	})
}

// The stream was deleted: what is in the new one counts, all of it, and what was
// aggregated stays.
func TestDeletedStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 1)
		b.start()
		b.send("a", 50, 40, 30)
		b.pass(15 * time.Minute)
		b.send("a", 50, 40, 30)
		b.pass(2 * time.Second)
		b.service.Stop(t.Context()) // the window is open: the engine has it
		b.log = memlog.New(1, 1000)
		b.cfg.Log = b.log
		b.start()
		b.pass(3 * time.Second)
		b.crash()
		b.send("a", 20, 10)
		b.start()
		b.pass(15 * time.Minute)
		b.service.Stop(t.Context())
		if err := b.check(); err != nil {
			t.Error(err)
		}
		if !strings.Contains(b.logged.String(), "the stream does not go on from the last checkpoint") {
			t.Errorf("it does not say so:\n%s", b.logged.Bytes())
		}
	})
}

// A log that is full is trimmed, though no window ends that could be stored.
func TestFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 1)
		w := b.cfg.Windows["1m"]
		w.Every, w.Idle = 24*time.Hour, 240*time.Hour
		b.cfg.Windows["1m"] = w
		b.start()
		b.send("a", 2, 1)
		b.pass(time.Minute)
		b.log.Fill()
		b.pass(3 * time.Hour)
		b.service.Stop(t.Context())
		if b.log.Trimmed(0) == 0 {
			t.Error("it is full for ever")
		}
	})
}

// An interval of windows that overlap is ready when none that starts in it is open.
func TestOverlapping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 1)
		w := b.cfg.Windows["1m"]
		w.Every, w.Hop, w.Idle = 10*time.Minute, time.Minute, time.Hour
		b.cfg.Windows["1m"] = w
		b.start()
		from := time.Now().Truncate(10 * time.Minute)
		b.pass(time.Until(from.Add(11 * time.Minute)))
		b.send("a", 90, 30) // the first of the windows ends
		ask := func() int {
			ctx, stop := context.WithTimeout(t.Context(), time.Second)
			defer stop()
			_, behind, err := b.service.Files(ctx, "1m", fleet.NewInterval(from, from.Add(10*time.Minute)))
			if err != nil {
				t.Error(err)
			}
			return behind
		}
		if ask() != 1 {
			t.Error("nine windows of ten are open, and it is ready")
		}
		b.pass(10 * time.Minute)
		b.send("a", 1)
		if ask() != 0 {
			t.Error("none is open, and it is not ready")
		}
		b.store.Until = time.Now().Add(time.Hour)
		b.send("a", 2*3600)
		b.pass(20 * time.Minute)
		begin := time.Now()
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if _, _, err := b.service.Files(ctx, "1m", fleet.NewInterval(from, from.Add(10*time.Minute))); err == nil || !strings.Contains(err.Error(), faulty.ErrFault.Error()) || time.Since(begin) > 2*time.Minute {
			t.Errorf("the store is away, and after %v: %v", time.Since(begin), err)
		}
		b.crash()
	})
}

// A backlog of hours is taken in few steps, though its hours have long been over.
func TestBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 1)
		for range 240 {
			b.send("a", 50, 40, 30, 20, 10)
			<-time.After(time.Minute)
		}
		b.start()
		b.pass(30 * time.Minute)
		pinned := map[string]bool{}
		b.cfg.Pinned = func() map[string]bool { return pinned }
		for info := range b.store.List(t.Context(), "windows/") {
			pinned[info.Key] = true
		}
		b.service.Stop(t.Context())
		if err := b.check(); err != nil {
			t.Error(err)
		}
		if b.store.Writes > 240 { // a step takes three, and one merge an hour
			t.Errorf("%d writes for 240 windows", b.store.Writes)
		}
		// What a run reads stays, longer than the others.
		b.start()
		for range 9 {
			b.send("a", 3*3600+20)
			b.pass(13 * time.Minute)
		}
		b.pass(2 * time.Hour)
		b.service.Stop(t.Context())
		for key := range pinned {
			if _, err := b.store.Stat(t.Context(), key); err != nil {
				t.Error(err)
			}
		}
	})
}

// Late readings cost few reads of the store, and an hour has few files, however often
// there is a flush.
func TestManyLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 1)
		b.cfg.Flush = time.Second
		b.start()
		<-time.After(time.Until(time.Now().Truncate(time.Hour).Add(90 * time.Minute)))
		for range 400 {
			b.send("a", 1, 598) // ten minutes late
			<-time.After(5 * time.Second)
		}
		b.pass(3 * time.Minute)
		b.service.Stop(t.Context())
		if err := b.check(); err != nil {
			t.Error(err)
		}
		if b.store.Reads > 500 {
			t.Errorf("%d reads for 400 late readings", b.store.Reads)
		}
		t.Logf("%d writes, %d reads", b.store.Writes, b.store.Reads)
	})
}

// What may be changed, and what not.
func TestChangedSettings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 2)
		b.start()
		b.send("a", 30, 20)
		b.send("b", 30, 20)
		b.pass(2 * time.Second)
		b.service.Stop(t.Context())
		change := func(do func(*window.Config)) {
			w := b.cfg.Windows["1m"]
			do(&w)
			b.cfg.Windows = map[string]window.Config{"1m": w}
		}
		refused := func(want string) {
			t.Helper()
			s, err := aggregator.New(b.cfg)
			if err == nil {
				err = s.Start(t.Context())
				s.Stop(t.Context())
			}
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, not %q", err, want)
			}
		}
		change(func(w *window.Config) { w.Every = 2 * time.Minute })
		refused("windows.1m: the settings do not fit what is stored: its windows are of every 1m0s, hop 1m0s, and the settings say every 2m0s, hop 2m0s; give the new ones another name")
		change(func(w *window.Config) { w.Every, w.Hop = time.Minute, 30*time.Second })
		refused("hop 30s")
		change(func(w *window.Config) {
			w.Hop, w.Tolerance, w.Lateness, w.Percentiles = time.Minute, time.Second, 61*time.Hour, []float64{0.5}
		})
		b.log = memlog.New(3, 100)
		b.cfg.Log, b.cfg.Partitions = b.log, 3
		refused("there are 2 partitions in the store, and the settings say 3")
		b.cfg.Partitions = 2
		b.start()
		b.send("a", 10)
		b.pass(5 * time.Hour)
		b.send("a", 5*3600+15)
		b.pass(5 * time.Hour)
		b.service.Stop(t.Context())
		if err := b.check(); err != nil {
			t.Error(err)
		}
	})
}
