package pack_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/fleetscore/fleetscore/sklearn"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/filestore"
	"github.com/fleetscore/fleetscore/store/memstore"
	"github.com/fleetscore/fleetscore/store/pack"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// counting counts what is asked of a store, and makes it fail.
type counting struct {
	store.Store
	gets, lists, puts atomic.Int64
	fail              func(key string) error // of a Get
}

func (c *counting) Get(ctx context.Context, key string, buf []byte) ([]byte, error) {
	c.gets.Add(1)
	if c.fail != nil {
		if err := c.fail(key); err != nil {
			return nil, fmt.Errorf("getting %s: %w", key, err)
		}
	}
	return c.Store.Get(ctx, key, buf)
}

func (c *counting) GetRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	c.gets.Add(1)
	return c.Store.GetRange(ctx, key, offset, length)
}

func (c *counting) Put(ctx context.Context, key string, body io.Reader) error {
	c.puts.Add(1)
	return c.Store.Put(ctx, key, body)
}

func (c *counting) List(ctx context.Context, prefix string) iter.Seq2[store.Info, error] {
	c.lists.Add(1)
	return c.Store.List(ctx, prefix)
}

func (c *counting) reset() { c.gets.Store(0); c.lists.Store(0); c.puts.Store(0) }

// fleetOf is models in a store whose times the test sets.
type fleetOf struct {
	t interface {
		Fatal(...any)
		Fatalf(string, ...any)
		Helper()
	}
	s     store.Store
	now   time.Time
	truth map[string]string
	times map[string]time.Time
}

func newFleet(t *testing.T, s store.Store) *fleetOf {
	return &fleetOf{t: t, s: s, now: time.Now(), truth: map[string]string{}, times: map[string]time.Time{}}
}

func (f *fleetOf) put(key, body string) {
	f.t.Helper()
	if err := f.s.Put(context.Background(), key, strings.NewReader(body)); err != nil {
		f.t.Fatal(err)
	}
	f.truth[key], f.times[key] = body, f.now
}

func (f *fleetOf) remove(key string) {
	if err := f.s.Delete(context.Background(), key); err != nil {
		f.t.Fatal(err)
	}
	delete(f.truth, key)
	delete(f.times, key)
}

// later lets time go by, so that what was put is settled.
func (f *fleetOf) later() { f.now = f.now.Add(10 * time.Second) }

func (f *fleetOf) sources() []pack.Source {
	var sources []pack.Source
	for _, key := range slices.Sorted(maps.Keys(f.truth)) {
		sources = append(sources, pack.Source{Key: key, Size: int64(len(f.truth[key])), ModTime: f.times[key]})
	}
	return sources
}

func (f *fleetOf) builder() *pack.Builder {
	return &pack.Builder{Store: f.s, Now: func() time.Time { return f.now }}
}

func (f *fleetOf) build(b *pack.Builder) (pack.Set, pack.Stats) {
	f.t.Helper()
	set, stats, err := b.Build(context.Background(), 7, f.sources())
	if err != nil {
		f.t.Fatal(err)
	}
	return set, stats
}

// check opens a set and compares all that it holds with the truth.
func (f *fleetOf) check(set pack.Set) {
	f.t.Helper()
	r, err := pack.Open(context.Background(), f.s, set.Packs, pack.Cache{})
	if err != nil {
		f.t.Fatal(err)
	}
	if keys := slices.Collect(r.Keys()); !slices.Equal(keys, slices.Sorted(maps.Keys(f.truth))) {
		f.t.Fatalf("packs hold %q, want %q", keys, slices.Sorted(maps.Keys(f.truth)))
	}
	if set.Models != len(f.truth) {
		f.t.Fatalf("the set has %d models, want %d", set.Models, len(f.truth))
	}
	for key, body := range f.truth {
		data, digest, err := r.Model(key)
		if err != nil || string(data) != body || digest != sklearn.Digest([]byte(body)) {
			f.t.Fatalf("model %s is %.50q, %s, %v; want %.50q", key, data, digest, err, body)
		}
	}
	if _, _, err := r.Model("models/none"); !errors.Is(err, store.ErrNotFound) {
		f.t.Fatal(err)
	}
}

