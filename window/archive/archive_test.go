package archive_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/internal/testkit/faulty"
	"github.com/fleetscore/fleetscore/internal/testkit/memlog"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/stream"
	"github.com/fleetscore/fleetscore/window/archive"
)

// site is an archive over a log in memory and a store that may go wrong, in a bubble
// whose clock is its own.
type site struct {
	t       *testing.T
	log     *memlog.Log
	store   *faulty.Store
	service *archive.Service
	cfg     archive.Config
	want    []string // rows
	sent    uint64
	logged  bytes.Buffer
}

func newSite(t *testing.T, parts int) *site {
	s := &site{t: t, log: memlog.New(parts, 1), store: faulty.New()}
	s.cfg = archive.Config{
		Log: s.log, Store: s.store, Partitions: parts, Every: 10 * time.Minute, FlushBytes: 300, MostBytes: parts * 400,
		Logger: slog.New(slog.NewTextHandler(&s.logged, nil)),
	}
	return s
}

func (s *site) start() {
	s.t.Helper()
	var err error
	if s.service, err = archive.New(s.cfg); err != nil {
		s.t.Fatal(err)
	}
	s.service.Start(s.t.Context())
}

func (s *site) crash() {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	s.service.Stop(ctx)
}

// pass lets time pass; a process that died is started again.
func (s *site) pass(d time.Duration) {
	for ; d > 0; d -= time.Minute {
		<-time.After(min(d, time.Minute))
		if s.store.IsDead() {
			s.crash()
			s.store.Revive()
			s.start()
		}
	}
}

// send appends a message of some readings, each unlike any other.
func (s *site) send(device string, n int) {
	s.t.Helper()
	<-time.After(time.Second)
	var some []fleet.Reading
	for range n {
		s.sent++
		some = append(some, fleet.Reading{
			Device: device, Tag: fmt.Sprintf("tag%d", s.sent%3), Time: time.Now().Add(-time.Duration(s.sent*7919%60) * time.Second).UnixNano(),
			Value: float64(s.sent), Seq: s.sent, HasSeq: s.sent%2 == 0,
		})
	}
	now := time.Now()
	for i := range some {
		s.want = append(s.want, row(&some[i], now))
	}
	s.append(device, stream.Append(nil, some))
}

func (s *site) append(device string, body []byte) {
	s.t.Helper()
	if err := s.log.Append(s.t.Context(), []stream.Message{{Partition: fleet.Partition(device, s.cfg.Partitions), Body: body}}); err != nil {
		s.t.Fatal(err)
	}
}

// row is a reading as it is to be in the archive, with the hour of its file.
func row(r *fleet.Reading, at time.Time) string {
	seq := "none"
	if r.HasSeq {
		seq = fmt.Sprint(r.Seq)
	}
	return fmt.Sprintf("%s %s/%s %d %v %s %d", at.UTC().Format("date=2006-01-02/hour=15"), r.Device, r.Tag, time.Unix(0, r.Time).UnixMicro(), r.Value, seq, at.UnixMilli())
}

// calls are to be done outside of bubbles: the decoder keeps what it made in one.
var calls = make(chan func())

func TestMain(m *testing.M) {
	go func() {
		for call := range calls {
			call()
		}
	}()
	code := m.Run()
	close(calls)
	os.Exit(code)
}

func outside(call func()) {
	calls <- call
	calls <- func() {} // then it is done
}

// archived is a row of a file.
type archived struct {
	Device   string  `parquet:"device,dict"`
	Tag      string  `parquet:"tag,dict"`
	Time     int64   `parquet:"ts,timestamp(microsecond)"`
	Value    float64 `parquet:"value"`
	Seq      *uint64 `parquet:"seq"`
	Received int64   `parquet:"received,timestamp(millisecond)"`
}