// on runs a test on every driver that needs no server.
func on(t *testing.T, test func(t *testing.T, f *fleetOf)) {
	t.Run("memstore", func(t *testing.T) { test(t, newFleet(t, memstore.New())) })
	t.Run("filestore", func(t *testing.T) {
		s, err := filestore.Open(t.TempDir(), filestore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		test(t, newFleet(t, s))
	})
}

func (f *fleetOf) fill(n int) {
	f.t.Helper()
	objects := make([]store.Object, n)
	for i := range objects {
		key, body := fmt.Sprintf("models/%04d.pkl", i), fmt.Sprintf("model %d %s", i, strings.Repeat("x", 100+i%50))
		objects[i] = store.Object{Key: key, Body: []byte(body)}
		f.truth[key], f.times[key] = body, f.now
	}
	if errs := store.PutAll(context.Background(), f.s, objects); errs != nil {
		f.t.Fatal(errors.Join(errs...))
	}
	f.later()
}

func TestDeltas(t *testing.T) {
	on(t, func(t *testing.T, f *fleetOf) {
		b := f.builder()
		f.fill(200)
		set, stats := f.build(b)
		f.check(set)
		if stats.Read != 200 || stats.Packs != 1 || len(set.Packs) != 1 {
			t.Fatalf("the first build: %+v, %q", stats, set.Packs)
		}
		base := set.Packs[0]
		for i := range 12 { // one model changes at a time: deltas, which are merged
			f.put(fmt.Sprintf("models/%04d.pkl", i), "new")
			f.later()
			set, stats = f.build(b)
			f.check(set)
			if stats.Read != 1 || stats.Packs != 1 || set.Packs[len(set.Packs)-1] != base || len(set.Packs) > 5 {
				t.Fatalf("change %d: %+v, %q", i, stats, set.Packs)
			}
		}
		f.remove("models/0003.pkl") // from the base and a delta
		f.remove("models/0100.pkl")
		set, stats = f.build(b)
		f.check(set)
		if stats.Read != 0 || stats.Packs != 1 {
			t.Fatalf("models that are no more: %+v", stats)
		}
		f.put("models/0100.pkl", "it is back")
		for i := range 100 {
			f.put(fmt.Sprintf("models/%04d.pkl", 50+i), "changed")
		}
		f.later()
		set, stats = f.build(b)
		f.check(set)
		if stats.Read != 100 || stats.Copied != 99 || len(set.Packs) != 1 {
			t.Fatalf("half changed: %+v, %q", stats, set.Packs)
		}
	})
}

func TestWhatUnchangedCosts(t *testing.T) {
	s := &counting{Store: memstore.New()}
	f := newFleet(t, s)
	f.fill(50)
	b := f.builder()
	first, _ := f.build(b)
	s.reset()
	if set, stats := f.build(b); s.gets.Load()+s.puts.Load()+s.lists.Load() != 0 || stats != (pack.Stats{}) || !slices.Equal(set.Packs, first.Packs) {
		t.Errorf("the same Builder: %d reads, %d writes, %+v", s.gets.Load(), s.puts.Load(), stats)
	}
	if set, stats := f.build(f.builder()); s.gets.Load() != 1 || s.lists.Load() != 1 || s.puts.Load() != 0 || stats != (pack.Stats{}) || !slices.Equal(set.Packs, first.Packs) {
		t.Errorf("a new Builder: %d reads, %d writes, %+v", s.gets.Load(), s.puts.Load(), stats)
	}
}

// Whatever changes, and whatever of the packs is deleted or damaged meanwhile,
// what is built is the truth.
func TestBuildIsTheTruth(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFleet(t, memstore.New())
		f.t = rt
		size := rapid.Int64Range(100, 5000).Draw(rt, "size")
		builder := func() *pack.Builder {
			b := f.builder()
			b.SetMaxData(size)
			return b
		}
		b := builder()
		key := rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprintf("models/%d/%d.pkl", rapid.IntRange(0, 3).Draw(t, "device"), rapid.IntRange(0, 9).Draw(t, "tag"))
		})
		change := func(rt *rapid.T) {
			for range rapid.IntRange(1, 20).Draw(rt, "changes") {
				f.put(key.Draw(rt, "key"), rapid.StringMatching(`[ab]{0,8}`).Draw(rt, "body"))
			}
		}
		change(rt)
		rt.Repeat(map[string]func(*rapid.T){
			"change":  change,
			"replace": func(rt *rapid.T) { f.put(key.Draw(rt, "key"), rapid.StringN(0, 8, 100).Draw(rt, "body")) },
			"remove": func(rt *rapid.T) {
				if k := key.Draw(rt, "key"); len(f.truth) > 1 {
					f.remove(k)
				}
			},
			"later":   func(*rapid.T) { f.later() },
			"restart": func(*rapid.T) { b = builder() },
			"build": func(*rapid.T) {
				set, _ := f.build(b)
				f.check(set)
			},
			"sweep": func(rt *rapid.T) {
				before := f.now.Add(-time.Duration(rapid.IntRange(-20, 100).Draw(rt, "grace")) * time.Second)
				if _, err := b.Sweep(context.Background(), nil, before); err != nil {
					rt.Fatal(err)
				}
			},
			"delete": func(rt *rapid.T) {
				for info := range f.s.List(context.Background(), pack.Prefix) {
					if rapid.Bool().Draw(rt, "gone") {
						f.s.Delete(context.Background(), info.Key)
					}
				}
				b = builder() // one that trusts what it saw a moment ago would not know
			},
			"cut": func(rt *rapid.T) {
				for info := range f.s.List(context.Background(), pack.Prefix) {
					if rapid.IntRange(0, 3).Draw(rt, "cut") == 0 {
						data, _ := f.s.Get(context.Background(), info.Key, nil)
						f.s.Put(context.Background(), info.Key, bytes.NewReader(data[:rapid.IntRange(0, len(data)).Draw(rt, "to")]))
					}
				}
				b = builder()
			},
		})
		set, _ := f.build(b)
		f.check(set)
	})
}