// files reads what is in the archive.
func (s *site) files() (rows []string, files int, err error) {
	ctx := context.Background()
	for info := range s.store.Store.List(ctx, "readings/") {
		files++
		data, err := s.store.Store.Get(ctx, info.Key, nil)
		if err != nil {
			return nil, 0, err
		}
		var all []archived
		outside(func() { all, err = parquet.Read[archived](bytes.NewReader(data), int64(len(data))) })
		if err != nil {
			return nil, 0, fmt.Errorf("%s: %w", info.Key, err)
		}
		if !slices.IsSortedFunc(all, func(a, b archived) int {
			return cmp.Or(cmp.Compare(a.Device, b.Device), cmp.Compare(a.Tag, b.Tag), cmp.Compare(a.Time, b.Time))
		}) {
			return nil, 0, fmt.Errorf("%s is not sorted", info.Key)
		}
		for _, r := range all {
			one := fleet.Reading{Device: r.Device, Tag: r.Tag, Time: r.Time * 1000, Value: r.Value, HasSeq: r.Seq != nil}
			if r.Seq != nil {
				one.Seq = *r.Seq
			}
			text := row(&one, time.UnixMilli(r.Received))
			if prefix := fmt.Sprintf("readings/%s/p=%03d-", text[:len("date=2006-01-02/hour=15")], fleet.Partition(r.Device, s.cfg.Partitions)); !strings.HasPrefix(info.Key, prefix) {
				return nil, 0, fmt.Errorf("%s is in %s", text, info.Key)
			}
			rows = append(rows, text)
		}
	}
	return rows, files, nil
}

// check compares what is archived with what was sent: each reading once.
func (s *site) check() error {
	rows, _, err := s.files()
	if err != nil {
		return err
	}
	times := map[string]int{}
	for _, r := range rows {
		times[r]++
	}
	var errs []error
	for _, r := range s.want {
		if times[r] != 1 {
			errs = append(errs, fmt.Errorf("%q is archived %d times", r, times[r]))
		}
	}
	if len(rows) != len(s.want) {
		errs = append(errs, fmt.Errorf("%d readings are archived, and %d were sent", len(rows), len(s.want)))
	}
	return errors.Join(errs...)
}

// script is hours of a small fleet: much and little, ticks, and silence.
func (s *site) script() {
	for i := range 40 {
		s.send("a", 3)
		if i%3 == 0 {
			s.send("b", 1)
		}
		s.pass(time.Duration(i%5) * time.Minute)
	}
	s.pass(3 * time.Hour)
	s.append("a", nil)
	s.append("b", nil)
	s.pass(30 * time.Minute)
	for range 12 {
		s.send("a", 10)
	}
	s.pass(time.Hour)
	s.send("b", 2)
	s.pass(20 * time.Minute)
}

// Wherever the store goes wrong, and in whatever way, each reading is in one file, and
// what is in none is in the stream.
func TestFaults(t *testing.T) {
	writes := 0
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, 2)
		s.start()
		s.script()
		s.service.Stop(t.Context())
		if err := s.check(); err != nil {
			t.Fatal(err)
		}
		writes = s.store.Writes
		_, files, _ := s.files()
		var stored uint64
		for _, p := range s.service.Status() {
			stored += p.Readings
			if s.log.Trimmed(p.Partition) != p.Stored || p.Stored != p.Read || p.Held != 0 || !p.Oldest.IsZero() {
				t.Errorf("trimmed to %d, and the rest is %+v", s.log.Trimmed(p.Partition), p)
			}
		}
		if stored != s.sent || files < 12 || files > 40 {
			t.Errorf("%d readings of %d, %d files", stored, s.sent, files)
		}
		t.Logf("%d files, %d writes", files, writes)
	})
	step := int(faulty.Faults) // each write goes wrong in one way
	if os.Getenv("FLEETSCORE_SOAK") != "" {
		step = 1
	}
	for how := range faulty.Faults {
		t.Run(how.String(), func(t *testing.T) {
			for at := int(how) % step; at < writes; at += step {
				synctest.Test(t, func(t *testing.T) {
					s := newSite(t, 2)
					s.store.At, s.store.How = at, how
					s.start()
					s.script()
					s.service.Stop(t.Context())
					if s.store.Revive() {
						s.start()
						s.pass(15 * time.Minute)
						s.service.Stop(t.Context())
					}
					if err := s.check(); err != nil {
						t.Errorf("at write %d: %v\n%s", at, err, s.logged.Bytes())
					}
				})
			}
		})
	}
}

// A service that is killed at any time goes on where it was.
func TestCrashes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, 2)
		s.start()
		for i := range 200 {
			s.send("a", 1+i%4)
			s.send("b", 1)
			<-time.After(time.Duration(i*7919%240) * time.Second)
			if i%3 == 0 {
				s.crash()
				if err := s.atMostOnce(); err != nil {
					t.Fatal(err)
				}
				s.start()
			}
		}
		s.service.Stop(t.Context())
		if err := s.check(); err != nil {
			t.Errorf("%v\n%s", err, s.logged.Bytes())
		}
	})
}

// atMostOnce looks at what is there while not all is.
func (s *site) atMostOnce() error {
	rows, _, err := s.files()
	slices.Sort(rows)
	if n := len(slices.Compact(slices.Clone(rows))); n != len(rows) {
		return fmt.Errorf("%d of %d rows are there twice", len(rows)-n, len(rows))
	}
	return err
}