// A Builder looks again after a while whether packs are there.
func TestPacksAreDeleted(t *testing.T) {
	on(t, func(t *testing.T, f *fleetOf) {
		f.fill(20)
		b := f.builder()
		set, _ := f.build(b)
		for _, key := range set.Packs {
			f.s.Delete(t.Context(), key)
		}
		if _, err := pack.Open(t.Context(), f.s, set.Packs, pack.Cache{}); !errors.Is(err, store.ErrNotFound) {
			t.Error(err)
		}
		f.now = f.now.Add(2 * time.Minute)
		set, stats := f.build(b)
		f.check(set)
		if stats.Read != 20 {
			t.Errorf("%+v", stats)
		}
	})
}

// A model that is replaced in the second in which it was read, by one as long, is
// noticed.
func TestChangedWithinASecond(t *testing.T) {
	f := newFleet(t, memstore.New())
	f.fill(20)
	f.put("models/0003.pkl", "one")
	b := f.builder()
	set, _ := f.build(b)
	f.check(set)
	f.put("models/0003.pkl", "two") // at the same time
	set, stats := f.build(b)
	f.check(set)
	if stats.Read != 2 { // once to look, once to pack
		t.Errorf("%+v", stats)
	}
	f.later()
	set, stats = f.build(b)
	f.check(set)
	if stats.Read != 1 || stats.Packs != 0 {
		t.Errorf("settled: %+v", stats)
	}
	if _, stats = f.build(b); stats != (pack.Stats{}) {
		t.Errorf("after it was settled: %+v", stats)
	}
}

// Models that say they are of the future are not read again and again.
func TestTimesOfTheFuture(t *testing.T) {
	f := newFleet(t, memstore.New())
	now := f.now
	f.now = now.Add(365 * 24 * time.Hour)
	f.fill(10)
	f.now = now
	b := f.builder()
	f.build(b)
	if _, stats := f.build(b); stats != (pack.Stats{}) {
		t.Errorf("%+v", stats)
	}
}

// A model that vanishes between List and Get, and is back as it was.
func TestModelIsAway(t *testing.T) {
	f := newFleet(t, memstore.New())
	f.fill(20)
	sources, body, at := f.sources(), f.truth["models/0001.pkl"], f.times["models/0001.pkl"]
	f.remove("models/0001.pkl")
	b := f.builder()
	set, _, err := b.Build(t.Context(), 7, sources)
	if err != nil {
		t.Fatal(err)
	}
	f.check(set)
	f.put("models/0001.pkl", body)
	f.times["models/0001.pkl"] = at
	set, _ = f.build(b)
	f.check(set)
}