// Two services on one store and log: of each partition one gives up, and nothing is
// doubled.
func TestTwo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, 2)
		s.start()
		first := s.service
		s.start()
		s.script()
		lost := 0
		for _, p := range append(first.Status(), s.service.Status()...) {
			if strings.Contains(p.Failed, "another process archives this partition") {
				lost++
			}
		}
		if lost != 2 {
			t.Errorf("%d workers have given up, not one for each partition", lost)
		}
		first.Stop(t.Context())
		s.service.Stop(t.Context())
		if err := s.check(); err != nil {
			t.Error(err)
		}
	})
}

// Two machines archive in turns, each a log of its own, of which one's clock is behind:
// each reading is archived once.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := newSite(t, 2), newSite(t, 2)
		second.store = first.store
		first.cfg.Stream, second.cfg.Stream, second.cfg.Store = "first", "second", first.store
		second.sent = 1 << 20 // other readings
		for turn := range 6 {
			s := []*site{first, second}[turn%2]
			s.start()
			s.script()
			if turn < 4 {
				s.crash()
			} else {
				s.service.Stop(t.Context())
			}
		}
		first.want = append(first.want, second.want...)
		if err := first.check(); err != nil {
			t.Error(err)
		}
	})
}

// What is not as it was when a service starts again.
func TestOtherStream(t *testing.T) {
	lost := func(s *site, from, to int) { s.want = slices.Delete(s.want, from, to) }
	for name, c := range map[string]struct {
		change func(*site)
		says   string
	}{
		"deleted": {func(s *site) {
			s.log = memlog.New(1, 1)
		}, "the stream does not go on from what is archived"},
		"deleted, and has come further": {func(s *site) {
			s.log = memlog.New(1, 100)
			for range 30 {
				s.send("a", 1)
			}
		}, "the stream does not go on from what is archived"},
		"brought back from a copy": {func(s *site) {
			s.service.Stop(s.t.Context())
			copied := s.log.Whole()
			s.start()
			s.send("a", 2)
			s.pass(11 * time.Minute)
			s.service.Stop(s.t.Context())
			s.log = copied
		}, "the stream does not go on from what is archived"},
		"trimmed while nothing was archived": {func(s *site) {
			from := len(s.want)
			s.send("a", 2)
			s.send("a", 2)
			lost(s, from, from+4)
			s.trim()
		}, "the stream does not go on from what is archived"},
		"trimmed, and a file was claimed": {func(s *site) {
			from := len(s.want)
			s.send("a", 2)
			s.store.At, s.store.How = 1, faulty.Dies
			s.start()
			<-time.After(11 * time.Minute)
			s.crash()
			if !s.store.Revive() {
				s.t.Error("it is not dead")
			}
			lost(s, from, from+2)
			s.send("a", 1)
			lost(s, from, from+1)
			s.trim()
		}, "a file of the archive is missing"},
		"the last file deleted, and past its retention": {func(s *site) {
			s.pass(24 * time.Hour)
			n, err := archive.Sweep(s.t.Context(), s.store, time.Now().Add(-12*time.Hour), nil)
			if n == 0 || err != nil {
				s.t.Errorf("%d files are deleted, %v", n, err)
			}
			s.cfg.Retention = func() time.Duration { return 12 * time.Hour }
			lost(s, 0, len(s.want))
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t, 1)
				s.start()
				for range 10 {
					s.send("a", 3)
					s.pass(3 * time.Minute)
				}
				s.service.Stop(t.Context())
				c.change(s)
				s.cfg.Log = s.log
				s.start()
				for range 10 {
					s.send("a", 3)
					s.pass(3 * time.Minute)
				}
				s.crash()
				s.start()
				s.pass(11 * time.Minute)
				s.service.Stop(t.Context())
				if err := s.check(); err != nil {
					t.Errorf("%v\n%s", err, s.logged.Bytes())
				}
				if c.says == "" && s.logged.Len() > 0 || !strings.Contains(s.logged.String(), c.says) {
					t.Errorf("it does not say %q:\n%s", c.says, s.logged.Bytes())
				}
				states, _ := s.log.State(t.Context())
				if s.log.Trimmed(0) != states[0].Last {
					t.Errorf("trimmed to %d of %d", s.log.Trimmed(0), states[0].Last)
				}
			})
		})
	}
}

// trim deletes all that is in the stream, as happens when nothing is archived.
func (s *site) trim() {
	states, err := s.log.State(s.t.Context())
	if err == nil {
		err = s.log.Trim(s.t.Context(), 0, states[0].Last)
	}
	if err != nil {
		s.t.Error(err)
	}
}

// What is replayed was archived before, and what cannot be read stops nothing. The
// stream is trimmed beyond both.
func TestLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, 1)
		s.start()
		again := stream.Append(nil, []fleet.Reading{{Device: "a", Tag: "t", Replayed: true}})
		s.append("a", again)
		s.pass(11 * time.Minute)
		if _, files, _ := s.files(); files != 0 || s.log.Trimmed(0) != 1 {
			t.Errorf("%d files, trimmed to %d", files, s.log.Trimmed(0))
		}
		s.send("a", 2)
		s.append("a", again)
		s.append("a", []byte("no batch"))
		s.send("a", 1)
		s.pass(11 * time.Minute)
		s.service.Stop(t.Context())
		if err := s.check(); err != nil {
			t.Error(err)
		}
		if !strings.Contains(s.logged.String(), "damaged") {
			t.Errorf("it does not say so:\n%s", s.logged.Bytes())
		}
	})
}

// While the store is away it says so and waits, with bounded memory, and then catches up.
func TestAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, 1)
		s.start()
		s.pass(time.Second)
		s.store.Until = time.Now().Add(5 * time.Hour)
		for range 40 {
			s.send("a", 20)
		}
		s.pass(time.Hour)
		if p := s.service.Status()[0]; !strings.Contains(p.Trouble, faulty.ErrFault.Error()) || p.Held > 1000 || p.Stored != 0 || p.Oldest.IsZero() {
			t.Errorf("it is away: %+v", p)
		}
		s.pass(5 * time.Hour)
		if p := s.service.Status()[0]; p.Trouble != "" || p.Held != 0 {
			t.Errorf("it is there again: %+v", p)
		}
		s.service.Stop(t.Context())
		if err := s.check(); err != nil {
			t.Error(err)
		}
	})
}

// Files go hour by hour, but for those that are read, and what is not ours stays.
func TestSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, 2)
		s.start()
		begin := time.Now().Truncate(time.Hour)
		for range 5 {
			s.send("a", 1)
			s.send("b", 1)
			s.pass(time.Hour)
		}
		s.service.Stop(t.Context())
		for _, key := range []string{"readings/mine.parquet", "readings/date=1990-01-01/hour=01/mine.parquet"} {
			if err := s.store.Put(t.Context(), key, strings.NewReader("x")); err != nil {
				t.Fatal(err)
			}
		}
		used := []fleet.Interval{{From: begin.Add(time.Hour), To: begin.Add(2 * time.Hour)}}
		n, err := archive.Sweep(t.Context(), s.store, begin.Add(3*time.Hour+59*time.Minute), used)
		var left []string
		for info := range s.store.List(t.Context(), "readings/") {
			left = append(left, info.Key)
		}
		if n != 4 || err != nil || len(left) != 8 {
			t.Errorf("%d deleted, %v; left are %q", n, err, left)
		}
		s.store.At, s.store.How = 1, faulty.Fails
		if n, err := archive.Sweep(t.Context(), s.store, begin.Add(time.Hour*24), nil); n != 5 || !errors.Is(err, faulty.ErrFault) {
			t.Errorf("%d deleted, %v", n, err)
		}
	})
}

func TestConfig(t *testing.T) {
	if _, err := archive.New(archive.Config{Every: -1}); err == nil || !strings.Contains(err.Error(), "a log and a store") || !strings.Contains(err.Error(), "at least one partition") || !strings.Contains(err.Error(), "held for -1ns") {
		t.Error(err)
	}
}

// A claim that is damaged, or another's, is not gone on from.
func TestDamagedClaim(t *testing.T) {
	for body, says := range map[string]string{"{": "is damaged", `{"version":2,"number":1}`: "is of version 2, partition 0, number 1"} {
		synctest.Test(t, func(t *testing.T) {
			s := newSite(t, 1)
			if err := s.store.Put(t.Context(), "checkpoints/_archive/p=000/000000000001.json", io.Reader(strings.NewReader(body))); err != nil {
				t.Fatal(err)
			}
			s.start()
			s.send("a", 1)
			s.pass(time.Hour)
			if p := s.service.Status()[0]; !strings.Contains(p.Trouble, says) || s.log.Trimmed(0) != 0 {
				t.Errorf("%+v", p)
			}
			s.crash()
		})
	}
}

var _ store.Store = (*faulty.Store)(nil)