func TestModelsVanishAndFail(t *testing.T) {
	s := &counting{Store: memstore.New()}
	f := newFleet(t, s)
	f.fill(40)
	sources := f.sources()
	gone, at := f.truth["models/0001.pkl"], f.times["models/0001.pkl"]
	f.remove("models/0001.pkl") // after the List
	broken := errors.New("it cannot be read")
	s.fail = func(key string) error {
		if key == "models/0002.pkl" {
			return broken
		}
		return nil
	}
	b := f.builder()
	set, _, err := b.Build(t.Context(), 7, sources)
	if err != nil {
		t.Fatal(err)
	}
	r, err := pack.Open(t.Context(), s, set.Packs, pack.Cache{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Model("models/0001.pkl"); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
	if _, _, err := r.Model("models/0002.pkl"); !errors.Is(err, pack.ErrNotPacked) || !slices.Contains(slices.Collect(r.Keys()), "models/0002.pkl") {
		t.Error(err)
	}
	// Both are as they should be, and nothing says so.
	s.fail = nil
	f.put("models/0001.pkl", gone)
	f.times["models/0001.pkl"] = at
	set, stats := f.build(b)
	f.check(set)
	if stats.Read != 3 || stats.Packs != 1 {
		t.Errorf("%+v", stats)
	}

	// A store that does not answer is no reason to leave out all models.
	s.fail = func(key string) error {
		if strings.HasPrefix(key, "models/") {
			return broken
		}
		return nil
	}
	if _, _, err := f.builder().Build(t.Context(), 8, sources); !errors.Is(err, broken) || !strings.Contains(err.Error(), "models/") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := f.builder().Build(ctx, 9, sources); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A model too large is said to be in the store.
func TestLargeModels(t *testing.T) {
	f := newFleet(t, memstore.New())
	f.fill(3)
	sources := append(f.sources(), pack.Source{Key: "models/large", Size: 1 << 40, ModTime: f.times["models/0001.pkl"]})
	b := f.builder()
	set, stats, err := b.Build(t.Context(), 7, sources)
	if err != nil || stats.Read != 3 {
		t.Fatal(stats, err)
	}
	r, err := pack.Open(t.Context(), f.s, set.Packs, pack.Cache{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Model("models/large"); !errors.Is(err, pack.ErrNotPacked) {
		t.Error(err)
	}
	if _, stats, err := f.builder().Build(t.Context(), 7, sources); err != nil || stats != (pack.Stats{}) {
		t.Error(stats, err)
	}
}

// Models of several packs: what is large is cut.
func TestManyBytes(t *testing.T) {
	on(t, func(t *testing.T, f *fleetOf) {
		f.fill(100) // of about 130 bytes, and 80 of an entry
		b := f.builder()
		b.SetMaxData(2000)
		set, stats := f.build(b)
		f.check(set)
		if stats.Packs < 10 || stats.Packs > 13 || len(set.Packs) != stats.Packs {
			t.Errorf("%+v, %d packs", stats, len(set.Packs))
		}
		for i := range 60 {
			f.put(fmt.Sprintf("models/%04d.pkl", i), "small")
			if i%15 == 14 {
				f.later()
				set, _ = f.build(b)
				f.check(set)
			}
		}
	})
}

// Builders of several partitions and jobs, at once, never harm each other.
func TestManyBuilders(t *testing.T) {
	on(t, func(t *testing.T, f *fleetOf) {
		f.fill(60)
		all := f.sources()
		var builds sync.WaitGroup
		for i := range 8 {
			builds.Go(func() {
				b := f.builder()
				for range 5 {
					from := rand.IntN(len(all) / 2)
					mine := all[from : from+1+rand.IntN(len(all)-from)]
					set, _, err := b.Build(t.Context(), i%2, mine)
					if err != nil {
						t.Error(err)
						return
					}
					r, err := pack.Open(t.Context(), f.s, set.Packs, pack.Cache{})
					if err != nil {
						t.Error(err)
						return
					}
					n := 0
					for key := range r.Keys() {
						if data, _, err := r.Model(key); err != nil || string(data) != f.truth[key] || key != mine[n].Key {
							t.Errorf("%s: %v", key, err)
						}
						n++
					}
					if n != len(mine) {
						t.Errorf("%d models, want %d", n, len(mine))
					}
				}
			})
		}
		builds.Wait()
	})
}

// What a partition says is no more may be in another.
func TestSeveralPartitions(t *testing.T) {
	f := newFleet(t, memstore.New())
	f.fill(20)
	b := f.builder()
	all := f.sources()
	if _, _, err := b.Build(t.Context(), 1, all); err != nil {
		t.Fatal(err)
	}
	fewer, _, err := b.Build(t.Context(), 1, all[1:])
	if err != nil || len(fewer.Packs) != 2 {
		t.Fatal(fewer, err)
	}
	first, _, err := b.Build(t.Context(), 2, all[:1])
	if err != nil {
		t.Fatal(err)
	}
	f.check(pack.Set{Packs: append(fewer.Packs, first.Packs...), Models: 20})
	f.check(pack.Set{Packs: append(first.Packs, fewer.Packs...), Models: 20})
}

func TestDamagedPacks(t *testing.T) {
	f := newFleet(t, memstore.New())
	f.fill(5)
	set, _ := f.build(f.builder())
	data, err := f.s.Get(t.Context(), set.Packs[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-1] ^= 1
	f.s.Put(t.Context(), set.Packs[0], bytes.NewReader(data))
	if _, err := pack.Open(t.Context(), f.s, set.Packs, pack.Cache{}); !errors.Is(err, pack.ErrDamaged) || !strings.Contains(err.Error(), set.Packs[0]) {
		t.Error(err)
	}
	for _, key := range []string{"", "packs/p=007/x.pack", "models/0001.pkl", strings.Replace(set.Packs[0], "p=007", "p=7", 1), strings.ToUpper(set.Packs[0])} {
		if _, err := pack.Open(t.Context(), f.s, []string{key}, pack.Cache{}); err == nil {
			t.Errorf("%q is opened", key)
		}
	}
}

func TestUnsortedSources(t *testing.T) {
	b := &pack.Builder{Store: memstore.New()}
	for _, sources := range [][]pack.Source{{{Key: "b"}, {Key: "a"}}, {{Key: "a"}, {Key: "a"}}, {{Key: "../a"}}, {{Key: "a", Size: -1}}} {
		if _, _, err := b.Build(t.Context(), 0, sources); err == nil {
			t.Errorf("%v is built", sources)
		}
	}
	if set, _, err := b.Build(t.Context(), 0, nil); err != nil || len(set.Packs) != 0 {
		t.Error(set, err)
	}
}

// Sweep leaves what is in use, and not much else.
func TestSweep(t *testing.T) {
	f := newFleet(t, memstore.New())
	f.fill(100)
	b := f.builder()
	var pinned pack.Set
	for i := range 20 {
		for j := range 30 {
			f.put(fmt.Sprintf("models/%04d.pkl", j), fmt.Sprint("new ", i))
		}
		f.later()
		set, _ := f.build(b)
		if i == 10 {
			pinned = set
		}
	}
	before := count(t, f.s)
	pins := map[string]bool{}
	for _, key := range pinned.Packs {
		pins[key] = true
	}
	f.now = f.now.Add(time.Hour)
	b = f.builder() // one that remembers nothing
	n, err := b.Sweep(t.Context(), pins, f.now)
	if err != nil || count(t, f.s) != before-n || n < before/2 {
		t.Errorf("%d of %d objects were removed, %v; %d are left", n, before, err, count(t, f.s))
	}
	if _, err := pack.Open(t.Context(), f.s, pinned.Packs, pack.Cache{}); err != nil {
		t.Error(err)
	}
	set, stats := f.build(b)
	f.check(set)
	if stats != (pack.Stats{}) {
		t.Errorf("what is in use was built again: %+v", stats)
	}
}

func count(t *testing.T, s store.Store) (n int) {
	for _, err := range s.List(t.Context(), pack.Prefix) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}
